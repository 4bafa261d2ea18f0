"""What a module family implements, and what it is given to work with."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from simulator.modules.field import TagField
from simulator.modules.line import UartLine
from simulator.modules.stats import Stats


class Core(Protocol):
    """A family's state machine: bytes and time in, frames out on the line it was made with."""

    @property
    def next_due_s(self) -> float | None:
        """When `advance` has something to do; None while idle, so that idling costs nothing."""

    def power_up(self, at_s: float) -> None:
        """Begin with power."""

    def receive(self, data: bytes, at_s: float) -> None:
        """Take bytes from the host."""

    def advance(self, at_s: float) -> None:
        """Do what is due by `at_s`, or as much as the line takes before it is crowded."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one module is wired to: its UART, the tags before its antennas, chance, its oddities.

    `antennas` are the field's numbers of the antennas at ports 1, 2, ...; further ports are open.
    `rate_hz` is the reads a second it shall make, None for the air's own timing.
    """

    line: UartLine
    tags: TagField
    antennas: tuple[int, ...]
    rng: random.Random
    quirks: Mapping[str, float]
    rate_hz: float | None
    stats: Stats


@dataclass(frozen=True, slots=True)
class Family:
    """One family: its quirks by name with a description each, how to make one, and the baud rate
    it starts with under given quirks."""

    quirks: Mapping[str, str]
    make: Callable[[Surroundings], Core]
    start_baud: Callable[[Mapping[str, float]], int]
