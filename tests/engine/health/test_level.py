"""Antennas whose level drifts."""

import random

import msgspec

from edge.contracts.readlog import ReadRow
from tests.engine.health.reports import DEAF_S, alerts, walks
from tests.engine.scenes import NOON, run, walk


def uneven(rows: list[ReadRow], antenna: int = 2, weaker_db: float = 0.0) -> list[ReadRow]:
    """Each walk is heard some dB louder or weaker; one antenna besides by `weaker_db`."""
    changed = []
    for row in rows:
        walk_no = round((row.rx - NOON) / DEAF_S)
        db = random.Random(walk_no).gauss(0, 4) - (weaker_db if row.antenna == antenna else 0)
        changed.append(msgspec.structs.replace(row, rssi=round((row.rssi or 0) + db, 1)))
    return changed


def test_an_antenna_that_hears_all_much_weaker_than_it_used_to_is_told_once() -> None:
    events = run([*uneven(walks(0, 40)), *uneven(walks(40, 40), weaker_db=9)])
    [(alert, closed)] = alerts(events, "level-drift")
    assert (alert.gateway, alert.doorway, alert.why["antenna"]) == ("gw-d1", "d1", 2)
    assert -12 < alert.why["drift_db"] <= -6
    assert NOON + 45 * DEAF_S < alert.decided < NOON + 75 * DEAF_S
    assert closed is None


def test_it_closes_itself_when_the_level_is_as_usual_again() -> None:
    rows = [*uneven(walks(0, 40)), *uneven(walks(40, 40), weaker_db=9), *uneven(walks(80, 30))]
    [(_, closed)] = alerts(run(rows), "level-drift")
    assert closed is not None
    assert closed.reason == "as usual again"


def test_walks_that_differ_by_chance_are_no_drift() -> None:
    assert alerts(run(uneven(walks(0, 160))), "level-drift") == []


def test_what_all_walks_of_one_minute_say_is_one_occasion() -> None:
    crowd = [
        msgspec.structs.replace(row, rssi=(row.rssi or 0) - 15)
        for k in range(40)
        for row in walk("d1", NOON + 41 * DEAF_S + k, 1, epc=f"3414257BF4{k:014X}")
    ]
    assert alerts(run([*uneven(walks(0, 40)), *crowd, *uneven(walks(43, 5))]), "level-drift") == []


def test_a_reader_that_tells_no_levels_tells_of_no_drift() -> None:
    silent = [msgspec.structs.replace(row, rssi=None) for row in walks(0, 80)]
    assert alerts(run(silent), "level-drift") == []
