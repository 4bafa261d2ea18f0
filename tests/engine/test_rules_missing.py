"""Devices of which there was no sign for school days."""

import pickle

from edge.agent.engine import Engine
from edge.contracts.readlog import GatewayRow, LoanRow, Row
from edge.contracts.school_file import parse_school
from tests.engine.scenes import OTHER, SCHOOL_TEXT, TAG, numbered, walk
from tests.engine.weeks import BELLS, MINE, alerts, at, hours, told

SEEN = walk("d1", at(14, "10:00"), 2)  # Monday
NEXT_WEEK = [*SEEN, *hours(at(14, "10:15"), at(22, "16:00"))]


def test_a_device_without_a_sign_for_five_school_days_is_told_at_the_end_of_the_fifth() -> None:
    [(alert, reason)] = alerts(told(NEXT_WEEK), "missing")
    assert (alert.epc, alert.decided, reason) == (TAG, at(18, "15:00"), None)
    assert alert.why["school_days"] == 5
    assert alert.why["room"] == "r1"
    assert abs(alert.t - at(14, "10:00")) < 5


def test_weekends_and_closed_days_are_no_school_days() -> None:
    rows = [*walk("d1", at(17, "10:00"), 2), *hours(at(17, "10:15"), at(24, "16:00"))]
    [(alert, _)] = alerts(told(rows), "missing")
    assert alert.decided == at(24, "15:00")  # Thursday, Friday, then Tuesday to Thursday


def test_it_closes_itself_when_the_device_is_seen_again_and_comes_again_as_a_new_one() -> None:
    rows = [*NEXT_WEEK, *walk("d1", at(22, "16:30"), 1)]
    rows += hours(at(22, "16:45"), at(29, "16:00"))
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


def test_a_device_that_left_without_leave_is_told_once_and_not_again_as_missing() -> None:
    rows = [*walk("front", at(14, "10:00"), 2), *hours(at(14, "10:15"), at(22, "16:00"))]
    events = told(rows)
    assert len(alerts(events, "left-building")) == 1
    assert alerts(events, "missing") == []


def test_nothing_is_missed_where_the_gateway_that_heard_it_is_offline() -> None:
    dark = GatewayRow(rx=at(15, "09:00"), gateway="gw-d1", online=False)
    assert alerts(told([*NEXT_WEEK, dark]), "missing") == []


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
    expected = [e for e in _fed(Engine(parse_school(text), [MINE]), rows)]
    for cut in range(0, len(rows), 97):
        engine = Engine(parse_school(text), [MINE])
        said = _fed(engine, rows[:cut])
        said += _fed(pickle.loads(pickle.dumps(engine)), rows[cut:])
        assert said == expected


def _fed(engine: Engine, rows: list[Row]) -> list[object]:
    return [event for row in rows for event in engine.feed(row)]
