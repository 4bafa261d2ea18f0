"""Exits by the thousand: are all alerted, how soon, and how many alerts are false in a week?"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.proof.figures import Exits, Figures

SCENARIO = "exits"  # thousands of exits a day, with people who turn round at the door
ORDINARY = "demo-day"  # few exits, so that nearly all an alert could be is false
FIRST_SEED = 101  # seeds that nothing was tuned on
HOURS = 7.5
SCHOOL_WEEK = 5  # days

RECALL = 0.999
FALSE_A_WEEK = 1.0
DELAY_P99_S = 8.0


class ExitReport(NamedTuple):
    """What was found on days with many exits, and on ordinary ones."""

    many: list[Figures]
    ordinary: list[Figures]


def readable(logs: Sequence[Figures]) -> int:
    """Return how many exits without leave could be read."""
    return sum(log.exits.readable for log in logs)


def exits_table(report: ExitReport) -> Iterator[str]:
    """Yield the rows of a page's table."""
    kinds = {SCENARIO: report.many, ORDINARY: report.ordinary}
    yield "| | mark | " + " | ".join(f"`{name}`" for name, logs in kinds.items() if logs) + " |"
    yield "|---|---|" + "---|" * sum(bool(logs) for logs in kinds.values())
    sums = [_Sum([log.exits for log in logs]) for logs in kinds.values() if logs]
    for line, mark in (
        ("days", ""),
        ("readable exits without leave", ""),
        ("alerted", ""),
        ("recall among the readable", f"≥ {RECALL:g}"),
        ("recall over all", ""),
        ("false alarms in a building's week", f"≤ {FALSE_A_WEEK:g}"),
        ("alert delay p50, s", ""),
        ("alert delay p99, s", f"≤ {DELAY_P99_S:g}"),
        ("alert delay, longest, s", ""),
    ):
        yield f"| {line} | {mark} | {' | '.join(one.shown[line] for one in sums)} |"


class _Sum:
    """Some days added up; `shown` has the text of each line."""

    def __init__(self, days: Sequence[Exits]) -> None:
        count = sum(one.days for one in days)
        all_readable = sum(one.readable for one in days)
        found = sum(one.found for one in days)
        unreadable = sum(one.unreadable for one in days)
        others = sum(one.found_unreadable for one in days)
        false = sum(one.false for one in days)
        delays = sorted(delay for one in days for delay in one.delays)
        self.shown = {
            "days": str(count),
            "readable exits without leave": str(all_readable),
            "alerted": str(found),
            "recall among the readable": _share(found, all_readable),
            "recall over all": _share(found + others, all_readable + unreadable),
            "false alarms in a building's week": f"{false * SCHOOL_WEEK / count:.2f} ({false})",
            "alert delay p50, s": _quantile(delays, 0.5),
            "alert delay p99, s": _quantile(delays, 0.99),
            "alert delay, longest, s": _quantile(delays, 1.0),
        }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "-"


def _quantile(ordered: Sequence[float], share: float) -> str:
    return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.1f}" if ordered else "-"
