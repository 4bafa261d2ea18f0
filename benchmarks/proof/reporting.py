"""Goes through all logs and methods of a report, some at a time, and says how far it is."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.baselines import BASELINES, Baseline
from benchmarks.proof.exits import FIRST_SEED, HOURS, ORDINARY, SCENARIO, ExitReport, readable
from benchmarks.proof.figures import Figures, Over, over
from benchmarks.proof.methods import (
    CEILING,
    ENGINE,
    METHODS,
    best_setting,
    of_baseline,
    of_ceiling,
    of_engine,
)
from benchmarks.proof.runs import Case, load
from edge.contracts.school import Family

# A school has one setting for all its days: ordinary ones choose it, the others only report.
TUNED_ON = ("demo-day", "quiet-day", "bell-rush")

T = TypeVar("T")


class Plan(msgspec.Struct, frozen=True):
    """What a report is made of; `families` with all seeds, `others` with the first one.

    Scenarios run `briefly` have logs of `brief_hours`. Days with many exits are added until
    `exits` of them were readable, and `days` ordinary ones for false alarms.
    """

    scenarios: Sequence[str]
    families: Sequence[Family]
    others: Sequence[Family]
    seeds: Sequence[int]
    tuning: Sequence[int]
    hours: float
    briefly: Sequence[str] = ()
    brief_hours: float = 1.2
    exits: int = 0
    days: int = 0

    def cases(self) -> list[Case]:
        """Return all cases to report, seeds innermost."""
        return [
            Case(scenario, family, seed, hours)
            for scenario, hours in (
                *((scenario, self.hours) for scenario in self.scenarios),
                *((scenario, self.brief_hours) for scenario in self.briefly),
            )
            for family in (*self.families, *self.others)
            for seed in (self.seeds if family in self.families else self.seeds[:1])
        ]


class Group(msgspec.Struct, frozen=True):
    """The figures of one scenario and family: by method, those of each seed."""

    scenario: str
    family: Family
    figures: dict[str, list[Figures]]
    settings: dict[str, Baseline]

    def over(self, method: str, line: str) -> Over | None:
        """Return a line of a method over the seeds."""
        return over(self.figures[method], line)


class Bench:
    """Runs cases, `jobs` at a time; logs and results are kept in a folder."""

    def __init__(self, folder: Path, jobs: int = 1) -> None:
        self._folder = folder
        self._jobs = jobs
        self._done = self._all = 0

    def report(self, plan: Plan) -> list[Group]:
        """Run a plan; return its groups in order."""
        cases = plan.cases()
        self._all = len(cases) + len(plan.families) * len(plan.tuning) * len(TUNED_ON)
        self._done = 0
        settings = {
            family: self.tune(family, plan.tuning, plan.brief_hours) for family in plan.families
        }
        found: dict[tuple[str, Family], list[Case]] = defaultdict(list)
        for case in cases:
            found[case.scenario, case.family].append(case)
        slow = settings[plan.families[-1]]  # for the families that are not tuned on
        return [self.group(of, settings.get(family, slow)) for (_, family), of in found.items()]

    def tune(self, family: Family, seeds: Iterable[int], hours: float) -> dict[str, Baseline]:
        """Try all settings of each baseline on some seeds; return the best of each."""
        cases = [Case(scenario, family, seed, hours) for scenario, seed in product(TUNED_ON, seeds)]
        tried = list(self._each(partial(_with_all_settings, self._folder), cases))
        return {
            name: best_setting(
                [(rule, [log[name][k] for log in tried]) for k, rule in enumerate(rules)]
            )
            for name, rules in BASELINES.items()
        }

    def group(self, cases: Sequence[Case], settings: dict[str, Baseline]) -> Group:
        """Run all methods on the seeds of one scenario and family."""
        found = list(self._each(partial(_with_all_methods, self._folder, settings), cases))
        figures = {method: [log[method] for log in found] for method in METHODS}
        for method, logs in figures.items():
            f1 = over(logs, "crossings.f1")
            say(f"  {method} F1 {f1.mean:.3f}" if f1 else "")
        say("\n")
        return Group(cases[0].scenario, cases[0].family, figures, settings)

    def exits(self, plan: Plan) -> ExitReport:
        """Run the engine alone on days with exits, each with a seed of its own."""
        family = plan.families[0]
        many: list[Figures] = []
        while readable(many) < plan.exits:
            first = FIRST_SEED + len(many)
            many += self._alone([Case(SCENARIO, family, first + k, HOURS) for k in range(2)])
        ordinary = [Case(ORDINARY, family, FIRST_SEED + k, HOURS) for k in range(plan.days)]
        return ExitReport(many, self._alone(ordinary))

    def _alone(self, cases: Sequence[Case]) -> list[Figures]:
        logs = list(self._each(partial(_with_the_engine, self._folder), cases))
        found = sum(log.exits.found for log in logs)
        false = sum(log.exits.false for log in logs)
        say(f"  {found} of {readable(logs)} exits, {false} alerts false\n")
        return logs

    def _each(self, run: Callable[[Case], T], cases: Sequence[Case]) -> Iterator[T]:
        """Yield what a function returns for each case, in their order."""
        context = get_context("spawn")  # a process that begins afresh is the same everywhere
        with ProcessPoolExecutor(self._jobs, mp_context=context) as pool:
            for case, result in zip(cases, pool.map(run, cases), strict=True):
                self._done += 1
                say(f"[{self._done}/{max(self._done, self._all)}] {case}\n")
                yield result


def _with_all_methods(
    folder: Path, settings: dict[str, Baseline], case: Case
) -> dict[str, Figures]:
    log = load(case, folder)
    rules = {name: of_baseline(log, folder, rule) for name, rule in settings.items()}
    return {ENGINE: of_engine(log, folder), **rules, CEILING: of_ceiling(log, folder)}


def _with_all_settings(folder: Path, case: Case) -> dict[str, list[Figures]]:
    log = load(case, folder)
    return {
        name: [of_baseline(log, folder, rule) for rule in rules]
        for name, rules in BASELINES.items()
    }


def _with_the_engine(folder: Path, case: Case) -> Figures:
    return of_engine(load(case, folder), folder)


def say(text: str) -> None:
    """Show how far it is."""
    sys.stderr.write(text)
    sys.stderr.flush()
