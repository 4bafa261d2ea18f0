"""Devices that have stood for long in a room that is not theirs."""

from edge.contracts.devices import Device
from edge.contracts.readlog import DeviceRow, LoanRow, Row
from tests.engine.scenes import TAG, walk
from tests.engine.weeks import MINE, alerts, at, hours, late, told


def into(room: int, day: int, clock: str) -> list[Row]:
    return [*walk(f"d{room}", at(day, clock), 2)]


def out_of(room: int, day: int, clock: str) -> list[Row]:
    return [*walk(f"d{room}", at(day, clock), 1)]


LEFT_BEHIND = [*into(2, 14, "13:30"), *hours(at(14, "13:45"), at(15, "16:00"))]


def test_a_device_left_in_a_room_of_others_is_told_after_six_hours_of_lessons() -> None:
    [(alert, reason)] = alerts(told(LEFT_BEHIND), "unexpected-room")
    assert (alert.epc, alert.why["room"], alert.why["own"], reason) == (TAG, "r2", ["r1"], None)
    assert abs(alert.t - at(14, "13:30")) < 2
    assert at(15, "13:00") < alert.decided < at(15, "14:00")  # 1.5 h on Monday, 4.5 on Tuesday


def test_its_own_room_and_that_of_its_cart_are_never_told() -> None:
    assert alerts(told(LEFT_BEHIND, [Device(TAG, home="r2")]), "unexpected-room") == []
    in_cart = Device(TAG, home="r1", cart="c2")
    assert alerts(told(LEFT_BEHIND, [in_cart]), "unexpected-room") == []


def test_a_tag_without_a_record_belongs_nowhere() -> None:
    assert alerts(told(LEFT_BEHIND, []), "unexpected-room") == []


def test_nobody_is_told_of_a_day_that_is_spent_in_room_after_room() -> None:
    rows: list[Row] = [*hours(at(14, "08:00"), at(17, "16:00"))]
    for day in (14, 15, 16, 17):
        rows += into(2, day, "08:10") + out_of(2, day, "12:00")
        rows += into(1, day, "13:00") + out_of(1, day, "14:50")
    assert alerts(told(rows), "unexpected-room") == []


def test_it_closes_itself_when_the_device_is_home_or_elsewhere() -> None:
    home = walk("d1", at(16, "09:00") + 10, 2)  # how it came out of room 2 nobody saw
    [(_, reason)] = alerts(told([*LEFT_BEHIND, *home]), "unexpected-room")
    assert reason == "home"
    [(_, reason)] = alerts(told([*LEFT_BEHIND, *out_of(2, 16, "09:00")]), "unexpected-room")
    assert reason == "moved"


def test_left_behind_again_it_is_told_again() -> None:
    again = [
        *out_of(2, 16, "09:00"),
        *into(2, 16, "09:30"),
        *hours(at(16, "09:30"), at(18, "16:00")),
    ]
    said = alerts(told([*LEFT_BEHIND, *again]), "unexpected-room")
    assert [reason for _, reason in said] == ["moved", None]


def test_a_lent_device_may_stand_where_it_likes() -> None:
    loan = LoanRow(rx=at(14, "12:00"), epc=TAG, start=at(14, "12:00"))
    assert alerts(told([loan, *LEFT_BEHIND]), "unexpected-room") == []


def test_lending_it_closes_the_alert() -> None:
    loan = LoanRow(rx=at(15, "15:00"), epc=TAG, start=at(15, "15:00"))
    [(_, reason)] = alerts(told([*LEFT_BEHIND, loan]), "unexpected-room")
    assert reason == "moved"


def test_a_device_that_is_struck_off_the_list_closes_the_alert() -> None:
    gone = DeviceRow(rx=at(15, "15:30"), epc=TAG, removed=True)
    [(_, reason)] = alerts(told([*LEFT_BEHIND, gone]), "unexpected-room")
    assert reason == "removed"


def test_reads_delivered_late_that_show_it_was_home_raise_nothing() -> None:
    went = late(out_of(2, 14, "14:00"), at(15, "09:00"))  # type: ignore[arg-type]
    assert alerts(told([*LEFT_BEHIND, *went]), "unexpected-room") == []


def test_the_school_says_how_long_or_never() -> None:
    soon = told(LEFT_BEHIND, [MINE], "[rules]\nunexpected_room_hours = 1\n")
    [(alert, _)] = alerts(soon, "unexpected-room")
    assert at(14, "14:30") < alert.decided < at(14, "14:45")
    never = told(LEFT_BEHIND, [MINE], "[rules]\nunexpected_room_hours = 0\n")
    assert alerts(never, "unexpected-room") == []
