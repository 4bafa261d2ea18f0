"""Of the crossings said with some confidence, how many were right: pooled over logs."""

from collections.abc import Iterable

from benchmarks.proof.figures import CLASSES, Class
from benchmarks.proof.methods import ENGINE
from benchmarks.proof.reporting import Group


def pooled(groups: Iterable[Group]) -> list[Class]:
    """Return the engine's classes over all logs of some groups."""
    pool = [Class() for _ in CLASSES]
    for group in groups:
        for log in group.figures[ENGINE]:
            for one, more in zip(pool, log.classes, strict=True):
                one.said += more.said
                one.confidence += more.confidence
                one.right += more.right
    return pool


def table(groups: Iterable[Group]) -> list[str]:
    """Return the rows of the calibration as a page's table."""
    rows = ["| confidence | said | mean confidence | right |", "|---|---|---|---|"]
    for low, high, one in zip(CLASSES, (*CLASSES[1:], 1.0), pooled(groups), strict=True):
        if one.said:
            closing = "]" if high == 1.0 else ")"
            rows.append(
                f"| [{low:g}, {high:g}{closing} | {one.said} | {one.confidence / one.said:.3f} "
                f"| {one.right / one.said:.3f} |"
            )
    return rows
