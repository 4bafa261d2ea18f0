"""What a card says, in every state a cart can be in."""

import re
from zoneinfo import ZoneInfo

import pytest

from edge.api.words.carts import card, summary
from tests.api.fake_agent import NOW, a_cart, away, unreadable

ZONE = ZoneInfo("America/Denver")  # NOW is 07:42 there


def said(view, *, with_places=True):
    made = card(view, NOW, ZONE, with_places=with_places)
    return re.sub(r"</?b>", "", made.sentence)


def test_all_are_back():
    assert said(a_cart()) == "All 30 are here."


def test_the_missing_are_named_by_number_in_counting_order():
    view = a_cart(missing=[away("22"), away("7"), away("14")])
    assert said(view, with_places=False) == "3 not here: 7, 14 and 22."


def test_numbers_in_a_row_are_drawn_together():
    view = a_cart(missing=[away(str(n)) for n in (3, 4, 5, 6, 9, 10)])
    assert said(view, with_places=False) == "6 not here: 3 to 6, 9 and 10."


def test_places_are_said_once_each_and_the_unknown_last():
    view = a_cart(missing=[away("7", None, NOW - 1500), away("14", "r204"), away("22", "r204")])
    assert said(view) == "3 not here: 14 and 22, last seen in Room 204; 7, not seen since 07:17."


def test_a_single_device_has_its_time_and_one_never_seen_says_so():
    view = a_cart(missing=[away("14", "r204"), away("9", None, None)])
    assert said(view) == "2 not here: 14, last seen in Room 204 at 07:37; 9, not seen yet."


def test_an_empty_cart_counts_and_does_not_list_a_whole_class():
    view = a_cart(missing=[away(str(n), "r204") for n in range(1, 31)])
    assert said(view) == "All 30 are out, last seen in Room 204."
    assert said(view, with_places=False) == "All 30 are out."


def test_an_empty_cart_lists_the_few_that_went_elsewhere():
    view = a_cart(
        missing=[away(str(n), "r204") for n in range(1, 29)] + [away("29", "r7"), away("30", "r7")]
    )
    assert said(view) == (
        "All 30 are out: 28, last seen in Room 204; 29 and 30, last seen in Room 7."
    )


def test_unsure_says_likely():
    view = a_cart(state="unsure", missing=[away("3", "r105")])
    assert said(view, with_places=False) == "1 likely not here: 3."
    assert card(view, NOW, ZONE, with_places=True).mark == "Likely"


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("offline", "Its reader has been offline since 07:22. Check that the cart is plugged in."),
        ("silent", "No news since 07:22. Check the network near the cart."),
        ("not looking", "Its reader is on, but has not looked since 07:22. Tell the technician."),
    ],
)
def test_a_cart_that_cannot_be_read_says_since_when_and_what_to_do(reason, says):
    view = unreadable(reason=reason)
    made = card(view, NOW, ZONE, with_places=True)
    assert made.sentence == says
    assert made.words == "Cannot be read"
    assert made.here is None


def test_a_cart_that_has_just_started_says_that_it_counts():
    made = card(unreadable(reason="counting"), NOW, ZONE, with_places=True)
    assert made.sentence == "Its reader has just started and is still counting."
    assert made.here is None


def test_a_cart_that_was_never_heard_claims_no_time():
    made = card(unreadable(reason="never heard", updated=None), NOW, ZONE, with_places=True)
    assert made.sentence.startswith("Its reader has not been heard yet.")
    assert made.age == "no reading yet"


def test_a_cart_without_devices_says_what_to_do():
    made = card(a_cart(expected=0), NOW, ZONE, with_places=True)
    assert made.words == "No devices"
    assert "Import" in made.sentence


def test_a_label_cannot_bring_markup_along():
    view = a_cart(missing=[away("14", "r204", name="<script>")], extra=["<b>x"])
    made = card(view, NOW, ZONE, with_places=True)
    assert "<script>" not in made.sentence and "&lt;script&gt;" in made.sentence
    assert "&lt;b&gt;x" in made.extra


@pytest.mark.parametrize(
    ("views", "says"),
    [
        ([a_cart("c1"), a_cart("c2")], "All 2 carts are complete."),
        (
            [a_cart("c1"), a_cart("c2", missing=[away("1")]), unreadable("c3")],
            "1 of 3 carts complete, 1 device not here, 1 cart cannot be read.",
        ),
        ([a_cart(expected=0)], "No cart has devices of its own yet."),
    ],
)
def test_the_summary_counts_carts_and_devices(views, says):
    assert summary([card(view, NOW, ZONE, with_places=True) for view in views]) == says
