"""The bell schedule of a school, in school time."""

from datetime import datetime, time
from typing import Literal

import msgspec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Bells(msgspec.Struct, frozen=True):
    """School days, lessons as (from, to) of a day, and ISO dates on which school is closed."""

    days: tuple[Day, ...]
    lessons: tuple[tuple[time, time], ...]
    closed: frozenset[str] = frozenset()

    def is_school_day(self, local: datetime) -> bool:
        """Whether school is held on that day."""
        return DAYS[local.weekday()] in self.days and local.date().isoformat() not in self.closed

    def is_lesson(self, local: datetime) -> bool:
        """Whether a lesson is on at that school time."""
        now = local.time().replace(tzinfo=None)
        return self.is_school_day(local) and any(start <= now < end for start, end in self.lessons)
