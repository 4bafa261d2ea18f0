"""Gateways that are online but do not look, or send nothing."""

from edge.contracts.readlog import LooksRow, Row
from tests.engine.health.reports import alerts, came, went
from tests.engine.scenes import NOON, looks, run


def rounds(gateway: str, start: float, end: float, of_2: int) -> list[Row]:
    """Antenna 1 looks all the time, antenna 2 makes so many rounds."""
    return [
        LooksRow(rx=start + k * 10, gateway=gateway, looks={1: (14, 980), 2: (of_2, 70 * of_2)})
        for k in range(int((end - start) // 10))
    ]


OTHERS = looks("gw-c1", NOON, NOON + 3600)


def test_a_gateway_that_sends_nothing_while_others_do_is_told_once() -> None:
    rows: list[Row] = [came(NOON), *looks("gw-d1", NOON, NOON + 600), *OTHERS]
    [(alert, closed)] = alerts(run(rows), "gateway-silent")
    assert (alert.gateway, alert.t, closed) == ("gw-d1", NOON + 600, None)
    assert NOON + 900 <= alert.decided <= NOON + 1200
    assert alert.why["blind"] == ["doorway/d1"]


def test_it_closes_itself_when_the_gateway_sends_again_or_is_known_to_be_gone() -> None:
    rows: list[Row] = [*looks("gw-d1", NOON, NOON + 600), *OTHERS]
    back = looks("gw-d1", NOON + 2000, NOON + 3600)
    [(_, closed)] = alerts(run([*rows, *back]), "gateway-silent")
    assert closed is not None
    assert (closed.reason, closed.t) == ("sends again", NOON + 2001)
    events = run([*rows, went(NOON + 1500)])
    [(_, closed)] = alerts(events, "gateway-silent")
    assert closed is not None
    assert closed.reason == "offline"
    assert len(alerts(events, "gateway-offline")) == 1


def test_a_gateway_that_is_offline_is_not_told_as_silent_too() -> None:
    rows: list[Row] = [*looks("gw-d1", NOON, NOON + 600), went(NOON + 605), *OTHERS]
    assert alerts(run(rows), "gateway-silent") == []


def test_when_all_are_silent_it_is_not_the_gateways() -> None:
    rows: list[Row] = []
    for gateway in ("gw-c1", "gw-d1", "gw-d2"):
        rows += looks(gateway, NOON, NOON + 600) + looks(gateway, NOON + 4000, NOON + 5000)
    assert alerts(run(rows), "gateway-silent") == []


def test_the_end_of_a_log_is_no_silence() -> None:
    assert alerts(run(looks("gw-d1", NOON, NOON + 600)), "gateway-silent") == []


def test_a_gateway_that_never_told_its_looks_is_not_waited_for() -> None:
    assert alerts(run([came(NOON), *OTHERS]), "gateway-silent") == []


def test_an_antenna_that_makes_no_rounds_is_told_with_its_number() -> None:
    rows = rounds("gw-d1", NOON, NOON + 100, 14) + rounds("gw-d1", NOON + 100, NOON + 1200, 0)
    [(alert, closed)] = alerts(run(rows), "not-looking")
    assert (alert.why["antenna"], alert.why["since"], closed) == (2, NOON + 90, None)
    back = rounds("gw-d1", NOON + 1200, NOON + 1300, 14)
    [(_, closed)] = alerts(run([*rows, *back]), "not-looking")
    assert closed is not None
    assert closed.reason == "looks again"


def test_a_module_that_cools_for_five_minutes_is_not_told() -> None:
    rows = rounds("gw-d1", NOON, NOON + 100, 14) + rounds("gw-d1", NOON + 100, NOON + 400, 0)
    assert alerts(run([*rows, *rounds("gw-d1", NOON + 400, NOON + 900, 14)]), "not-looking") == []


def test_looks_delivered_late_are_no_news() -> None:
    late: list[Row] = [
        LooksRow(rx=NOON + 4000, t=NOON + k * 10, gateway="gw-d1", looks={1: (0, 0)})
        for k in range(100)
    ]
    assert alerts(run([*late, *looks("gw-d1", NOON + 4001, NOON + 4100)]), "not-looking") == []
