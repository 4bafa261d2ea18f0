"""Who lies in a cart."""

from collections.abc import Iterable

from edge.agent.engine import Engine
from edge.contracts.events import Docked, Event, Retracted, Undocked
from edge.contracts.readlog import GatewayRow, ReadRow, Row
from edge.contracts.school_file import parse_school
from tests.engine.scenes import (
    NOON,
    OTHER,
    SCHOOL_TEXT,
    TAG,
    fell_silent,
    lies_in_cart,
    looks,
    numbered,
    record,
    run,
    seen,
    standing,
    walk,
)


def carts(events: Iterable[Event]) -> list[tuple[str, str, float]]:
    return [
        (type(e).__name__.lower(), e.cart, e.t)
        for e in standing(events)
        if isinstance(e, Docked | Undocked)
    ]


def test_a_tag_put_into_a_cart_is_in_within_ten_seconds() -> None:
    events = run(lies_in_cart("c1", NOON, NOON + 100) + looks("gw-c1", NOON, NOON + 110))
    docked = next(e for e in events if isinstance(e, Docked))
    assert (docked.cart, docked.t) == ("c1", NOON)
    assert docked.decided - NOON < 10
    assert len(carts(events)) == 1
    assert record(events)[-1][1] == "r1"


def test_a_tag_that_fell_silent_is_out_within_twenty_seconds() -> None:
    rows = [*lies_in_cart("c1", NOON, NOON + 70), fell_silent("c1", NOON + 70)]
    events = run(rows + looks("gw-c1", NOON, NOON + 110))
    out = next(e for e in events if isinstance(e, Undocked))
    assert out.t == NOON + 70
    assert out.decided - out.t < 20


def falls_silent_though_slow(tags: int) -> list[Row]:
    """Tags that answer once a second, as in a full cart, end within 5 s of each other."""
    rows: list[Row] = list(looks("gw-c1", NOON, NOON + 400))
    for k in range(tags):
        epc = f"{TAG[:-2]}{k:02X}"
        rows += [
            ReadRow(rx=t + 34, t=t, gateway="gw-c1", antenna=1, epc=epc, n=30, span=29.0)
            for t in (NOON + 30 * m for m in range(8))
        ]
        last = NOON + 239 + k
        rows.append(
            ReadRow(rx=last + 10, t=last, gateway="gw-c1", antenna=1, epc=epc, n=0, span=8.0)
        )
    return rows


def test_one_of_a_full_cart_that_falls_silent_is_waited_for_until_its_record_could_come() -> None:
    out = [e for e in run(falls_silent_though_slow(1)) if isinstance(e, Undocked)]
    assert len(out) == 1
    assert 44 <= out[0].decided - out[0].t < 47


def test_those_of_a_full_cart_that_fall_silent_together_are_out_within_twenty_seconds() -> None:
    out = [e for e in run(falls_silent_though_slow(4)) if isinstance(e, Undocked)]
    assert len(out) == 4
    assert max(e.decided - e.t for e in out) < 20


def test_a_slot_that_is_seldom_heard_is_learnt_and_its_silences_mean_little() -> None:
    loud = lies_in_cart("c1", NOON, NOON + 1600, epc=OTHER)
    quiet = seen("gw-c1", 1, (NOON + 20 + 75 * k for k in range(12)), rssi=-69)
    after_ten_minutes = seen("gw-c1", 1, [NOON + 1445], rssi=-69)
    events = run(loud + quiet + after_ten_minutes + looks("gw-c1", NOON, NOON + 1600))
    docked = next(e for e in events if isinstance(e, Docked) and e.epc == TAG)
    assert docked.decided - NOON < 300
    assert [kind for kind, _, _ in carts(e for e in events if getattr(e, "epc", "") == TAG)] == [
        "docked"
    ]


def test_silence_while_looking_ends_a_stay_but_not_before_a_still_tags_record_can_come() -> None:
    rows = lies_in_cart("c1", NOON, NOON + 70) + looks("gw-c1", NOON, NOON + 300)
    out = [e for e in run(rows) if isinstance(e, Undocked)]
    assert len(out) == 1
    assert 105 < out[0].decided - NOON < 140


