"""Antennas that are plugged in the wrong way round."""

import pickle
from collections.abc import Iterable
from random import Random

from edge.agent.engine import Engine
from edge.contracts.events import Alert, Closed, Event
from edge.contracts.readlog import ReadRow, SchoolRow
from tests.engine.scenes import NOON, SCHOOL_TEXT, crossings, numbered, run, school, walk

EPCS = [f"3414257BF40000000000{k:04X}" for k in range(1, 6)]
TURN_S = 240.0  # from one device's round to the next one's


def rounds(first: int, count: int, exchanged: str = "", devices: int = 5) -> list[ReadRow]:
    """Carry a device from room 2 to room 1 and back, one after the other.

    The antennas of the doorway `exchanged` are plugged in the wrong way round.
    """
    rows = []
    for k in range(first, first + count):
        at, epc = NOON + k * TURN_S, EPCS[k % devices]
        rows += walk("d2", at, 1, epc=epc) + walk("d1", at + 10, 2, epc=epc)
        rows += walk("d1", at + 100, 1, epc=epc) + walk("d2", at + 110, 2, epc=epc)
    return [other_plug(row) if row.gateway == f"gw-{exchanged}" else row for row in rows]


def other_plug(row: ReadRow) -> ReadRow:
    return moved(row, antenna=3 - row.antenna)


def moved(row: ReadRow, antenna: int | None = None, rx: float | None = None) -> ReadRow:
    return ReadRow(
        rx=row.rx if rx is None else rx,
        t=row.t,
        gateway=row.gateway,
        antenna=row.antenna if antenna is None else antenna,
        epc=row.epc,
        rssi=row.rssi,
    )


def alerts(events: Iterable[Event]) -> list[tuple[str | None, str | None]]:
    """Return the doorways of which an alert was raised, and what closed it."""
    events = list(events)
    closed = {e.of: e.reason for e in events if isinstance(e, Closed)}
    return [
        (e.doorway, closed.get(e.id))
        for e in events
        if isinstance(e, Alert) and e.rule == "exchanged-antennas"
    ]


TO_AND_FRO = [
    ("d2", "r2", "hall"),
    ("d1", "hall", "r1"),
    ("d1", "r1", "hall"),
    ("d2", "hall", "r2"),
]


def test_a_doorway_wired_as_the_school_file_says_raises_nothing() -> None:
    events = run(rounds(0, 8))
    assert alerts(events) == []
    assert crossings(events) == 8 * TO_AND_FRO


def test_an_exchanged_doorway_is_told_once_and_its_crossings_are_mended_from_the_first_on() -> None:
    events = run(rounds(0, 8, exchanged="d1"))
    assert alerts(events) == [("d1", None)]
    assert crossings(events) == 8 * TO_AND_FRO


def test_the_alert_says_how_many_passes_of_how_many_devices_tell_it() -> None:
    [alert] = [e for e in run(rounds(0, 8, exchanged="d1")) if isinstance(e, Alert)]
    assert (alert.gateway, alert.t) == ("gw-d1", NOON + 8.54)
    assert alert.why == {"antennas": [1, 2], "passes": 6, "devices": 3}


def test_one_device_alone_does_not_tell_how_a_doorway_is_wired() -> None:
    assert alerts(run(rounds(0, 8, exchanged="d1", devices=1))) == []


def test_a_few_odd_passes_do_not_tell_it_either() -> None:
    assert alerts(run([*rounds(0, 6), *rounds(6, 1, exchanged="d1"), *rounds(7, 6)])) == []


def test_the_alert_closes_itself_when_the_plugs_are_put_right() -> None:
    events = run([*rounds(0, 8, exchanged="d1"), *rounds(8, 8)])
    assert alerts(events) == [("d1", "wired as the school file says")]
    assert crossings(events) == 16 * TO_AND_FRO


def test_the_alert_closes_when_the_school_file_says_how_they_are_wired() -> None:
    wired = SCHOOL_TEXT.replace('{ 1 = "hall", 2 = "r1" }', '{ 1 = "r1", 2 = "hall" }')
    rows = [
        *rounds(0, 8, exchanged="d1"),
        SchoolRow(rx=NOON + 8 * TURN_S - 60, text=wired),
        *rounds(8, 8, exchanged="d1"),
    ]
    events = run(rows)
    assert alerts(events) == [("d1", "removed")]
    assert crossings(events)[-32:] == 8 * TO_AND_FRO


def test_what_is_thought_of_the_wiring_does_not_hang_on_the_order_of_arrival() -> None:
    rows = [*rounds(0, 6, exchanged="d1"), *rounds(6, 6)]
    rng = Random(1)
    late = [moved(row, rx=row.rx + rng.uniform(0, 44)) for row in rows]
    assert alerts(run(late)) == alerts(run(rows)) == [("d1", "wired as the school file says")]
    assert crossings(run(late)) == crossings(run(rows)) == 12 * TO_AND_FRO


def test_a_restart_from_a_snapshot_changes_nothing_of_it() -> None:
    rows = numbered(rounds(0, 7, exchanged="d1"))
    whole = run(rows)
    for cut in range(0, len(rows), 61):
        engine = Engine(school())
        events = [event for row in rows[:cut] for event in engine.feed(row)]
        engine = pickle.loads(pickle.dumps(engine))
        events += [event for row in rows[cut:] for event in engine.feed(row)]
        assert events + engine.flush() == whole
