"""Antennas that have fallen deaf."""

from edge.contracts.readlog import LooksRow
from tests.engine.health.reports import DEAF_S, alerts, walks
from tests.engine.scenes import NOON, run, walk


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
