"""The cart page as the server draws it: whole without a script, small, and honest."""

import gzip
import re

import pytest

from edge.api.app import create_app
from tests.api.asking import ELSEWHERE, ask
from tests.api.fake_agent import NOW, FakeAgent, a_cart, away, unreadable

BUDGET_BYTES = 60_000  # gzipped, page and all that it loads
CART_FILES = (
    "/static/rollcall.css",
    "/static/dark.css",
    "/static/carts.css",
    "/static/carts.js",
    "/static/stream.js",
    "/static/patch.js",
    "/static/ages.js",
    "/static/announce.js",
    "/static/page.js",
    "/static/here.js",
    "/static/icon.svg",
)


def page_of(*carts, path="/", **how):
    answer = ask(create_app(FakeAgent(*carts), clock=lambda: NOW), path, **how)
    assert answer.status_code == 200
    return answer.text


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_the_count_the_missing_and_the_age_stand_in_the_page_itself():
    text = text_of(page_of(a_cart(missing=[away("14", "r204"), away("7", "r204")])))
    assert "28 of 30" in text
    assert "2 not here: 7 and 14, last seen in Room 204." in text
    assert "updated 4 s ago" in text


def test_a_cart_that_cannot_be_read_is_never_drawn_as_a_count():
    html = page_of(unreadable())
    text = text_of(html)
    assert "Cannot be read" in text
    assert "has been offline since 07:22" in text
    assert "of 30" not in text and "<rect" not in html


def test_the_board_sees_numbers_and_no_places():
    text = text_of(page_of(a_cart(missing=[away("14", "r204")]), client=ELSEWHERE))
    assert "1 not here: 14." in text
    assert "Room 204" not in text and "07:37" not in text


def test_without_a_script_the_page_renews_itself():
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page_of(a_cart())


def test_no_script_or_style_is_inline_and_nothing_comes_from_elsewhere():
    html = page_of(a_cart(missing=[away("14")]), unreadable("c4"))
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert "<style" not in html and " style=" not in html and "onclick" not in html
    assert not re.search(r'(src|href)="(https?:)?//', html)


def test_a_kiosk_has_no_links_to_other_pages():
    assert "<nav" in page_of(a_cart())
    assert "<nav" not in page_of(a_cart(), path="/?kiosk")


def test_only_pages_one_may_see_are_linked():
    assert "/gateways" in page_of(a_cart())
    assert "/gateways" not in page_of(a_cart(), client=ELSEWHERE)


def test_a_school_without_carts_says_what_to_do():
    assert "school.toml" in page_of()


def test_names_cannot_bring_markup_along():
    html = page_of(a_cart(name="<img src=x>", room_name="<b>"))
    assert "<img src=x>" not in html and "&lt;img src=x&gt;" in html


def test_the_cart_page_stays_small_with_a_whole_schools_carts():
    app = create_app(FakeAgent(*(a_cart(f"c{n}", missing=[away("7")]) for n in range(40))))
    page = ask(app, "/").text
    referenced = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert referenced <= set(CART_FILES)
    total = sum(len(gzip.compress(ask(app, f).content)) for f in CART_FILES)
    assert total + len(gzip.compress(page.encode())) < BUDGET_BYTES


@pytest.mark.parametrize("path", ["/", "/devices", "/alerts", "/gateways", "/carts/c3", "/map"])
def test_pages_name_their_language_and_have_one_heading(path):
    html = page_of(a_cart(), path=path)
    assert '<html lang="en"' in html
    assert html.count("<h1") == 1
