"""What the log teaches of its doorways, and what that is worth."""

import random
from dataclasses import dataclass
from statistics import mean

import pytest

from edge.agent.engine import Engine
from edge.agent.engine.doors import Doors
from edge.contracts.events import Event
from edge.contracts.readlog import ReadRow, Row, TimeRow
from edge.contracts.school_file import parse_school
from edge.contracts.truth import Start, TrueCrossing, Truth
from simulator.score import score
from tests.engine.scenes import NOON, numbered, record
from tests.support.counts import count

ROOMS = "abcd"
KINDS = {"a": "classroom", "b": "hall", "c": "classroom", "d": "classroom"}  # b is a lounge
DOORS = ("ab", "bc", "cd")
IN_A_ROW = "\n".join(
    ['name = "Row"', 'site = "row"', 'timezone = "UTC"']
    + [f'[rooms.{room}]\nkind = "{kind}"' for room, kind in KINDS.items()]
    + [
        f'[doorways.{a}{b}]\nbetween = ["{a}", "{b}"]\ngateway = "gw-{a}{b}"\n'
        f'antennas = {{ 1 = "{a}", 2 = "{b}" }}'
        for a, b in DOORS
    ]
)
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Afternoon:
    """Reads of some tags in four rooms in a row, and where each was."""

    rows: list[ReadRow]
    truth: list[Truth]


def afternoon(reading: dict[str, float], seed: int, hours: float = 3.0, tags: int = 8) -> Afternoon:
    """Let tags change rooms every four minutes; each read comes with its doorway's probability.

    Neither levels nor looks: all there is are the sides and times of reads.
    """
    rng = random.Random(seed)
    rows: list[ReadRow] = []
    truth: list[Truth] = []
    for k in range(tags):
        epc = f"3414257BF4{k:014X}"
        room, at = rng.choice(ROOMS), NOON
        truth.append(Start(NOON, epc, room))
        while at < NOON + hours * 3600:
            at += 10 + rng.expovariate(1 / 240)
            door = rng.choice([d for d in DOORS if room in d])
            beyond = door.replace(room, "")
            before = len(rows)
            for side, off in ((room, -0.8), (beyond, 0.8)):
                for _ in range(rng.randint(1, 3)):
                    if rng.random() < reading[door]:
                        t = round(at + off + rng.uniform(-0.5, 0.5), 3)
                        antenna = door.index(side) + 1
                        rows.append(
                            ReadRow(rx=t, t=t, gateway="gw-" + door, antenna=antenna, epc=epc)
                        )
            truth.append(TrueCrossing(at, epc, door, room, beyond, raw=len(rows) - before))
            room = beyond
    return Afternoon(rows, truth)


def events_of(rows: list[Row], engine: Engine | None = None) -> list[Event]:
    engine = engine or Engine(parse_school(IN_A_ROW))
    return [event for row in numbered(rows) for event in engine.feed(row)] + engine.flush()


def rooms_right(days: list[Afternoon]) -> tuple[float, float]:
    """The share of time for which the right room was named: at once, and in the record."""
    school = parse_school(IN_A_ROW)
    scores = [score(events_of([*day.rows]), day.truth, school).rooms for day in days]
    return mean(s.online or 0.0 for s in scores), mean(s.corrected or 0.0 for s in scores)


def unlearning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doors, "in_force", lambda _doors, _from_ms: None)


GOOD = dict.fromkeys(DOORS, 0.95)
ONE_POOR = {"ab": 0.95, "bc": 0.4, "cd": 0.95}
POOR = dict.fromkeys(DOORS, 0.5)


