"""A cart's own page: number by number."""

import re

from edge.contracts.events import Undocked
from tests.api.asking import ELSEWHERE
from tests.api.fake_agent import NOW, FakeAgent, a_cart, a_device, away, unreadable
from tests.api.pages.asking_pages import html_of, said_by

HERE = {"in_cart": "c3", "in_cart_confidence": 0.99}


def cart_with(view, *devices):
    agent = FakeAgent(view)
    agent.queries.all_devices = list(devices)
    return agent


def test_every_number_says_whether_it_is_here_in_counting_order():
    agent = cart_with(
        a_cart(expected=3, missing=[away("14", "r204")]),
        a_device(14),
        a_device(10, **HERE),
        a_device(2, **HERE),
        a_device(1, cart="c4", **HERE),
    )
    text = said_by(agent, "/carts/c3")
    assert "2 of 3" in text
    assert "2 here 10 here 14 in r204 1 here, from elsewhere" in text


def test_a_cart_that_cannot_be_read_claims_nothing_of_any_number():
    html = html_of(cart_with(unreadable(), a_device(14), a_device(15, **HERE)), "/carts/c3")
    assert html.count('class="slot unknown"') == 2
    assert 'class="slot here"' not in html and 'class="slot gone"' not in html


def test_the_board_sees_numbers_and_neither_places_nor_links():
    agent = cart_with(a_cart(missing=[away("14", "r204")]), a_device(14))
    html = html_of(agent, "/carts/c3", client=ELSEWHERE)
    assert re.search(r"<b>14</b><span>not here</span>", html)
    assert "204" not in html and "/devices/" not in html


def test_a_cart_that_is_not_there_is_a_page_that_says_so():
    text = said_by(FakeAgent(), "/carts/c9", status=404, headers={"accept": "text/html"})
    assert "There is no cart &#34;c9&#34; in the school file." in text


def test_the_day_is_told_to_those_who_may_see_places():
    agent = cart_with(a_cart(missing=[away("14", "r204")]), a_device(14), a_device(15, **HERE))
    agent.queries.docked = [Undocked("1.0", NOW - 60, NOW, a_device(14).epc, "c3", 0.99)]
    assert "Between 1 and 2 today" in said_by(agent, "/carts/c3")
    assert "1 was taken: 14" in said_by(agent, "/carts/c3")
    assert "was taken" not in said_by(agent, "/carts/c3", client=ELSEWHERE)


def test_the_card_to_print_bears_the_carts_address():
    agent = cart_with(a_cart())
    html = html_of(agent, "/carts/c3/card", client=ELSEWHERE, host="rollcall.local")
    assert "<code>http://rollcall.local/carts/c3</code>" in html
    assert "<svg" in html.partition('class="qr"')[2]


def test_a_card_that_no_phone_could_follow_says_so():
    assert "a phone cannot open it" in said_by(cart_with(a_cart()), "/carts/c3/card")
