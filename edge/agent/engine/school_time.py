"""The bells as the rules ask them: lessons gone by, the ends of school days, times of day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from edge.contracts.bells import Bells
from edge.contracts.school import School

_FAR = 400  # days that are looked through for a school day: the longest holidays are shorter
_HOLIDAY_S = 60 * 86_400.0  # a school day is not looked for farther back
_MIDNIGHT = time()


class SchoolTime:
    """A school's bells in its time zone. Without bells every day is one long lesson."""

    def __init__(self, school: School) -> None:
        self._school = school

    @property
    def _zone(self) -> ZoneInfo:
        return self._school.zone

    @property
    def _bells(self) -> Bells | None:
        bells = self._school.bells
        return bells if bells is not None and bells.lessons else None

    def is_school_hours(self, at: float) -> bool:
        """Whether it is between the first bell and the last of a school day."""
        return any(start <= at < end for start, end in self._hours(at, at))

    def during(self, at: float) -> str:
        """Say what is on: "lesson", "break" or "no school"."""
        if any(start <= at < end for start, end in self._lessons(at, at)):
            return "lesson"
        return "break" if self.is_school_hours(at) else "no school"

    def lesson_s(self, start: float, until: float) -> float:
        """Return the seconds of lessons between two times."""
        return sum(
            max(0.0, min(end, until) - max(begin, start))
            for begin, end in self._lessons(start, until)
        )

    def after_lessons(self, start: float, seconds: float) -> float:
        """Return when so many seconds of lessons will have passed since `start`."""
        left = seconds
        for begin, end in self._lessons(start, start + _FAR * 86_400):
            here = end - max(begin, start)
            if here >= left:
                return end - here + left
            left -= max(0.0, here)
        return start + _FAR * 86_400

    def day_ends(self, start: float, until: float) -> list[float]:
        """Return when school days ended, after `start` and up to `until`."""
        return [end for _, end in self._hours(start, until) if start < end <= until]

    def next_day_end(self, after: float) -> float:
        """Return when the next school day ends."""
        ends = (end for _, end in self._hours(after, after + _FAR * 86_400) if end > after)
        return next(ends, after + _FAR * 86_400)

    def day_end_before(self, at: float) -> float:
        """Return when the last school day before a time ended."""
        return max(self.day_ends(at - _HOLIDAY_S, at), default=at - _HOLIDAY_S)

    def clock_after(self, at: float, clock: time) -> float:
        """Return the next time, after `at`, that a clock shows this on a school day."""
        for day in self._days(at, at + _FAR * 86_400):
            moment = self._unix(day, clock)
            if moment > at:
                return moment
        return at + _FAR * 86_400

    def _hours(self, start: float, until: float) -> Iterator[tuple[float, float]]:
        """From the first bell to the last of each school day that two times touch."""
        for day in self._days(start, until):
            if self._bells is None:
                yield self._unix(day, _MIDNIGHT), self._unix(day + timedelta(1), _MIDNIGHT)
            else:
                last = max(end for _, end in self._bells.lessons)
                yield self._unix(day, self._bells.lessons[0][0]), self._unix(day, last)

    def _lessons(self, start: float, until: float) -> Iterator[tuple[float, float]]:
        if self._bells is None:
            yield from self._hours(start, until)
            return
        for day in self._days(start, until):
            for begin, end in self._bells.lessons:
                if (ends := self._unix(day, end)) > start:
                    yield self._unix(day, begin), ends

    def _days(self, start: float, until: float) -> Iterator[date]:
        day = datetime.fromtimestamp(start, self._zone).date()
        last = datetime.fromtimestamp(until, self._zone).date()
        while day <= last:
            noon = datetime.combine(day, time(12), self._zone)
            if self._bells is None or self._bells.is_school_day(noon):
                yield day
            day += timedelta(1)

    def _unix(self, day: date, clock: time) -> float:
        return datetime.combine(day, clock, self._zone).timestamp()
