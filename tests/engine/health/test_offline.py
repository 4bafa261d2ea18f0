"""Gateways that are gone."""

from edge.agent.engine import Engine
from edge.contracts.events import Alert
from edge.contracts.readlog import Row, SchoolRow
from tests.engine.health.reports import alerts, came, walks, went
from tests.engine.scenes import NOON, SCHOOL_TEXT, looks, numbered, run, school, seen


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


def test_health_says_the_same_however_its_rows_are_handed_over() -> None:
    rows = numbered([*walks(0, 30), *walks(30, 30, deaf=2), went(NOON + 900), came(NOON + 1800)])
    engine = Engine(school())
    said = [e for row in rows for e in engine.feed(row)]
    assert said == run(rows, flush=False)
    assert {e.rule for e in said if isinstance(e, Alert)} >= {"deaf-antenna", "gateway-offline"}
