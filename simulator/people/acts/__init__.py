"""What people do besides an ordinary lesson: each act in a file of its own."""

from __future__ import annotations

import random
from typing import Protocol

from simulator.people.roster import Roster
from simulator.people.timetable import Lesson


class Act(Protocol):
    """Plans its part of each lesson, in order, before anything else of that lesson is planned."""

    def lesson(self, roster: Roster, rng: random.Random, lesson: Lesson) -> None:
        """Move devices that are free at the lesson's start."""