@pytest.mark.parametrize(("reading", "gain"), [(ONE_POOR, 0.02), (POOR, 0.03)])
def test_learning_where_doors_are_poor_tells_more_at_once_and_mends_the_record(
    reading: dict[str, float], gain: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [afternoon(reading, seed) for seed in range(count(3, 20))]
    online, corrected = rooms_right(days)
    unlearning(monkeypatch)
    online_before, corrected_before = rooms_right(days)
    assert online > online_before + gain
    assert corrected > corrected_before


def test_learning_where_doors_are_good_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [afternoon(GOOD, 1)]
    online, corrected = rooms_right(days)
    unlearning(monkeypatch)
    online_before, corrected_before = rooms_right(days)
    assert online >= online_before
    assert corrected >= corrected_before


def test_what_is_learnt_does_not_depend_on_the_order_of_arrival_within_the_lag() -> None:
    day = afternoon(POOR, 2, hours=1.5, tags=4)
    rng = random.Random(2)
    fields = [{f: getattr(r, f) for f in r.__struct_fields__} for r in day.rows]
    shuffled = [ReadRow(**{**f, "rx": f["t"] + rng.uniform(0, 44)}) for f in fields]
    end = TimeRow(rx=NOON + 3 * 3600)
    in_order, out_of_order = (events_of([*rows, end]) for rows in (day.rows, shuffled))
    for epc in {row.epc for row in day.rows}:
        assert known(record(out_of_order, epc)) == known(record(in_order, epc))


def known(stays: list[tuple[float, str | None]]) -> list[tuple[float, str | None]]:
    """Leave out those before the engine has begun, which it does with the first arrival."""
    return [stay for stay in stays if stay[0] > NOON + 300]


def test_a_doorway_that_misses_walkers_is_thought_to_from_then_on() -> None:
    doors = Doors()
    for _ in range(20):
        doors.saw("ab", 1.0)
        doors.missed("ab", 1.0)
    doors.in_force(10 * MINUTE_MS)
    assert doors.misses("ab", 10 * MINUTE_MS - 1) == 0.0
    assert doors.misses("ab", 10 * MINUTE_MS) > 1.0
    assert doors.misses("bc", 10 * MINUTE_MS) == 0.0


def test_a_doorway_that_sees_all_is_not_thought_to_miss_nobody() -> None:
    doors = Doors()
    for _ in range(200):
        doors.saw("ab", 1.0)
    doors.in_force(0)
    assert doors.misses("ab", 0) == 0.0


def test_passes_of_which_nothing_was_found_out_teach_nothing() -> None:
    doors = Doors()
    for _ in range(50):
        doors.one_side_saw("ab", "a", passage=False, through=0.4, expected=0.4)
    doors.in_force(0)
    assert doors.one_sided("ab", "a", passage=False, at_ms=0) == 0.0


def test_passes_that_turned_out_to_be_crossings_teach_to_expect_them() -> None:
    doors = Doors()
    for _ in range(50):
        doors.one_side_saw("ab", "a", passage=False, through=0.95, expected=0.4)
    doors.in_force(0)
    assert doors.one_sided("ab", "a", passage=False, at_ms=0) > 1.5


def test_passes_that_turned_out_to_be_none_are_doubted_more_in_a_room_but_not_in_a_hall() -> None:
    doors = Doors()
    for _ in range(50):
        doors.one_side_saw("ab", "a", passage=False, through=0.05, expected=0.4)
        doors.one_side_saw("ab", "hall", passage=True, through=0.05, expected=0.4)
    doors.in_force(0)
    assert doors.one_sided("ab", "a", passage=False, at_ms=0) < -1.0
    assert doors.one_sided("ab", "hall", passage=True, at_ms=0) == 0.0


def test_what_one_room_taught_is_a_hint_for_others_until_they_teach_otherwise() -> None:
    doors = Doors()
    for _ in range(50):
        doors.one_side_saw("ab", "a", passage=False, through=0.95, expected=0.4)
        doors.one_side_saw("cd", "d", passage=False, through=0.4, expected=0.4)
    doors.in_force(0)
    taught, other, unheard = (
        doors.one_sided(doorway, side, passage=False, at_ms=0)
        for doorway, side in (("ab", "a"), ("cd", "d"), ("bc", "c"))
    )
    assert other < unheard < taught
    assert doors.one_sided("ab", "hall", passage=True, at_ms=0) == 0.0


def test_where_many_turn_round_the_next_one_is_likelier_to_have_turned() -> None:
    doors = Doors()
    for k in range(40):
        doors.both_sides_saw("ab", 0.05 if k % 2 else 0.95)
    doors.in_force(10 * MINUTE_MS)
    assert doors.turning("ab", 10 * MINUTE_MS - 1) == 0.0
    assert doors.turning("ab", 10 * MINUTE_MS) > 2.0


def test_what_turns_at_one_doorway_is_a_hint_for_others_until_they_teach_otherwise() -> None:
    doors = Doors()
    for _ in range(40):
        doors.both_sides_saw("ab", 0.9)
        doors.both_sides_saw("cd", 0.99)
    doors.in_force(0)
    taught, other, unheard = (doors.turning(doorway, 0) for doorway in ("ab", "cd", "bc"))
    assert other < unheard < taught


def test_where_nobody_turns_round_turning_stays_as_likely_as_it_was() -> None:
    doors = Doors()
    for _ in range(200):
        doors.both_sides_saw("ab", 0.999)
    doors.in_force(0)
    assert doors.turning("ab", 0) == 0.0


def test_old_values_are_let_go_and_the_last_one_stays_in_force() -> None:
    doors = Doors()
    for k in range(1, 5):
        doors.missed("ab", 1.0)
        doors.in_force(k * MINUTE_MS)
    last = doors.misses("ab", 9 * MINUTE_MS)
    doors.forget_before(8 * MINUTE_MS)
    assert doors.misses("ab", 9 * MINUTE_MS) == last > 0.0
