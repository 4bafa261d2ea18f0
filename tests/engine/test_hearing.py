"""What passes teach of a doorway's antennas, and what is made of it."""

from edge.agent.engine.building import Building
from edge.agent.engine.hearing import UNKNOWN, Shown, Taught
from edge.agent.engine.passes import Pass
from edge.contracts.events import Crossed
from edge.contracts.readlog import ReadRow
from tests.engine.scenes import NOON, crossings, run, school, seen, standing, walk

MINUTE_MS = 60_000
START = 1_000_000 * MINUTE_MS
SPOT = Building(school()).spots["gw-d1", 1]
CLEAR = Shown(True, 0.0, 0.9, 0.3)


def taught(*shown: Shown, every_ms: int = 2 * MINUTE_MS) -> Taught:
    """Show a pass every two minutes."""
    found = Taught()
    for k, one in enumerate(shown):
        at = START + k * every_ms
        found.show(f"E{k}", Pass(SPOT, at, at, False), at, one)
    return found


def in_an_hour(found: Taught) -> float:
    return found.hearing(START + 60 * MINUTE_MS).level_db


def weak(antenna: int, rows: list[ReadRow], by_db: float) -> list[ReadRow]:
    """Let one antenna hear less loud than it should."""
    return [
        ReadRow(
            rx=row.rx,
            t=row.t,
            gateway=row.gateway,
            antenna=row.antenna,
            epc=row.epc,
            rssi=(row.rssi or 0) - (by_db if row.antenna == antenna else 0),
        )
        for row in rows
    ]


def test_a_weak_antenna_is_known_by_the_median_of_a_few_passes() -> None:
    louder = [Shown(True, level, 0.9, 0.3) for level in (7.0, 9.0, 8.0, -30.0, 8.5)]
    assert in_an_hour(taught(*louder)) == 8.0
    assert in_an_hour(taught(*louder[:4])) == 0.0


def test_a_pass_is_judged_by_what_was_settled_before_it_began() -> None:
    found = taught(*[CLEAR] * 6)
    assert found.hearing(START + 10 * MINUTE_MS).ahead is None
    assert found.hearing(START + 15 * MINUTE_MS).ahead == 0.9


def test_what_is_known_does_not_hang_on_the_order_in_which_passes_became_known() -> None:
    shown = [Shown(True, float(k), 0.1 * k, 0.3) for k in range(8)]
    forward, backward = taught(*shown), Taught()
    for k, one in reversed(list(enumerate(shown))):
        at = START + k * 2 * MINUTE_MS
        backward.show(f"E{k}", Pass(SPOT, at, at, False), at, one)
    for minute in range(0, 40, 3):
        at = START + minute * MINUTE_MS
        assert forward.hearing(at) == backward.hearing(at)


def test_a_pass_that_is_no_more_teaches_nothing() -> None:
    found = taught(*[CLEAR] * 5)
    found.take_back("E3", START + 6 * MINUTE_MS)
    assert found.hearing(START + 60 * MINUTE_MS) == UNKNOWN


def test_without_levels_sides_that_hear_at_random_come_to_tell_no_direction() -> None:
    mingled = taught(*[Shown(False, 0.0, 0.0, 0.0)] * 40)
    telling = taught(*[Shown(False, 0.0, 0.0, 0.8)] * 40)
    unclear, clear = (
        found.hearing(START + 120 * MINUTE_MS).order_2 for found in (mingled, telling)
    )
    assert unclear is not None
    assert clear is not None
    assert unclear < 0.01
    assert clear > 0.5


def test_a_weak_antenna_is_no_reason_to_doubt_a_crossing() -> None:
    def confidence(by_db: float) -> float:
        rows = [
            row
            for k in range(12)
            for row in walk("d1", NOON + 120 * k, 1 + (k + 1) % 2, epc=f"3414257BF4{k // 2:014X}")
        ]
        said = [e for e in standing(run(weak(2, rows, by_db))) if isinstance(e, Crossed)]
        assert len(said) == 12
        return said[-1].confidence

    assert confidence(14.0) > confidence(0.0) - 0.01


def test_what_lies_near_a_door_for_long_teaches_nothing() -> None:
    rows = seen("gw-d1", 2, (NOON + k * 0.5 for k in range(2000)), rssi=-55)
    rows += seen("gw-d1", 1, (NOON + 0.2 + k * 0.7 for k in range(1400)), rssi=-71)
    assert crossings(run(rows)) == []
