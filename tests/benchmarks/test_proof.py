"""The report's parts: what is simulated, how figures are made of it, what is kept."""

import gzip
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from benchmarks.proof import methods, runs
from benchmarks.proof.calibration import pooled, table
from benchmarks.proof.exits import SCENARIO, ExitReport
from benchmarks.proof.figures import CLASSES, figures, over
from benchmarks.proof.methods import ENGINE, METHODS, of_engine
from benchmarks.proof.page import page
from benchmarks.proof.plot import plot
from benchmarks.proof.reporting import Group, Plan
from benchmarks.proof.runs import Case, digest_of, load, school_with
from edge.contracts.events import Crossed
from edge.contracts.school import Family
from edge.contracts.truth import Start, TrueCrossing
from simulator.scenarios import SCENARIOS
from tests.engine.scenes import NOON, TAG, school


@pytest.mark.parametrize("family", get_args(Family))
def test_all_doorways_get_modules_of_one_family_and_carts_keep_theirs(family: Family) -> None:
    changed, text = school_with(family)
    before, _ = school_with("m100")
    for doorway in changed.doorways.values():
        readers = changed.gateways[doorway.gateway].readers or []
        assert {reader.family for reader in readers} == {family}
        assert sorted(n for reader in readers for n in reader.antennas) == [1, 2]
    for cart in changed.carts.values():
        assert changed.gateways[cart.gateway] == before.gateways[cart.gateway]
    assert text.count(f'family = "{family}"') >= len(changed.doorways)


def test_every_scenario_has_a_digest_of_its_own_that_stays() -> None:
    digests = {name: digest_of(Case(name, "a0", 1, 1.2)) for name in SCENARIOS}
    assert len(set(digests.values())) == len(SCENARIOS)
    assert digests == {name: digest_of(Case(name, "a0", 1, 1.2)) for name in SCENARIOS}


def test_a_kept_log_is_used_again_and_so_is_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_part_of_day", lambda *_: (NOON, 40.0))
    case = Case("quiet-day", "m100", 1, 0.01)
    log = load(case, tmp_path)
    found = of_engine(log, tmp_path)
    monkeypatch.setattr(runs, "write_log", None)
    monkeypatch.setattr(methods, "Engine", None)
    assert load(case, tmp_path) == log
    assert of_engine(log, tmp_path) == found


def test_a_log_that_was_broken_off_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_part_of_day", lambda *_: (NOON, 20.0))
    case = Case("quiet-day", "m100", 1, 0.01)
    log = load(case, tmp_path)
    (kept,) = (tmp_path / "logs").iterdir()
    (kept / "truth.gz").unlink()
    (kept / "reads.gz").write_bytes(gzip.compress(b"{}"))
    assert load(case, tmp_path) == log


def test_short_logs_are_the_last_lessons_of_a_day_and_long_ones_begin_with_it() -> None:
    demo, _ = school_with("a0")
    start, length = runs._part_of_day(demo, 1.2 * 3600)
    assert length == 4200.0  # ten minutes, a lesson of fifty, ten minutes
    assert runs._part_of_day(demo, 60.0) == (start, length)
    first, whole = runs._part_of_day(demo, 7.5 * 3600)
    assert (first + whole, whole) == (first + 7.5 * 3600, 7.5 * 3600)
    assert start + length == first + 26_400.0


def crossed(at: float, to_room: str, confidence: float) -> Crossed:
    rooms = ("hall", "r1") if to_room == "r1" else ("r1", "hall")
    return Crossed(f"1.{at}", NOON + at, NOON + at + 2, TAG, "d1", *rooms, confidence)


def some_figures():
    truth = [
        Start(t=NOON, epc=TAG, room="hall"),
        *(
            TrueCrossing(t=NOON + at, epc=TAG, doorway="d1", from_room="hall", to_room="r1", raw=9)
            for at in (100.0, 200.0, 300.0)
        ),
    ]
    events = [
        crossed(101.0, "r1", 0.96),
        crossed(201.0, "hall", 0.97),
        crossed(302.0, "r1", 0.7),
        crossed(800.0, "r1", 0.7),
    ]
    return figures(events, truth, school(), passes=400)


def test_calibration_counts_a_wrong_direction_and_a_false_crossing_as_wrong() -> None:
    found = some_figures()
    classes = {low: one for low, one in zip(CLASSES, found.classes, strict=True) if one.said}
    assert {low: (one.said, one.right) for low, one in classes.items()} == {
        0.7: (2, 1),
        0.95: (2, 1),
    }
    assert found.lines["crossings.false_a_device_day"] == 2.0
    assert found.lines["crossings.false_in_200_passes"] == 1.0
    assert found.lines["crossings.recall"] == pytest.approx(2 / 3)


def test_a_page_names_its_command_its_split_and_where_a_baseline_is_better() -> None:
    good = some_figures()
    bad = msgspec.structs.replace(good, lines={**good.lines, "crossings.recall": 0.1})
    of = {method: [good] if method == "EdgeX" else [bad] for method in METHODS}
    group = Group("quiet-day", "a0", of, {})
    plan = Plan(["quiet-day"], ["a0"], ["m6e"], [1, 2], [4], 1.5)
    text = page(plan, [group], ExitReport([good, bad], []))
    assert "--scenarios quiet-day --hours 1.5" in text
    assert "--seeds 1 2 --tuning 4" in text
    assert "reported on seeds 1, 2." in text
    assert f"`{SCENARIO}`" in text
    assert "| `quiet-day` | `a0` | `crossings.recall` | 0.100 | 0.667 EdgeX |" in text
    assert table([group])[2:] == [
        "| [0.7, 0.8) | 2 | 0.700 | 0.500 |",
        "| [0.95, 0.98) | 2 | 0.965 | 0.500 |",
    ]
    assert plot([group]).count("<circle") == 1 + 2  # one in the legend
    assert sum(one.said for one in pooled([group])) == 4
    assert over(of[ENGINE], "carts.exact") is None


def test_a_plan_runs_all_seeds_of_its_families_and_one_of_the_others() -> None:
    plan = Plan(["quiet-day"], ["a0", "m100"], ["m6e"], [1, 2, 3], [4], 1.5)
    assert [str(case) for case in plan.cases()] == [
        *(f"quiet-day a0 seed {seed}" for seed in (1, 2, 3)),
        *(f"quiet-day m100 seed {seed}" for seed in (1, 2, 3)),
        "quiet-day m6e seed 1",
    ]
    brief = msgspec.structs.replace(plan, briefly=["theft"], brief_hours=1.2)
    added = brief.cases()[len(plan.cases()) :]
    assert [case.scenario for case in added] == ["theft"] * len(plan.cases())
    assert {case.hours for case in added} == {1.2}
