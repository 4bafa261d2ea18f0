"""The engine is as right as the committed report says, and better than simpler rules.

A sample of `make accuracy` (docs/accuracy.md): two short logs. After a change that is meant to
move these figures, `make accuracy ARGS=--sample` writes docs/accuracy.json anew.
"""

from pathlib import Path

import pytest

from benchmarks.accuracy import FIGURES
from benchmarks.proof.figures import LESS_IS_BETTER, NEITHER, Figures, is_better
from benchmarks.proof.methods import of_baseline, of_ceiling, of_engine
from benchmarks.proof.runs import Log, load
from benchmarks.proof.sample import Sample, read

SAMPLES = read(FIGURES)


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda sample: str(sample.case))
def sample(request: pytest.FixtureRequest) -> Sample:
    return request.param


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accuracy")


@pytest.fixture(scope="module")
def log(sample: Sample, folder: Path) -> Log:
    return load(sample.case, folder)


@pytest.fixture(scope="module")
def engine(log: Log, folder: Path) -> Figures:
    return of_engine(log, folder)


def test_no_figure_falls_by_more_than_seeds_lie_apart(sample: Sample, engine: Figures) -> None:
    worse = {}
    for line, committed in sample.lines.items():
        value = engine.lines[line]
        if line in NEITHER:
            continue
        fall = 1.0 if value is None else committed - value
        if line in LESS_IS_BETTER and value is not None:
            fall = -fall
        if fall > sample.spread[line]:
            worse[line] = f"{committed} -> {value}, seeds lie {sample.spread[line]} apart"
    assert worse == {}, "meant? then: make accuracy ARGS=--sample"


def test_nobody_is_better_than_who_knows_the_truth(log: Log, engine: Figures, folder: Path) -> None:
    bound = of_ceiling(log, folder).lines
    assert bound["crossings.f1"] == 1.0
    assert {
        line: (value, bound[line])
        for line, value in engine.lines.items()
        if value is not None and line not in NEITHER and is_better(line, value, bound[line])
    } == {}


def test_no_baseline_is_as_good_at_crossings(
    sample: Sample, log: Log, engine: Figures, folder: Path
) -> None:
    found = {
        name: of_baseline(log, folder, rule).lines["crossings.f1"]
        for name, rule in sample.rules().items()
    }
    assert len(found) == 4
    assert {name: f1 for name, f1 in found.items() if f1 >= engine.lines["crossings.f1"]} == {}
