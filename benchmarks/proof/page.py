"""The report as a page."""

from collections.abc import Iterator, Sequence

from benchmarks.baselines import BASELINES
from benchmarks.proof.calibration import table
from benchmarks.proof.exits import FIRST_SEED, ExitReport, exits_table
from benchmarks.proof.figures import LESS_IS_BETTER, NEITHER, Over, is_better
from benchmarks.proof.marks import marks
from benchmarks.proof.methods import CEILING, CHOSEN_BY, ENGINE, METHODS
from benchmarks.proof.reporting import TUNED_ON, Group, Plan
from simulator.scenarios import SCENARIOS

_TUNED_FOR_OTHERS = "the other families get those of the last one swept."
_SUMMARY = ("crossings.f1", "rooms.online", "rooms.corrected", "carts.exact")


def page(plan: Plan, groups: Sequence[Group], exits: ExitReport) -> str:
    """Return the whole page, Markdown."""
    whole = [group for group in groups if group.family in plan.families]
    parts: list[str] = [
        *_head(plan),
        "## In short",
        "",
        "Engine, after the slash the best baseline on that line, in brackets the ceiling.",
        "",
        *_summary(groups),
        "",
        "## Marks",
        "",
        *marks(groups),
        "",
        *_exits(plan, exits),
        "## Where a baseline is better",
        "",
        "A rule that decides at each read is quick, and `delay` is that of what it got right.",
        "",
        *_worse(whole),
        "",
        "## Calibration",
        "",
        "Crossings that stood at the end, all logs of this page together. A class is right where",
        "the share of those that were right is near the mean confidence.",
        "",
        *table(groups),
        "",
        '<img src="accuracy.svg" alt="Confidence said against share right, by module family">',
        "",
        "## All lines",
        "",
        "Mean over the seeds, ± half of what lies between the lowest and the highest. Less is",
        f"better for {_coded(sorted(LESS_IS_BETTER))};",
        f"for {_coded(sorted(NEITHER))} nothing is.",
    ]
    for group in groups:
        if group in whole:
            parts += ["", f"### `{group.scenario}`, `{group.family}` at the doorways", ""]
            parts += _all_lines(group)
    parts += ["", "## Settings of the baselines", "", *_settings(whole)]
    return "\n".join(parts) + "\n"


def _head(plan: Plan) -> list[str]:
    several = ", ".join(f"`{family}`" for family in plan.families)
    alone = ", ".join(f"`{family}`" for family in plan.others)
    others = f"; {alone} with seed {plan.seeds[0]} alone" if alone else ""
    return [
        "# How right the engine is",
        "",
        "Written by `make accuracy`, not by hand; this one with",
        "",
        "```",
        f'make accuracy ARGS="{_arguments(plan)}"',
        "```",
        "",
        "- **Logs**: the demo's school, simulated as [simulator.md](simulator.md) says, which also",
        f"  says what that is worth: the last lessons of a day that fit in {plan.hours:g} h of",
        f"  {_coded(plan.scenarios)}, and in {plan.brief_hours:g} h of the others. In a short log",
        "  most devices are not heard of for long, so that even an oracle misses many rooms.",
        f"  Modules at the doorways: {several}{others}.",
        f"- **Split**: reported on {_seeds(plan.seeds)}. Parameters of the engine are set on seeds",
        f"  4, 5 and 6. Settings of the baselines are swept on {_seeds(plan.tuning)} of",
        f"  {_coded(TUNED_ON)}, for each family; those with the best sum of",
        f"  {_coded(CHOSEN_BY)} are shown; {_TUNED_FOR_OTHERS}",
        "- **Baselines** (`benchmarks/baselines/`): the antenna that read last; a fixed window;",
        "  SMURF, a window that fits itself to each tag; EdgeX's inventory rule. They get the same",
        "  log, the same school and the same permissions, and are scored by the same code.",
        "- **Ceiling** (`benchmarks/proof/ceiling.py`): an oracle that knows the truth and says it",
        "  when a device's own reads first bear witness to it. It never guesses: a method that",
        "  does, from a cart's tag or where a device belongs, may stand above it.",
        "- **Lines**: as `rollcall score --json` names them; `crossings.false_a_device_day` counts",
        "  what was said and not true, a device and day; `crossings.false_in_200_passes` for",
        "  each 200 times a device was carried past a door.",
        "",
    ]


