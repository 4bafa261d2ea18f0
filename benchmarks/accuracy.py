"""How right the engine is, beside four simpler rules: writes docs/accuracy.md, .svg and .json.

Usage: python -m benchmarks.accuracy [--scenarios NAME ...] [--seeds N ...] [--sample] ...

Every log and result is kept in the work folder: a broken-off run goes on where it was, and after
a change of the engine only the engine is run again. `--sample` only measures anew what
tests/engine/test_accuracy.py holds the engine to, and leaves the report as it is.
"""

import argparse
from pathlib import Path
from typing import get_args

import msgspec

from benchmarks.proof.page import page
from benchmarks.proof.plot import plot
from benchmarks.proof.reporting import Bench, Plan, say
from benchmarks.proof.runs import ROOT
from benchmarks.proof.sample import Sample, measure, read
from edge.contracts.school import Family
from simulator.scenarios import SCENARIOS

DOCS = ROOT / "docs"
FIGURES = DOCS / "accuracy.json"
WITH_ALL_SEEDS: tuple[Family, ...] = ("a0", "m100")


def report() -> None:
    """Run what is asked for, and write it."""
    options = _options()
    bench = Bench(options.work, options.jobs)
    if options.sample:
        _write_figures(measure(bench, options.seeds, options.tuning))
        return
    others = tuple(f for f in get_args(Family) if f not in options.families)
    plan = Plan(
        scenarios=options.scenarios,
        families=options.families,
        others=() if options.no_others else others,
        seeds=options.seeds,
        tuning=options.tuning,
        hours=options.hours,
        briefly=[name for name in options.briefly if name not in options.scenarios],
        brief_hours=options.brief_hours,
        exits=options.exits,
        days=options.days,
    )
    groups = bench.report(plan)
    exits = bench.exits(plan)
    (DOCS / "accuracy.svg").write_text(plot(groups), encoding="utf-8")
    (DOCS / "accuracy.md").write_text(page(plan, groups, exits), encoding="utf-8")
    sample = measure(bench, options.seeds, options.tuning) if not options.no_sample else None
    if sample is not None:
        _write_figures(sample)
    say("docs/accuracy.md is written\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 7, 8])
    parser.add_argument("--tuning", type=int, nargs="+", default=[4, 5, 6])
    parser.add_argument(
        "--scenarios",
        nargs="+",
        default=["quiet-day", "bell-rush", "loiterers"],
        choices=list(SCENARIOS),
        metavar="NAME",
        help="those with long logs",
    )
    parser.add_argument("--hours", type=float, default=7.5, help="of a long log, at most")
    parser.add_argument(
        "--briefly",
        nargs="*",
        default=list(SCENARIOS),
        choices=list(SCENARIOS),
        metavar="NAME",
        help="those with short logs, besides",
    )
    parser.add_argument("--brief-hours", type=float, default=1.2, help="of a short log")
    parser.add_argument(
        "--families", nargs="+", default=list(WITH_ALL_SEEDS), choices=get_args(Family)
    )
    parser.add_argument("--exits", type=int, default=5_000, help="how many without leave to judge")
    parser.add_argument("--days", type=int, default=50, help="ordinary ones, for false alarms")
    parser.add_argument("--no-others", action="store_true", help="no other families")
    parser.add_argument("--no-sample", action="store_true", help="leave the tests' figures")
    parser.add_argument("--sample", action="store_true", help="only the tests' figures")
    parser.add_argument("--jobs", type=int, default=2, help="how many logs at a time")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "accuracy")
    options = parser.parse_args()
    shared = set(options.seeds) & set(options.tuning)
    if shared:
        parser.error(f"seeds to report may not be tuned on: {sorted(shared)}")
    return options


def _write_figures(sample: list[Sample]) -> None:
    """Write the tests' figures, and say what became worse."""
    if FIGURES.exists():
        _say_changes(read(FIGURES), sample)
    text = msgspec.json.format(msgspec.json.encode({"sample": sample}), indent=1)
    FIGURES.write_bytes(text + b"\n")
    say(f"docs/{FIGURES.name} is written\n")


def _say_changes(before: list[Sample], now: list[Sample]) -> None:
    committed = {one.case: one for one in before}
    for one in now:
        old = committed.get(one.case)
        if old is None:
            continue
        for line, value in one.lines.items():
            if line in old.lines and abs(value - old.lines[line]) >= 0.0005:
                say(f"{one.case}: {line} {old.lines[line]:.3f} -> {value:.3f}\n")


if __name__ == "__main__":
    report()
