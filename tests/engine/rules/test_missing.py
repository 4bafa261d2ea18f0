"""Devices of which there was no sign for school days."""

import pickle

from edge.agent.engine import Engine
from edge.contracts.devices import Device
from edge.contracts.events import Alert
from edge.contracts.readlog import CalendarRow, GatewayRow, LoanRow, Row
from edge.contracts.school_file import parse_school
from tests.engine.scenes import OTHER, SCHOOL_TEXT, TAG, lies_in_cart, numbered, walk
from tests.engine.weeks import BELLS, MINE, alerts, at, hours, told

SEEN = walk("d1", at(14, "10:00"), 2)  # Monday


def others(door: str, *days: int) -> list[Row]:
    """Somebody else goes through a door at noon of these days."""
    return [row for day in days for row in walk(door, at(day, "12:00"), 2, epc=OTHER)]


def calendar_for(epc: str) -> CalendarRow:
    return CalendarRow(rx=at(14, "06:00"), start=at(14, "06:00"), until=at(30, "06:00"), epcs=[epc])


SCHOOL_DAYS = (14, 15, 16, 17, 18, 22)
NEXT_WEEK = [*SEEN, *hours(at(14, "10:15"), at(22, "16:00")), *others("d1", *SCHOOL_DAYS)]


def test_a_device_without_a_sign_for_five_school_days_is_told_at_the_end_of_the_fifth() -> None:
    [(alert, reason)] = alerts(told(NEXT_WEEK), "missing")
    assert (alert.epc, alert.decided, reason) == (TAG, at(18, "15:00"), None)
    assert alert.why["school_days"] == 5
    assert alert.why["room"] == "r1"
    assert abs(alert.t - at(14, "10:00")) < 5


def test_weekends_and_closed_days_are_no_school_days() -> None:
    rows = [*walk("d1", at(17, "10:00"), 2), *hours(at(17, "10:15"), at(24, "16:00"))]
    rows += others("d1", 17, 18, 19, 20, 21, 22, 23, 24)
    [(alert, _)] = alerts(told(rows), "missing")
    assert alert.decided == at(24, "15:00")  # Thursday, Friday, then Tuesday to Thursday


def test_it_closes_itself_when_the_device_is_seen_again_and_comes_again_as_a_new_one() -> None:
    rows = [*NEXT_WEEK, *walk("d1", at(22, "16:30"), 1)]
    rows += [*hours(at(22, "16:45"), at(29, "16:00")), *others("d1", 23, 24, 25, 28, 29)]
    said = alerts(told(rows), "missing")
    assert [reason for _, reason in said] == ["seen again", None]


def test_a_device_that_was_never_heard_is_not_missed() -> None:
    rows = [*walk("d1", at(14, "10:00"), 2, epc=OTHER), *hours(at(14, "10:15"), at(22, "16:00"))]
    assert alerts(told(rows), "missing") == []


def test_a_tag_without_a_record_is_not_missed() -> None:
    assert alerts(told(NEXT_WEEK, []), "missing") == []


def test_a_lent_device_is_not_missed() -> None:
    loan = LoanRow(rx=at(14, "11:00"), epc=TAG, start=at(14, "11:00"))
    assert alerts(told([*NEXT_WEEK, loan]), "missing") == []


def test_a_lent_device_that_is_overdue_is_missed_like_any_other() -> None:
    loan = LoanRow(rx=at(14, "09:00"), epc=TAG, start=at(14, "09:00"), due=at(14, "12:30"))
    assert len(alerts(told([*NEXT_WEEK, loan]), "missing")) == 1


def test_a_device_that_left_without_leave_is_told_once_and_not_again_as_missing() -> None:
    rows = [*walk("front", at(14, "10:00"), 2), *hours(at(14, "10:15"), at(22, "16:00"))]
    rows += [*others("front", *SCHOOL_DAYS), calendar_for(OTHER)]
    events = told(rows)
    assert len(alerts(events, "left-building")) == 1
    assert alerts(events, "missing") == []


def test_days_on_which_the_reader_that_heard_it_heard_nobody_do_not_count() -> None:
    rows = [*SEEN, *hours(at(14, "10:15"), at(22, "16:00"))]
    assert alerts(told([*rows, *others("d2", *SCHOOL_DAYS)]), "missing") == []
    assert alerts(told([*rows, *others("d1", 14, 15, 16, 22)]), "missing") == []


def test_a_dark_cart_raises_no_alert_for_each_of_its_devices() -> None:
    rows: list[Row] = [*hours(at(14, "10:15"), at(22, "16:00")), *others("d1", *SCHOOL_DAYS)]
    mine = [f"3414257BF4{k:014X}" for k in range(100, 130)]
    for epc in mine:
        rows += lies_in_cart("c1", at(14, "09:00"), at(14, "09:30"), epc=epc)
    rows.append(GatewayRow(rx=at(14, "09:40"), gateway="gw-c1", online=False))
    events = told(rows, [Device(epc, cart="c1") for epc in mine])
    assert [e.rule for e in events if isinstance(e, Alert)] == ["gateway-offline"]


def test_the_school_says_how_many_days_or_never() -> None:
    [(alert, _)] = alerts(told(NEXT_WEEK, rules="[rules]\nmissing_days = 2\n"), "missing")
    assert alert.decided == at(15, "15:00")
    assert alerts(told(NEXT_WEEK, rules="[rules]\nmissing_days = 0\n"), "missing") == []


def test_no_row_no_alert_the_time_of_day_alone_keeps_nothing_waiting() -> None:
    text = SCHOOL_TEXT.replace('timezone = "UTC"', 'timezone = "America/Denver"') + BELLS
    engine = Engine(parse_school(text), [MINE])
    for row in numbered(SEEN):
        engine.feed(row)
    engine.flush()
    assert not engine.pending
    assert engine.now is not None
    assert engine.now < at(14, "10:01")


def test_a_snapshot_taken_anywhere_changes_nothing() -> None:
    rows: list[Row] = numbered([*NEXT_WEEK, *walk("front", at(15, "12:00"), 2, epc=OTHER)])
    text = SCHOOL_TEXT.replace('timezone = "UTC"', 'timezone = "America/Denver"') + BELLS
    expected = _fed(Engine(parse_school(text), [MINE]), rows)
    for cut in range(0, len(rows), 97):
        engine = Engine(parse_school(text), [MINE])
        said = _fed(engine, rows[:cut])
        said += _fed(pickle.loads(pickle.dumps(engine)), rows[cut:])
        assert said == expected


def _fed(engine: Engine, rows: list[Row]) -> list[object]:
    return [event for row in rows for event in engine.feed(row)]
