"""Gateways that are gone, antennas that have fallen deaf."""

from collections.abc import Iterable

from edge.agent.engine import Engine
from edge.contracts.events import Alert, Closed, Event
from edge.contracts.readlog import GatewayRow, LooksRow, ReadRow, Row, SchoolRow
from tests.engine.scenes import NOON, SCHOOL_TEXT, looks, numbered, run, school, seen, walk

DEAF_S = 600.0  # from one walk to the next


def went(at: float, gateway: str = "gw-d1") -> GatewayRow:
    return GatewayRow(rx=at, gateway=gateway, online=False)


def came(at: float, gateway: str = "gw-d1") -> GatewayRow:
    return GatewayRow(rx=at, gateway=gateway, online=True)


def alerts(events: Iterable[Event], rule: str) -> list[tuple[Alert, Closed | None]]:
    """Return the alerts of a rule, each with what closed it."""
    events = list(events)
    closed = {e.of: e for e in events if isinstance(e, Closed)}
    return [(e, closed.get(e.id)) for e in events if isinstance(e, Alert) and e.rule == rule]


def walks(first: int, count: int, deaf: int | None = None) -> list[ReadRow]:
    """Go in and out by door 1, one walk every ten minutes; antenna `deaf` hears nothing."""
    rows = []
    for k in range(first, first + count):
        rows += walk("d1", NOON + k * DEAF_S, 1 + (k + 1) % 2)
    return [row for row in rows if row.antenna != deaf]


def test_a_gateway_that_is_gone_for_a_minute_is_told_once_with_what_it_leaves_blind() -> None:
    rows: list[Row] = [
        came(NOON),
        went(NOON + 100),
        went(NOON + 200),
        *looks("gw-c1", NOON, NOON + 400),
    ]
    [(alert, closed)] = alerts(run(rows), "gateway-offline")
    assert (alert.gateway, alert.t, alert.decided) == ("gw-d1", NOON + 100, NOON + 160)
    assert alert.why == {"since": NOON + 100, "blind": ["doorway/d1"]}
    assert closed is None


def test_the_alert_on_a_gateway_closes_itself_when_it_is_back() -> None:
    rows: list[Row] = [went(NOON), came(NOON + 500), *looks("gw-c1", NOON, NOON + 600)]
    [(alert, closed)] = alerts(run(rows), "gateway-offline")
    assert closed is not None
    assert (closed.reason, closed.t) == ("back online", NOON + 501)
    assert alert.decided == NOON + 60


def test_a_gateway_that_starts_anew_raises_nothing() -> None:
    rows: list[Row] = [went(NOON), came(NOON + 40), *looks("gw-c1", NOON, NOON + 600)]
    assert alerts(run(rows), "gateway-offline") == []


def test_a_gateway_that_goes_as_the_last_thing_in_a_log_is_told_by_time_alone() -> None:
    assert len(alerts(run([went(NOON)]), "gateway-offline")) == 1
    assert alerts(run([went(NOON)], flush=False), "gateway-offline") == []


def test_a_gateway_that_the_school_file_does_not_name_gives_no_alert() -> None:
    rows: list[Row] = [went(NOON, "gw-new"), *looks("gw-c1", NOON, NOON + 300)]
    assert alerts(run(rows), "gateway-offline") == []


def test_an_alert_on_what_the_school_file_no_longer_names_closes() -> None:
    without = SCHOOL_TEXT.replace('gateway = "gw-d1"', 'gateway = "gw-other"')
    rows: list[Row] = [
        went(NOON),
        SchoolRow(rx=NOON + 100, text=without),
        *looks("gw-c1", NOON, NOON + 300),
        *seen("gw-d2", 1, [NOON + 200]),
    ]
    [(_, closed)] = alerts(run(rows), "gateway-offline")
    assert closed is not None
    assert closed.reason == "removed"


def test_an_antenna_that_hears_nothing_of_what_the_other_hears_is_told_once() -> None:
    events = run([*walks(0, 30), *walks(30, 30, deaf=2)])
    [(alert, closed)] = alerts(events, "deaf-antenna")
    assert (alert.gateway, alert.doorway, alert.why["antenna"]) == ("gw-d1", "d1", 2)
    assert 3600 < alert.decided - (NOON + 30 * DEAF_S) < 3 * 3600
    assert alert.why["usually_heard"] > 0.9
    assert alert.why["missed"] >= 5
    assert closed is None


def test_a_deaf_antenna_that_reads_again_is_closed() -> None:
    events = run([*walks(0, 30), *walks(30, 30, deaf=2), *walks(60, 5)])
    [(_, closed)] = alerts(events, "deaf-antenna")
    assert closed is not None
    assert closed.reason == "reads again"


def test_an_antenna_that_seldom_heard_what_the_other_hears_is_not_deaf() -> None:
    rows = [row for k in range(60) for row in walks(k, 1, deaf=2 if k % 4 else None)]
    assert alerts(run(rows), "deaf-antenna") == []


def test_a_quiet_night_is_no_deafness() -> None:
    assert alerts(run([*walks(0, 30), *walks(130, 30)]), "deaf-antenna") == []


def test_a_class_that_walks_by_along_the_hall_is_one_occasion_however_many() -> None:
    hall = [
        row
        for k in range(40)
        for row in walk("d1", NOON + 31 * DEAF_S + k, 1, epc=f"3414257BF4{k:014X}")
        if row.antenna == 1
    ]
    assert alerts(run([*walks(0, 30), *hall, *walks(32, 3)]), "deaf-antenna") == []


def test_an_antenna_that_rests_misses_nothing() -> None:
    resting = [
        LooksRow(rx=NOON + k * 300, gateway="gw-d1", looks={1: (14, 980), 2: (0, 0)})
        for k in range(60, 125)
    ]
    events = run([*walks(0, 30), *resting, *walks(30, 30, deaf=2)])
    assert alerts(events, "deaf-antenna") == []


def test_health_says_the_same_however_its_rows_are_handed_over() -> None:
    rows = numbered([*walks(0, 30), *walks(30, 30, deaf=2), went(NOON + 900), came(NOON + 1800)])
    engine = Engine(school())
    said = [e for row in rows for e in engine.feed(row)]
    assert said == run(rows, flush=False)
    assert {e.rule for e in said if isinstance(e, Alert)} >= {"deaf-antenna", "gateway-offline"}
