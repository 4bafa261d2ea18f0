"""When lessons are: from a school's bells, or the short endless day of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

import msgspec

from edge.contracts.school import School
from simulator.settings import SimulatorError

FIRST_DAY = datetime(2026, 9, 14)  # a Monday: where the search for a day to simulate begins
LEAD_S = 600.0  # a log begins ten minutes before the first bell
DEMO_LEAD_S = 25.0  # the demo's first lesson: counts are full before, and change soon
DEMO_BREAK_SHARE = 1 / 3  # of a lesson, between two of the demo's
LOOK_AHEAD_DAYS = 366
HOUR_S = 3600.0
BELL_LESS_LESSON_S = 3000.0  # of each hour, in a school without bells


class Lesson(msgspec.Struct, frozen=True):
    """One lesson in Unix seconds, and the start of the lesson after it.

    `ends_day` when the school closes after it, so that devices are taken home.
    """

    start_s: float
    end_s: float
    next_s: float
    ends_day: bool = False

    @property
    def length_s(self) -> float:
        """Seconds of teaching."""
        return self.end_s - self.start_s


def school_days(school: School, start_s: float, end_s: float) -> Iterator[Lesson]:
    """Lessons by the school's bells, those that are on or begin from `start_s` to `end_s`.

    A school without bells has a lesson of 50 minutes in every hour, round the clock.
    """
    lessons = _lessons(school, start_s)
    lesson = next(lessons, None)
    while lesson is not None and lesson[0] < end_s:
        after = next(lessons, None)
        next_s, ends_day = (after[0], after[2] != lesson[2]) if after else (lesson[1], True)
        yield Lesson(max(lesson[0], start_s), lesson[1], next_s, ends_day)
        lesson = after


def short_day(start_s: float, lesson_s: float) -> Iterator[Lesson]:
    """Lessons of `lesson_s` for ever, the first one `DEMO_LEAD_S` after the start."""
    cycle_s = lesson_s * (1 + DEMO_BREAK_SHARE)
    for number in count():
        begin = start_s + DEMO_LEAD_S + number * cycle_s
        yield Lesson(begin, begin + lesson_s, begin + cycle_s)


def default_start(school: School) -> float:
    """Ten minutes before the first bell of the first school day from `FIRST_DAY` on.

    Raises:
        SimulatorError: no school day within a year, or no lesson in a day.
    """
    if school.bells is None:
        return FIRST_DAY.replace(hour=8, tzinfo=school.zone).timestamp() - LEAD_S
    first = next(_lessons(school, FIRST_DAY.replace(tzinfo=school.zone).timestamp()), None)
    if first is None:
        raise SimulatorError("bells: no lesson within a year; check days, lessons and closed")
    return first[0] - LEAD_S


def _lessons(school: School, start_s: float) -> Iterator[tuple[float, float, int]]:
    """Yield (start, end, day) of each lesson that ends after `start_s`."""
    if school.bells is None:
        for hour in count(int(start_s // HOUR_S)):
            begin = hour * HOUR_S
            if begin + BELL_LESS_LESSON_S > start_s:
                yield begin, begin + BELL_LESS_LESSON_S, 0
        return
    midnight = datetime.fromtimestamp(start_s, school.zone).replace(tzinfo=None)
    midnight = midnight.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(LOOK_AHEAD_DAYS):
        date = midnight + timedelta(days=day)  # naive, so that a change of clocks moves no bell
        if not school.bells.is_school_day(date):
            continue
        for bell in school.bells.lessons:
            begin, end = (datetime.combine(date.date(), at, school.zone).timestamp() for at in bell)
            if end > start_s:
                yield begin, end, day