def _arguments(plan: Plan) -> str:
    said = [f"--scenarios {' '.join(plan.scenarios)} --hours {plan.hours:g}"]
    missing = set(SCENARIOS) - {*plan.scenarios, *plan.briefly}
    if missing:
        said.append(f"--briefly {' '.join(plan.briefly)}")
    said.append(f"--brief-hours {plan.brief_hours:g}")
    said.append(f"--seeds {_spaced(plan.seeds)} --tuning {_spaced(plan.tuning)}")
    said.append(f"--exits {plan.exits} --days {plan.days}")
    if not plan.others:
        said.append(f"--families {' '.join(plan.families)} --no-others")
    return " ".join(said)


def _exits(plan: Plan, exits: ExitReport) -> list[str]:
    if not (exits.many or exits.ordinary):
        return []
    return [
        "## Exits",
        "",
        f"The engine alone, `{plan.families[0]}`, whole days of 7.5 h, seeds from {FIRST_SEED} on.",
        "",
        *exits_table(exits),
        "",
    ]


def _summary(groups: Sequence[Group]) -> Iterator[str]:
    yield f"| scenario | doorways | {' | '.join(f'`{line}`' for line in _SUMMARY)} |"
    yield "|---" * (2 + len(_SUMMARY)) + "|"
    for group in groups:
        cells = []
        for line in _SUMMARY:
            engine, best = group.over(ENGINE, line), _best(group, line)
            if engine is None or best is None:
                cells.append("-")
            else:
                most = group.over(CEILING, line)
                over = f" [{most.mean:.3f}]" if most else ""
                cells.append(f"{engine.mean:.3f} / {best[1].mean:.3f} {best[0]}{over}")
        yield f"| `{group.scenario}` | `{group.family}` | {' | '.join(cells)} |"


def _worse(groups: Sequence[Group]) -> list[str]:
    found = []
    for group in groups:
        for line in _lines(group):
            engine, best = group.over(ENGINE, line), _best(group, line)
            if engine and best and is_better(line, best[1].mean, engine.mean):
                found.append(
                    f"| `{group.scenario}` | `{group.family}` | `{line}` "
                    f"| {_number(engine.mean)} | {_number(best[1].mean)} {best[0]} |"
                )
    if not found:
        return ["Nowhere."]
    return ["| scenario | doorways | line | engine | baseline |", "|---|---|---|---|---|", *found]


def _all_lines(group: Group) -> Iterator[str]:
    yield f"| line | {' | '.join(METHODS)} |"
    yield "|---" * (1 + len(METHODS)) + "|"
    for line in [*_lines(group), *sorted(NEITHER)]:
        values = [group.over(method, line) for method in METHODS]
        if any(value is not None for value in values):
            yield f"| `{line}` | {' | '.join(_cell(value) for value in values)} |"


def _settings(groups: Sequence[Group]) -> Iterator[str]:
    yield "| doorways | settings |"
    yield "|---|---|"
    for family, settings in {group.family: group.settings for group in groups}.items():
        rules = "; ".join(f"`{rule!r}`" for rule in settings.values())
        yield f"| `{family}` | {rules} |"


def _best(group: Group, line: str) -> tuple[str, Over] | None:
    """Return the best baseline on a line."""
    best: tuple[str, Over] | None = None
    for method in BASELINES:
        value = group.over(method, line)
        if value is not None and (best is None or is_better(line, value.mean, best[1].mean)):
            best = method, value
    return best


def _lines(group: Group) -> list[str]:
    return [line for line in group.figures[ENGINE][0].lines if line not in NEITHER]


def _cell(value: Over | None) -> str:
    if value is None:
        return "-"
    if value.spread == 0:
        return _number(value.mean)
    return f"{_number(value.mean)} ± {_number(value.spread / 2)}"


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _spaced(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _seeds(numbers: Sequence[int]) -> str:
    return f"seed{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _coded(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
