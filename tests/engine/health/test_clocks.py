"""Gateways whose clocks are not believed."""

from edge.contracts.readlog import LooksRow, Row
from tests.engine.health.reports import alerts
from tests.engine.scenes import NOON, looks, run


def told(start: float, end: float, off: float | None, gateway: str = "gw-d1") -> list[Row]:
    """Looks every 10 s with a clock that is `off` by so many seconds."""
    return [
        LooksRow(rx=NOON + at, gateway=gateway, looks={1: (14, 980)}, off=off)
        for at in range(int(start), int(end), 10)
    ]


AFTER = looks("gw-c1", NOON, NOON + 900)


def test_a_clock_that_stays_wrong_for_a_minute_is_told_once_with_how_far() -> None:
    rows = [*told(0, 100, None), *told(100, 600, 4.31), *AFTER]
    [(alert, closed)] = alerts(run(rows), "clock-wrong")
    assert (alert.gateway, alert.t, closed) == ("gw-d1", NOON + 100, None)
    assert NOON + 160 <= alert.decided <= NOON + 171
    assert alert.why == {"off": 4.3, "since": NOON + 100}


def test_it_closes_itself_when_the_clock_is_right_again() -> None:
    rows = [*told(0, 300, -3600.0), *told(300, 600, None), *AFTER]
    [(_, closed)] = alerts(run(rows), "clock-wrong")
    assert closed is not None
    assert closed.reason == "right again"
    assert NOON + 360 <= closed.t <= NOON + 371


def test_a_clock_that_is_set_within_the_minute_is_no_news() -> None:
    assert alerts(run([*told(0, 50, 9.0), *told(50, 600, None), *AFTER]), "clock-wrong") == []


def test_a_clock_at_the_edge_of_belief_is_not_told_again_and_again() -> None:
    rows = [*told(0, 200, 1.1), *AFTER]
    for start in range(200, 800, 40):
        rows += told(start, start + 20, None) + told(start + 20, start + 40, 1.1)
    assert len(alerts(run(rows), "clock-wrong")) == 1


def test_a_gateway_that_the_school_file_does_not_name_gives_no_alert() -> None:
    assert alerts(run([*told(0, 600, 4.0, "gw-new"), *AFTER]), "clock-wrong") == []
