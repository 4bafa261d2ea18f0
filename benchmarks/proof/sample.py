"""The sample that the tests run: short logs of which the engine's figures are committed."""

from pathlib import Path

import msgspec

from benchmarks.baselines import BASELINES, Baseline
from benchmarks.proof.figures import over
from benchmarks.proof.methods import ENGINE
from benchmarks.proof.reporting import Bench
from benchmarks.proof.runs import Case

# Short, and each of its own kind: single walks seen by one fast board, crowds by slow modules.
CASES = (Case("quiet-day", "a0", 1, 1.2), Case("bell-rush", "m100", 1, 1.2))

# A figure that no seed moved may still move by chance: this much is allowed then.
_LEAST_SPREAD = {"delay.p50": 0.5, "delay.p99": 1.0, "carts.mae": 0.02}
_LEAST_SHARE = 0.005


class Sample(msgspec.Struct, frozen=True):
    """One case: the engine's `lines`, how far seeds lie apart, and the baselines' settings."""

    case: Case
    lines: dict[str, float]
    spread: dict[str, float]
    settings: dict[str, str]

    def rules(self) -> dict[str, Baseline]:
        """Return the baselines with the settings that were best."""
        return {
            name: next(rule for rule in BASELINES[name] if repr(rule) == text)
            for name, text in self.settings.items()
        }


def measure(bench: Bench, seeds: list[int], tuning: list[int]) -> list[Sample]:
    """Run the sample's cases on all seeds; the first seed is the one the tests repeat."""
    return [_one(bench, case, seeds, tuning) for case in CASES]


def read(file: Path) -> list[Sample]:
    """Return what is committed."""
    return msgspec.convert(msgspec.json.decode(file.read_bytes())["sample"], list[Sample])


def _one(bench: Bench, case: Case, seeds: list[int], tuning: list[int]) -> Sample:
    settings = bench.tune(case.family, tuning, case.hours)
    cases = [msgspec.structs.replace(case, seed=seed) for seed in (case.seed, *seeds)]
    engine = bench.group(list(dict.fromkeys(cases)), settings).figures[ENGINE]
    lines = {line: value for line, value in engine[0].lines.items() if value is not None}
    spread = {}
    for line in lines:
        known = over(engine, line)
        least = _LEAST_SPREAD.get(line, _LEAST_SHARE)
        spread[line] = round(max(least, known.spread if known else 0.0), 4)
    shown = {line: round(value, 5) for line, value in lines.items()}
    return Sample(case, shown, spread, {name: repr(rule) for name, rule in settings.items()})
