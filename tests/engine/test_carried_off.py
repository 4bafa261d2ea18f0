"""A tag that a doorway hears is no longer in its cart, and one that none hears may still be."""

from edge.contracts.events import Docked, Event, Undocked
from edge.contracts.readlog import LooksRow, ReadRow, Row
from tests.engine.scenes import NOON, OTHER, TAG, lies_in_cart, looks, run, seen, standing, walk

LOOKS: list[LooksRow] = looks("gw-c1", NOON, NOON + 400)


def lies_in_a_full_cart(end: float, epc: str = TAG) -> list[Row]:
    """Answer once a second, and fall silent at `end`: 8 s of silence are reported."""
    rows: list[Row] = []
    t = NOON
    while t < end:
        span = min(29.0, end - t)
        rows.append(ReadRow(rx=t + span + 4, t=t, gateway="gw-c1", antenna=1, epc=epc, span=span,
                            n=int(span) + 1))  # fmt: skip
        t += 30
    rows.append(ReadRow(rx=end + 9, t=end, gateway="gw-c1", antenna=1, epc=epc, n=0, span=8.0))
    return rows


def said(events: list[Event], epc: str = TAG) -> list[tuple[str, float, float]]:
    """Kind, moment and delay of what stands of a tag's stays in carts."""
    return [
        (type(e).__name__.lower(), round(e.t - NOON), e.decided - e.t)
        for e in standing(events)
        if isinstance(e, Docked | Undocked) and e.epc == epc
    ]


def test_a_lone_tag_that_falls_silent_and_is_heard_at_a_door_is_out_within_twenty_seconds() -> None:
    rows = [*LOOKS, *lies_in_a_full_cart(NOON + 200), *walk("d1", NOON + 210, 1)]
    (docked, out) = said(run(rows))
    assert (docked[0], out[:2]) == ("docked", ("undocked", 200))
    assert out[2] < 20


def test_a_lone_tag_that_falls_silent_and_is_heard_nowhere_is_waited_for() -> None:
    (_, out) = said(run([*LOOKS, *lies_in_a_full_cart(NOON + 200)]))
    assert out[2] >= 44


def test_a_door_that_hears_the_cart_through_the_wall_carries_nobody_off() -> None:
    through = seen("gw-d1", 2, (NOON + 20 * k for k in range(3, 14)), rssi=-70)
    (_, out) = said(run([*LOOKS, *lies_in_a_full_cart(NOON + 200), *through]))
    assert out[2] >= 44


def taken_out_again(others_answer_until: float) -> list[Row]:
    """Two are put in, one of them through a door 15 s later; its gateway never called it still."""
    answers = lies_in_cart("c1", NOON, NOON + 9, epc=TAG)
    stays = lies_in_cart("c1", NOON, NOON + others_answer_until, epc=OTHER)
    return [*answers, *stays, *walk("d1", NOON + 15, 1)]


def test_a_tag_that_crossed_a_door_is_out_while_its_cart_goes_on_hearing_others() -> None:
    (_, out) = said(run([*LOOKS, *taken_out_again(200)]))
    assert (out[0], out[1]) == ("undocked", 10)
    assert out[2] < 40  # the other's record, by which the cart is known to hear, comes by then


def test_what_crosses_a_door_in_a_cart_that_hears_nobody_any_more_stays_in_it() -> None:
    rows = [*looks("gw-c1", NOON, NOON + 10), *taken_out_again(9)]
    rows += seen("gw-d2", 1, [NOON + 300], epc=f"{TAG[:-2]}77")
    assert [kind for kind, _, _ in said(run(rows))] == ["docked"]


def leaves_a_dead_slot_alone(carried_off: bool) -> list[Row]:
    """One in a dead slot answers once a minute; the five others leave, through a door or not."""
    rows: list[Row] = list(looks("gw-c1", NOON, NOON + 1400))
    rows += seen("gw-c1", 1, (NOON + 35 + 60 * k for k in range(12)), rssi=-69)
    for k in range(10, 15):
        epc = f"{TAG[:-2]}{k}"
        rows += lies_in_a_full_cart(NOON + 700 + k, epc)
        if carried_off:
            rows += walk("d1", NOON + 715 + k, 1, epc=epc)
    return rows


def test_who_is_in_a_dead_slot_and_went_through_no_door_stays_when_others_are_carried_off() -> None:
    assert [kind for kind, _, _ in said(run(leaves_a_dead_slot_alone(True)))] == ["docked"]
    alone = said(run(leaves_a_dead_slot_alone(False)))
    assert [kind for kind, _, _ in alone] == ["docked", "undocked"]
