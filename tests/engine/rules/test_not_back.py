"""Devices that left by leave and are not back by their time."""

from edge.contracts.readlog import CalendarRow, GatewayRow, LoanRow, Row
from tests.engine.scenes import TAG, walk
from tests.engine.weeks import alerts, at, hours, late, told

TAKE_HOME = CalendarRow(rx=at(14, "07:00"), start=at(14, "14:50"), until=at(14, "16:00"))
BACK_BY = '[rules]\nback_by = "08:30"\n'


def lent(due: float | None, ended: float | None = None, rx: float | None = None) -> LoanRow:
    start = at(14, "09:00")
    return LoanRow(rx=rx or start, epc=TAG, start=start, due=due, ended=ended)


def out(day: int, clock: str) -> list[Row]:
    return [*walk("front", at(day, clock), 2)]


def back(day: int, clock: str) -> list[Row]:
    return [*walk("front", at(day, clock), 1)]


def test_a_lent_device_that_is_outside_when_due_is_told_then() -> None:
    due = at(15, "08:00")
    rows = [lent(due), *out(14, "15:10"), *hours(at(14, "15:15"), at(15, "12:00"))]
    [(alert, reason)] = alerts(told(rows), "not-back")
    assert (alert.epc, alert.t, alert.decided, reason) == (TAG, due, due, None)
    assert alert.why["due"] == due
    assert abs(alert.why["left"] - at(14, "15:10")) < 1
    assert alerts(told(rows), "left-building") == []


def test_it_closes_itself_when_the_device_is_back() -> None:
    rows = [lent(at(15, "08:00")), *out(14, "15:10"), *hours(at(14, "15:15"), at(15, "10:00"))]
    [(_, reason)] = alerts(told([*rows, *back(15, "10:05")]), "not-back")
    assert reason == "returned"


def test_who_is_back_in_time_is_not_told() -> None:
    rows = [
        lent(at(15, "08:00")),
        *out(14, "15:10"),
        *back(15, "07:50"),
        *hours(at(14, "15:15"), at(15, "09:00")),
    ]
    assert alerts(told(rows), "not-back") == []


def test_a_loan_that_is_made_longer_closes_it_and_raises_a_new_one_when_that_is_over() -> None:
    longer = lent(at(15, "12:00"), rx=at(15, "09:00"))
    rows = [
        lent(at(15, "08:00")),
        longer,
        *out(14, "15:10"),
        *hours(at(14, "15:15"), at(15, "14:00")),
    ]
    said = alerts(told(rows), "not-back")
    assert [(alert.t, reason) for alert, reason in said] == [
        (at(15, "08:00"), "allowed"),
        (at(15, "12:00"), None),
    ]


def test_a_loan_without_a_due_time_is_never_told() -> None:
    rows = [lent(None), *out(14, "15:10"), *hours(at(14, "15:15"), at(22, "12:00"))]
    assert alerts(told(rows), "not-back") == []


def test_what_left_by_the_calendar_is_to_be_back_on_the_next_day_if_the_school_says_when() -> None:
    rows = [TAKE_HOME, *out(14, "15:10"), *hours(at(14, "15:15"), at(15, "12:00"))]
    assert alerts(told(rows), "not-back") == []
    [(alert, _)] = alerts(told(rows, rules=BACK_BY), "not-back")
    assert alert.t == at(15, "08:30")


def test_who_may_go_out_of_hours_is_to_be_back_as_well() -> None:
    rows = [*out(14, "15:10"), *hours(at(14, "15:15"), at(15, "12:00"))]
    free = BACK_BY + 'exits = "school-hours"\n'
    assert alerts(told(rows, rules=free), "left-building") == []
    [(alert, _)] = alerts(told(rows, rules=free), "not-back")
    assert alert.t == at(15, "08:30")


def test_in_school_hours_an_exit_is_told_at_once_whatever_holds_after_them() -> None:
    rows = [*out(14, "14:30"), *hours(at(14, "15:15"), at(15, "12:00"))]
    events = told(rows, rules=BACK_BY + 'exits = "school-hours"\n')
    assert len(alerts(events, "left-building")) == 1
    assert alerts(events, "not-back") == []


def test_an_exit_without_leave_is_told_once_and_not_again_as_not_back() -> None:
    rows = [*out(14, "15:10"), *hours(at(14, "15:15"), at(16, "12:00"))]
    events = told(rows, rules=BACK_BY)
    assert len(alerts(events, "left-building")) == 1
    assert alerts(events, "not-back") == []


def test_a_lent_device_whose_exit_nobody_read_is_told_after_hours_of_silence() -> None:
    rows = [
        lent(at(15, "08:00")),
        *walk("d1", at(14, "14:30"), 1),
        *hours(at(14, "15:15"), at(15, "15:00")),
    ]
    [(alert, _)] = alerts(told(rows), "not-back")
    assert at(15, "11:00") < alert.decided <= at(15, "12:00")
    assert abs(alert.why["last_heard"] - at(14, "14:30")) < 5


def test_a_lent_device_that_is_heard_inside_is_not_away() -> None:
    rows: list[Row] = [lent(at(15, "08:00")), *hours(at(14, "09:00"), at(15, "15:00"))]
    for day, clock in ((14, "14:30"), (15, "08:30"), (15, "11:00"), (15, "13:30")):
        rows += walk("d1", at(day, clock), 1)
    assert alerts(told(rows), "not-back") == []


def test_a_return_that_was_delivered_late_closes_what_was_told_meanwhile() -> None:
    home = late(walk("front", at(15, "07:50"), 1), at(15, "09:00"))
    rows = [lent(at(15, "08:00")), *out(14, "15:10"), *hours(at(14, "15:15"), at(15, "12:00"))]
    [(_, reason)] = alerts(told([*rows, *home]), "not-back")
    assert reason == "returned"


def test_while_an_exit_is_dark_nobody_who_left_is_told_before_hours_of_silence() -> None:
    dark = GatewayRow(rx=at(15, "06:00"), gateway="gw-front", online=False)
    lit = GatewayRow(rx=at(15, "08:30"), gateway="gw-front", online=True)
    rows = [lent(at(15, "08:00")), *out(14, "15:10"), *hours(at(14, "15:15"), at(15, "15:00"))]
    [(alert, _)] = alerts(told([*rows, dark]), "not-back")
    assert at(15, "12:00") < alert.decided < at(15, "14:00")
    [(alert, _)] = alerts(told([*rows, dark, lit]), "not-back")
    assert at(15, "08:30") < alert.decided < at(15, "08:50")
    home = late(walk("front", at(15, "07:50"), 1), at(15, "08:30"))
    assert alerts(told([*rows, dark, lit, *home]), "not-back") == []
