"""Goes through all logs and methods of a report, one at a time, and says how far it is."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

import msgspec

from benchmarks.baselines import BASELINES, Baseline
from benchmarks.proof.figures import Figures, Over, over
from benchmarks.proof.methods import ENGINE, METHODS, best_setting, of_baseline, of_engine
from benchmarks.proof.runs import Case, Log, load
from edge.contracts.school import Family

# A school has one setting for all its days: ordinary ones choose it, the others only report.
TUNED_ON = ("demo-day", "quiet-day", "bell-rush")


class Plan(msgspec.Struct, frozen=True):
    """What a report is made of; `families` with all seeds, `others` with the first one.

    Scenarios run `briefly` have the first family and the first seed alone.
    """

    scenarios: Sequence[str]
    families: Sequence[Family]
    others: Sequence[Family]
    seeds: Sequence[int]
    tuning: Sequence[int]
    hours: float
    briefly: Sequence[str] = ()

    def cases(self) -> list[Case]:
        """Return all cases to report, seeds innermost."""
        whole = [
            Case(scenario, family, seed, self.hours)
            for scenario in self.scenarios
            for family in (*self.families, *self.others)
            for seed in (self.seeds if family in self.families else self.seeds[:1])
        ]
        brief = [Case(s, self.families[0], self.seeds[0], self.hours) for s in self.briefly]
        return whole + brief


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
    """Runs cases, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done = self._all = 0

    def report(self, plan: Plan) -> list[Group]:
        """Run a plan; return its groups in order."""
        cases = plan.cases()
        self._all = len(cases) + len(plan.families) * len(plan.tuning) * len(TUNED_ON)
        self._done = 0
        settings = {family: self.tune(family, plan.tuning, plan.hours) for family in plan.families}
        found: dict[tuple[str, Family], list[Case]] = defaultdict(list)
        for case in cases:
            found[case.scenario, case.family].append(case)
        slow = settings[plan.families[-1]]  # for the families that are not tuned on
        return [self.group(of, settings.get(family, slow)) for (_, family), of in found.items()]

    def tune(self, family: Family, seeds: Iterable[int], hours: float) -> dict[str, Baseline]:
        """Try all settings of each baseline on some seeds; return the best of each."""
        tried: dict[str, list[list[Figures]]] = {
            name: [[] for _ in rules] for name, rules in BASELINES.items()
        }
        for scenario, seed in product(TUNED_ON, seeds):
            log = self._log(Case(scenario, family, seed, hours))
            for name, rules in BASELINES.items():
                if len(rules) > 1:
                    for results, rule in zip(tried[name], rules, strict=True):
                        results.append(of_baseline(log, self._folder, rule))
        return {
            name: best_setting(list(zip(rules, tried[name], strict=True)))
            for name, rules in BASELINES.items()
        }

    def group(self, cases: Sequence[Case], settings: dict[str, Baseline]) -> Group:
        """Run engine and baselines on the seeds of one scenario and family."""
        figures: dict[str, list[Figures]] = {method: [] for method in METHODS}
        for case in cases:
            log = self._log(case)
            figures[ENGINE].append(of_engine(log, self._folder))
            for name, rule in settings.items():
                figures[name].append(of_baseline(log, self._folder, rule))
            f1 = {name: of[-1].lines["crossings.f1"] or 0.0 for name, of in figures.items()}
            say("  F1 " + ", ".join(f"{name} {value:.3f}" for name, value in f1.items()) + "\n")
        return Group(cases[0].scenario, cases[0].family, figures, settings)

    def _log(self, case: Case) -> Log:
        self._done += 1
        head = f"[{self._done}/{max(self._done, self._all)}] {case}"
        say(f"{head}\n")
        shown = -1

        def progress(share: float) -> None:
            nonlocal shown
            if sys.stderr.isatty() and int(share * 100) > shown:
                shown = int(share * 100)
                say(f"\r  simulating {shown} %")

        log = load(case, self._folder, progress)
        if shown >= 0:
            say("\r")
        return log


def say(text: str) -> None:
    """Show how far it is."""
    sys.stderr.write(text)
    sys.stderr.flush()
