"""The figures of one method on one log, and what they are over seeds."""

from collections.abc import Iterable, Sequence
from datetime import time

import msgspec

from edge.contracts.events import Crossed, Event
from edge.contracts.school import School
from edge.contracts.truth import READABLE_RAW, Truth
from simulator.score import Score, score
from simulator.score.crossings import match
from simulator.score.facts import Facts, sort_out
from simulator.score.intervals import length, lessons, local_days

# Confidence of a crossing: the classes of the calibration, each up to the next.
CLASSES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)

LESS_IS_BETTER = frozenset(
    {
        "crossings.false_a_device_day",
        "crossings.false_in_200_passes",
        "exits.false_per_day",
        "carts.mae",
        "delay.p50",
        "delay.p99",
    }
)
NEITHER = frozenset({"crossings.unreadable", "carts.unreadable"})


class Class(msgspec.Struct):
    """Crossings said with a confidence of one class: how many, how sure in all, how many right."""

    said: int = 0
    confidence: float = 0.0
    right: int = 0


class Exits(msgspec.Struct, frozen=True):
    """Exits without leave and the alerts of them, counted, so that logs can be added up.

    `readable` of them had two raw reads or more, `found` of those were alerted; `unreadable` and
    `found_unreadable` are the others. `false` alerts in `days` school days. `delays`: seconds from
    an exit to the alert of it.
    """

    readable: int
    found: int
    unreadable: int
    found_unreadable: int
    false: int
    days: int
    delays: list[float]


class Figures(msgspec.Struct, frozen=True):
    """All score lines by name (None where the truth has nothing to say), and what adds up."""

    lines: dict[str, float | None]
    classes: list[Class]
    exits: Exits


class Over(msgspec.Struct, frozen=True):
    """A figure over seeds."""

    mean: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """How far apart the seeds lie."""
        return self.high - self.low


def figures(
    events: Sequence[Event], truth: Sequence[Truth], school: School, passes: int
) -> Figures:
    """Score one log: the lines of `rollcall score`, and false crossings by devices and passes."""
    scored = score(events, truth, school)
    facts = sort_out(school, events, truth)
    right = {
        id(said)
        for said, true in match(facts, facts.crossings, facts.true_crossings)
        if isinstance(said, Crossed) and said.to_room == true.to_room
    }
    lines = _lines(scored)
    false = len(facts.crossings) - len(right)
    device_days = len(facts.starts) * _school_days(school, facts.span)
    lines["crossings.false_a_device_day"] = false / device_days if device_days else None
    lines["crossings.false_in_200_passes"] = 200 * false / passes if passes else None
    return Figures(lines, _classes(facts, right), _exits(facts))


def _school_days(school: School, span: tuple[float, float]) -> float:
    """Return how many days' lessons a log covers, a short log being a part of a day."""
    if school.bells is None or not school.bells.lessons:
        return float(len(local_days(school, span)))
    day_s = sum(_of_day_s(end) - _of_day_s(begin) for begin, end in school.bells.lessons)
    return length(lessons(school, span)) / day_s


def _of_day_s(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def over(all_of: Iterable[Figures], line: str) -> Over | None:
    """Return a line over several logs; None where none of them has it."""
    values = [value for one in all_of if (value := one.lines.get(line)) is not None]
    if not values:
        return None
    return Over(sum(values) / len(values), min(values), max(values))


def is_better(line: str, one: float, other: float) -> bool:
    """Whether one value of a line is better than another."""
    return one < other if line in LESS_IS_BETTER else one > other


def _lines(scored: Score) -> dict[str, float | None]:
    parts = msgspec.structs.asdict(scored)
    return {
        f"{part}.{name}": value
        for part, values in parts.items()
        for name, value in msgspec.structs.asdict(values).items()
    }


def _exits(facts: Facts) -> Exits:
    school = facts.school
    true = [
        fact
        for fact in facts.true_crossings
        if school.is_outside(fact.to_room) and fact.allowed is not True
    ]
    alerts = [alert for alert in facts.alerts if alert.rule == "left-building"]
    pairs = match(facts, alerts, true)
    readable = sum(fact.raw >= READABLE_RAW for fact in true)
    found = sum(fact.raw >= READABLE_RAW for _, fact in pairs)
    return Exits(
        readable=readable,
        found=found,
        unreadable=len(true) - readable,
        found_unreadable=len(pairs) - found,
        false=len(alerts) - len(pairs),
        days=len(local_days(school, facts.span)),
        delays=[round(alert.decided - fact.t, 2) for alert, fact in pairs],
    )


def _classes(facts: Facts, right: set[int]) -> list[Class]:
    classes = [Class() for _ in CLASSES]
    for crossing in facts.crossings:
        number = max(k for k, low in enumerate(CLASSES) if crossing.confidence >= low)
        one = classes[number]
        one.said += 1
        one.confidence += crossing.confidence
        one.right += id(crossing) in right
    return classes
