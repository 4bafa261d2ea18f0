"""Alerts on devices that leave the building."""

from edge.contracts.events import Alert, Closed, Event, Retracted
from edge.contracts.readlog import CalendarRow, LoanRow, ReadRow, Row
from tests.engine.scenes import NOON, OTHER, TAG, crossings, run, seen, standing, walk


def alerts(events: list[Event]) -> list[Alert]:
    return [e for e in events if isinstance(e, Alert)]


def late(rows: list[ReadRow], rx: float) -> list[Row]:
    """The same reads, delivered at `rx` after an outage."""
    return [
        ReadRow(
            rx=rx + k * 0.01,
            t=r.t,
            gateway=r.gateway,
            antenna=r.antenna,
            epc=r.epc,
            rssi=r.rssi,
        )
        for k, r in enumerate(rows)
    ]


def test_leaving_the_building_raises_one_alert_soon() -> None:
    events = run(walk("d1", NOON, 1) + walk("front", NOON + 20, 2))
    (alert,) = alerts(events)
    assert (alert.rule, alert.epc, alert.doorway, alert.late) == (
        "left-building",
        TAG,
        "front",
        False,
    )
    assert alert.decided - (NOON + 20) <= 8


def test_coming_in_raises_none() -> None:
    assert alerts(run(walk("front", NOON, 1))) == []


def test_a_return_closes_the_alert() -> None:
    events = run(walk("front", NOON, 2) + walk("front", NOON + 300, 1))
    (alert,) = alerts(events)
    (closed,) = [e for e in events if isinstance(e, Closed)]
    assert (closed.of, closed.reason) == (alert.id, "returned")
    assert abs(closed.t - (NOON + 300)) < 0.5


def test_being_seen_at_a_door_inside_is_a_return_too() -> None:
    events = run(walk("front", NOON, 2) + walk("d1", NOON + 900, 2))
    assert [e.reason for e in events if isinstance(e, Closed)] == ["returned"]


def test_an_open_loan_allows_it_and_an_ended_one_does_not() -> None:
    loan = LoanRow(rx=NOON - 100, epc=TAG, start=NOON - 100, due=NOON + 9000)
    assert alerts(run([loan, *walk("front", NOON, 2)])) == []
    ended = LoanRow(rx=NOON - 50, epc=TAG, start=NOON - 100, due=NOON + 9000, ended=NOON - 50)
    assert len(alerts(run([loan, ended, *walk("front", NOON, 2)]))) == 1


def test_the_calendar_allows_it_for_its_time_and_its_devices() -> None:
    def with_entry(start: float, until: float, epcs: list[str] | None) -> list[Alert]:
        entry = CalendarRow(rx=NOON - 100, start=start, until=until, epcs=epcs)
        return alerts(run([entry, *walk("front", NOON, 2)]))

    assert with_entry(NOON - 60, NOON + 60, None) == []
    assert with_entry(NOON - 60, NOON + 60, [TAG]) == []
    assert len(with_entry(NOON - 60, NOON + 60, [OTHER])) == 1
    assert len(with_entry(NOON - 60, NOON - 30, None)) == 1


def test_a_loan_written_down_afterwards_closes_the_alert() -> None:
    loan = LoanRow(rx=NOON + 60, epc=TAG, start=NOON - 10, due=None)
    events = run([*walk("front", NOON, 2), loan])
    assert [e.reason for e in events if isinstance(e, Closed)] == ["allowed"]


def test_an_exit_known_an_hour_late_says_so() -> None:
    rows = [*seen("gw-d1", 2, [NOON - 60]), *late(walk("front", NOON, 2), NOON + 3600)]
    (alert,) = alerts(standing(run(rows)))
    assert alert.late


def test_an_exit_known_late_of_a_device_that_is_back_raises_none() -> None:
    rows = [
        *walk("d1", NOON - 60, 1),
        *walk("front", NOON + 1800, 1),
        *late(walk("front", NOON, 2), NOON + 3600),
    ]
    events = run(rows)
    assert alerts(standing(events)) == []
    assert ("front", "hall", "outside") in crossings(events)


def test_no_hour_old_read_raises_an_alert_that_is_not_late() -> None:
    day = [*walk("d1", NOON, 2), *walk("d1", NOON + 600, 1), *walk("front", NOON + 620, 2)]
    events = run([*seen("gw-d2", 1, [NOON], epc=OTHER), *late(day, NOON + 4000)])
    assert all(alert.late for alert in alerts(events))


def test_an_alert_is_taken_back_with_its_crossing() -> None:
    """Reads delivered 20 s late show that the tag turned round in the doorway."""
    out = walk("front", NOON, 2)
    seen_inside = [
        *seen("gw-front", 1, (NOON + 1 + k * 0.2 for k in range(25)), rssi=-42),
    ]
    behind = late(seen_inside, NOON + 25)
    events = run(out + behind)
    (alert,) = alerts(events)
    assert alert.id in {e.of for e in events if isinstance(e, Retracted)}


def test_a_crossing_that_is_only_moved_keeps_its_alert() -> None:
    out = walk("front", NOON, 2)
    events = run(out[:-3] + late(out[-3:], NOON + 30))
    assert len(alerts(events)) == 1
    assert alerts(standing(events)) == alerts(events)
