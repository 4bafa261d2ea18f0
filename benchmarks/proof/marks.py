"""What the engine is to reach, and where it stands; of a scenario that does not exist, nothing."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.proof.figures import LESS_IS_BETTER
from benchmarks.proof.methods import CEILING, ENGINE
from benchmarks.proof.reporting import Group


class Mark(NamedTuple):
    """`line` to be at least, or at most, `value` in a scenario."""

    scenario: str
    line: str
    value: float


_ORDINARY = {
    "rooms.corrected": 0.985,
    "rooms.online": 0.96,
    "carts.exact": 0.99,
    "delay.p50": 3.0,
    "delay.p99": 10.0,
}
MARKS = (
    Mark("quiet-day", "crossings.f1", 0.99),
    Mark("bell-rush", "crossings.f1", 0.97),
    Mark("loiterers", "crossings.false_a_device_day", 0.05),
    Mark("hall-passers", "crossings.false_in_200_passes", 1.0),
    *(Mark("quiet-day", line, value) for line, value in _ORDINARY.items()),
    *(Mark("bell-rush", line, value) for line, value in _ORDINARY.items()),
)


def marks(groups: Sequence[Group]) -> Iterator[str]:
    """Yield a table: each mark, and the engine's mean over the seeds for each family."""
    families = list(dict.fromkeys(group.family for group in groups))
    at = {(group.scenario, group.family): group for group in groups}
    yield f"| scenario | line | mark | {' | '.join(f'`{family}`' for family in families)} |"
    yield "|---" * (3 + len(families)) + "|"
    for mark in MARKS:
        here = [at.get((mark.scenario, family)) for family in families]
        if any(here):
            cells = [_cell(group, mark) if group else "-" for group in here]
            sign = "≤" if mark.line in LESS_IS_BETTER else "≥"
            yield (
                f"| `{mark.scenario}` | `{mark.line}` | {sign} {mark.value:g} "
                f"| {' | '.join(cells)} |"
            )


def _cell(group: Group, mark: Mark) -> str:
    value = group.over(ENGINE, mark.line)
    if value is None:
        return "-"
    low = mark.line in LESS_IS_BETTER
    reached = value.mean <= mark.value if low else value.mean >= mark.value
    if reached:
        return _number(value.mean)
    most = group.over(CEILING, mark.line)
    bound = f"; ceiling {_number(most.mean)}" if most is not None else ""
    return f"{_number(value.mean)} (not reached{bound})"


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"
