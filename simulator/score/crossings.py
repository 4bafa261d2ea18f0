"""Crossings and exits: one to one, in time order, for each tag and doorway."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import msgspec

from edge.contracts.truth import READABLE_RAW, TrueCrossing
from simulator.score.facts import Facts
from simulator.score.intervals import local_days


class CrossingScore(msgspec.Struct, frozen=True):
    """Shares from 0 to 1; `unreadable` counts true crossings with fewer than 2 raw reads."""

    precision: float | None
    recall: float | None
    f1: float | None
    direction_accuracy: float | None
    coverage: float | None
    unreadable: int


class ExitScore(msgspec.Struct, frozen=True):
    """Alerts against true exits that were not allowed."""

    recall: float | None
    recall_all: float | None
    false_per_day: float | None


class DelayScore(msgspec.Struct, frozen=True):
    """Seconds from a true crossing to its decision, of the matched."""

    p50: float | None
    p99: float | None


class _Statement(Protocol):
    @property
    def t(self) -> float: ...
    @property
    def epc(self) -> str | None: ...
    @property
    def doorway(self) -> str | None: ...


S = TypeVar("S", bound=_Statement)


def score_crossings(facts: Facts) -> tuple[CrossingScore, DelayScore]:
    """Count matches, directions and delays; see the module."""
    pairs = match(facts, facts.crossings, facts.true_crossings)
    matched = {id(event) for event, _ in pairs}
    readable = [true for true in facts.true_crossings if true.raw >= READABLE_RAW]
    found = [(event, true) for event, true in pairs if true.raw >= READABLE_RAW]
    right = [1 for event, true in found if event.to_room == true.to_room]
    wrong = len(found) - len(right)
    false = len(facts.crossings) - len(matched) + wrong
    spoken = bool(readable)  # without a readable crossing the truth has nothing to say
    crossings = CrossingScore(
        precision=_share(len(right), len(right) + false, spoken),
        recall=_share(len(right), len(readable), spoken),
        f1=_share(2 * len(right), len(right) + false + len(readable), spoken),
        direction_accuracy=_share(len(right), len(found), spoken),
        coverage=_share(len(found), len(readable), spoken),
        unreadable=len(facts.true_crossings) - len(readable),
    )
    delays = sorted(event.decided - true.t for event, true in found)
    return crossings, DelayScore(_quantile(delays, 0.5), _quantile(delays, 0.99))


def score_exits(facts: Facts) -> ExitScore:
    """Hold `left-building` alerts against exits that were not allowed."""
    exits = [
        true
        for true in facts.true_crossings
        if _is_outside(facts, true.to_room) and true.allowed is not True
    ]
    alerts = [alert for alert in facts.alerts if alert.rule == "left-building"]
    pairs = match(facts, alerts, exits)
    found = {id(true) for _, true in pairs}
    readable = [true for true in exits if true.raw >= READABLE_RAW]
    days = len(local_days(facts.school, facts.span))
    has_exit = any(_is_outside(facts, room) for room in facts.school.rooms)
    return ExitScore(
        recall=_share(sum(id(true) in found for true in readable), len(readable), bool(readable)),
        recall_all=_share(len(found), len(exits), bool(exits)),
        false_per_day=(len(alerts) - len(pairs)) / days if has_exit else None,
    )


def match(
    facts: Facts, said: Iterable[S], true: Iterable[TrueCrossing]
) -> list[tuple[S, TrueCrossing]]:
    """Pair statements with truths of the same tag and doorway, one to one, in time order."""
    by_place: dict[tuple[str | None, str | None], tuple[list[S], list[TrueCrossing]]]
    by_place = defaultdict(lambda: ([], []))
    for statement in said:
        by_place[statement.epc, statement.doorway][0].append(statement)
    for fact in true:
        by_place[fact.epc, fact.doorway][1].append(fact)
    pairs = []
    for (_, doorway), (statements, facts_here) in by_place.items():
        statements.sort(key=lambda s: s.t)
        facts_here.sort(key=lambda f: f.t)
        tolerance = facts.tolerance_s(doorway or "")
        pairs.extend(_in_order(statements, facts_here, tolerance))
    return pairs


def _in_order(
    said: Sequence[S], true: Sequence[TrueCrossing], tolerance_s: float
) -> list[tuple[S, TrueCrossing]]:
    pairs, i, j = [], 0, 0
    while i < len(said) and j < len(true):
        apart = said[i].t - true[j].t
        if apart > tolerance_s:
            j += 1
        elif apart < -tolerance_s:
            i += 1
        else:
            pairs.append((said[i], true[j]))
            i, j = i + 1, j + 1
    return pairs


def _is_outside(facts: Facts, room: str) -> bool:
    return room in facts.school.rooms and facts.school.is_outside(room)


def _share(part: int, whole: int, spoken: bool) -> float | None:
    if not spoken:
        return None
    return part / whole if whole else 0.0


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of all do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
