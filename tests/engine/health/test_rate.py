"""Doorways and carts whose reads become few."""

from edge.contracts.readlog import GatewayRow, Row
from tests.engine.scenes import lies_in_cart, walk
from tests.engine.weeks import alerts, at, hours, told

# September 2026: three weeks of school days, the 21st is closed.
DAYS = (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18)


def day(number: int, *doors: str) -> list[Row]:
    """Every twenty minutes somebody goes through each of these doors."""
    rows: list[Row] = []
    for k in range(18):
        for place, door in enumerate(doors):
            rows += walk(door, at(number, "08:30") + 1200 * k + 60 * place, 1 + k % 2)
    return rows


def weeks(silent_from: int, silent_until: int = 99) -> list[Row]:
    """Door 2 hears nothing on the days from `silent_from` up to `silent_until`."""
    rows = hours(at(1, "08:00"), at(18, "16:00"))
    for number in DAYS:
        is_silent = silent_from <= number < silent_until
        rows += day(number, "d1", "front", *(() if is_silent else ("d2",)))
    return rows


def test_a_doorway_that_hears_nothing_for_two_school_days_is_told_once() -> None:
    [(alert, reason)] = alerts(told(weeks(silent_from=15)), "read-rate")
    assert (alert.doorway, alert.gateway, reason) == ("d2", "gw-d2", None)
    assert alert.decided == at(16, "15:00")
    assert (alert.why["minutes"], alert.why["days"]) == (0, 2)
    assert alert.why["usual_minutes"] >= 15


def test_it_closes_itself_when_the_doorway_hears_as_usual_again() -> None:
    [(_, reason)] = alerts(told(weeks(15, 17)), "read-rate")
    assert reason == "as usual again"


def test_one_odd_day_is_not_told() -> None:
    assert alerts(told(weeks(15, 16)), "read-rate") == []


def test_days_on_which_the_whole_school_is_away_are_not_told() -> None:
    rows = hours(at(1, "08:00"), at(18, "16:00"))
    for number in DAYS:
        rows += day(number, "d1", "d2", "front") if number < 15 else day(number, "front")[:30]
    assert alerts(told(rows), "read-rate") == []


def test_a_doorway_whose_gateway_is_known_to_be_offline_is_told_by_that_alone() -> None:
    dark = GatewayRow(rx=at(15, "07:00"), gateway="gw-d2", online=False)
    assert alerts(told([*weeks(silent_from=15), dark]), "read-rate") == []


def test_a_cart_that_hears_nothing_any_more_is_told() -> None:
    rows = weeks(silent_from=99)
    for number in DAYS[:10]:
        rows += lies_in_cart("c1", at(number, "09:00"), at(number, "14:00"))
    [(alert, _)] = alerts(told(rows), "read-rate")
    assert (alert.gateway, alert.why["place"]) == ("gw-c1", "cart/c1")
