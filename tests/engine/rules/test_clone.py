"""One EPC that two tags carry."""

import msgspec

from edge.contracts.events import Alert, Closed, Event
from edge.contracts.readlog import DeviceRow, ReadRow, Row, TimeRow
from tests.engine.scenes import NOON, OTHER, TAG, lies_in_cart, run, standing, walk

HOUR = 3600.0
MINE, THEIRS = "E2801160600002040A0B0C0D", "E2801160600002040A0B0C0E"


def clones(events: list[Event]) -> list[tuple[Alert, str | None]]:
    """Return the alerts on clones, each with the reason that closed it."""
    closed = {e.of: e.reason for e in events if isinstance(e, Closed)}
    found = [e for e in standing(events) if isinstance(e, Alert) and e.rule == "clone"]
    return [(e, closed.get(e.id)) for e in found]


def with_tid(rows: list[ReadRow], tid: str) -> list[Row]:
    return [msgspec.structs.replace(row, tid=tid) for row in rows]


def in_cart_and_out(epc: str = TAG, walks: int = 3) -> list[Row]:
    """One tag lies in a cart of room 1 for an hour while another walks through room 2's door."""
    rows: list[Row] = [*lies_in_cart("c1", NOON, NOON + HOUR, epc=epc)]
    for k in range(walks):
        rows += walk("d2", NOON + 600 + 300 * k, 1 + k % 2, epc=epc)
    return rows


def test_a_tag_that_lies_in_a_cart_and_walks_elsewhere_is_two() -> None:
    [(alert, reason)] = clones(run(in_cart_and_out()))
    assert (alert.epc, alert.why["times"], reason) == (TAG, 3, None)
    assert alert.why["places"] == ["cart/c1", "doorway/d2"]
    assert alert.why["seconds"] < 0
    assert NOON + 1200 < alert.decided < NOON + 1245  # the cart's record comes up to 34 s later


def test_what_two_carts_of_two_rooms_hold_at_once_is_two() -> None:
    rows: list[Row] = []
    for cart, other in (("c1", 100), ("c2", 200)):
        for k in range(4):
            rows += lies_in_cart(cart, NOON, NOON + 900, epc=f"3414257BF4{other + k:014X}")
        rows += lies_in_cart(cart, NOON + 60, NOON + 900)
    [(alert, _)] = clones(run(rows))
    assert (alert.epc, alert.why["places"]) == (TAG, ["cart/c1", "cart/c2"])


def test_a_cart_that_hears_another_through_the_wall_tells_nothing() -> None:
    rows: list[Row] = []
    for k in range(4):
        rows += lies_in_cart("c1", NOON, NOON + 900, epc=f"3414257BF4{100 + k:014X}")
        rows += lies_in_cart("c2", NOON, NOON + 900, epc=f"3414257BF4{200 + k:014X}")
    rows += lies_in_cart("c1", NOON + 60, NOON + 900)
    rows += lies_in_cart("c2", NOON + 60, NOON + 900, rssi=-64.0)
    assert clones(run(rows)) == []


def test_a_stray_read_or_two_are_no_clone() -> None:
    assert clones(run(in_cart_and_out(walks=2))) == []


def test_it_is_told_once_however_long_it_goes_on() -> None:
    assert len(clones(run(in_cart_and_out(walks=9)))) == 1


def test_two_doors_of_one_hall_may_hear_one_tag() -> None:
    rows: list[Row] = []
    for k in range(5):
        rows += walk("d1", NOON + 300 * k, 2) + walk("d2", NOON + 300 * k + 1, 2)
    assert clones(run(rows)) == []


def test_who_walks_from_door_to_door_is_one() -> None:
    rows: list[Row] = []
    for k in range(8):
        rows += walk("d1", NOON + 100 * k, 1 + k % 2) + walk("d2", NOON + 100 * k + 8, 1 + k % 2)
    assert clones(run(rows)) == []


def test_what_several_devices_do_is_the_radio_and_closes_the_alert() -> None:
    first = run(in_cart_and_out())
    assert len(clones(first)) == 1
    both = run([*in_cart_and_out(), *in_cart_and_out(OTHER)])
    assert clones(both) == []
    later = [
        msgspec.structs.replace(r, rx=r.rx + 2000, t=r.t + 2000) for r in in_cart_and_out(OTHER)
    ]
    [(_, reason)] = clones(run([*in_cart_and_out(), *later]))
    assert reason == "readers overlap"


def test_it_closes_itself_when_a_week_has_shown_no_more() -> None:
    days = [TimeRow(rx=NOON + k * 6 * HOUR) for k in range(1, 33)]
    [(_, reason)] = clones(run([*in_cart_and_out(), *days]))
    assert reason == "no more"


def test_reads_that_come_late_prove_nothing() -> None:
    rows = [
        msgspec.structs.replace(r, rx=r.rx + 2 * HOUR) if r.gateway == "gw-d2" else r
        for r in in_cart_and_out()
        if isinstance(r, ReadRow)
    ]
    assert clones(run(rows)) == []


def test_another_tid_than_the_record_says_is_a_clone_at_once() -> None:
    record = DeviceRow(rx=NOON, epc=TAG, tid=MINE)
    rows: list[Row] = [record, *with_tid(walk("d1", NOON + 10, 1), MINE)]
    assert clones(run(rows)) == []
    [(alert, _)] = clones(run([*rows, *with_tid(walk("d2", NOON + 60, 1), THEIRS)]))
    assert alert.why == {"place": "doorway/d2", "tid": THEIRS, "expected": MINE}
    assert alert.decided < NOON + 62


def test_without_a_record_two_tids_of_one_epc_are_a_clone() -> None:
    rows = with_tid(walk("d1", NOON, 1), MINE) + with_tid(walk("d2", NOON + 60, 1), THEIRS)
    assert len(clones(run(rows))) == 1


def test_a_new_record_says_which_tag_is_the_right_one() -> None:
    rows: list[Row] = [DeviceRow(rx=NOON, epc=TAG, tid=MINE)]
    rows += with_tid(walk("d1", NOON + 10, 1), THEIRS)
    rows += [DeviceRow(rx=NOON + 100, epc=TAG, tid=THEIRS)]
    rows += with_tid(walk("d1", NOON + 200, 1), THEIRS)
    [(_, reason)] = clones(run(rows))
    assert reason == "tag replaced"