def test_a_log_without_looks_counts_as_looking_all_the_time() -> None:
    rows = lies_in_cart("c1", NOON, NOON + 70) + seen("gw-d2", 1, [NOON + 400], epc=OTHER)
    assert [kind for kind, _, _ in carts(run(rows))] == ["docked", "undocked"]
    assert [kind for kind, _, _ in carts(run(lies_in_cart("c1", NOON, NOON + 70)))] == ["docked"]


def test_a_gateway_that_does_not_look_says_nothing_by_its_silence() -> None:
    deaf = looks("gw-c1", NOON + 75, NOON + 600, rounds=0)
    rows = lies_in_cart("c1", NOON, NOON + 70) + looks("gw-c1", NOON, NOON + 70) + deaf
    assert [kind for kind, _, _ in carts(run(rows))] == ["docked"]


def test_an_offline_gateway_says_nothing_and_the_stay_goes_on_when_it_is_back() -> None:
    rows = [
        *lies_in_cart("c1", NOON, NOON + 70),
        *looks("gw-c1", NOON, NOON + 75),
        GatewayRow(rx=NOON + 76, gateway="gw-c1", online=False),
        *seen("gw-d2", 1, [NOON + 1000], epc=OTHER),
        GatewayRow(rx=NOON + 3600, gateway="gw-c1", online=True),
        *looks("gw-c1", NOON + 3600, NOON + 3700),
        *lies_in_cart("c1", NOON + 3605, NOON + 3660),
    ]
    assert carts(run(rows)) == [("docked", "c1", NOON)]


def test_a_tag_that_answers_again_soon_was_never_away() -> None:
    rows = [
        *lies_in_cart("c1", NOON, NOON + 70),
        fell_silent("c1", NOON + 70),
        ReadRow(rx=NOON + 110, t=NOON + 82, gateway="gw-c1", antenna=1, epc=TAG, n=20, span=25.0),
    ]
    events = run(rows + looks("gw-c1", NOON, NOON + 120))
    assert any(isinstance(e, Retracted) for e in events)
    assert carts(events) == [("docked", "c1", NOON)]


def test_a_tag_carried_past_a_cart_is_not_in_it() -> None:
    rows = seen("gw-c1", 1, [NOON, NOON + 0.5, NOON + 1.0, NOON + 1.5, NOON + 2.0], rssi=-60)
    assert carts(run(rows + looks("gw-c1", NOON, NOON + 60))) == []


def test_a_tag_that_only_stands_near_is_much_weaker_than_those_inside() -> None:
    inside = lies_in_cart("c1", NOON, NOON + 100)
    near = seen("gw-c1", 1, (NOON + 20 + k * 0.5 for k in range(60)), rssi=-71, epc=OTHER)
    events = run(inside + near + looks("gw-c1", NOON, NOON + 120))
    assert {e.epc for e in events if isinstance(e, Docked)} == {TAG}


def test_a_tag_in_one_cart_heard_by_the_next_lies_in_the_one_that_hears_it_better() -> None:
    rows = lies_in_cart("c1", NOON, NOON + 100) + lies_in_cart("c2", NOON + 1, NOON + 100, rssi=-68)
    assert carts(run(rows)) == [("docked", "c1", NOON)]


def test_a_cart_answers_for_the_room_even_when_the_door_missed_the_tag() -> None:
    rows = walk("d2", NOON, 2) + lies_in_cart("c1", NOON + 1000, NOON + 1100)
    assert [room for _, room in record(run(rows))][-3:] == ["r2", "hall", "r1"]


def test_what_lies_in_a_rolled_cart_changes_rooms_when_its_cart_does() -> None:
    own_tag = "3414257BF400000000000C01"
    text = SCHOOL_TEXT.replace("[carts.c1]", f'[carts.c1]\nepc = "{own_tag}"')
    rows: list[Row] = [
        *lies_in_cart("c1", NOON, NOON + 390),
        GatewayRow(rx=NOON + 395, gateway="gw-c1", online=False),
        *walk("d1", NOON + 400, 1, epc=own_tag),
        *walk("d2", NOON + 900, 2, epc=own_tag),
    ]
    engine = Engine(parse_school(text))
    events = [event for row in numbered(rows) for event in engine.feed(row)] + engine.flush()
    rolled = record(events, own_tag)[-2:]
    assert [room for _, room in rolled] == ["hall", "r2"]
    assert record(events, TAG)[-2:] == rolled
