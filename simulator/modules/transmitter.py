"""A module's radio: channel hopping, its antenna ports, and the rounds it runs over the field.

Every family has one; what it asks for in a round, and what it says of the reads, is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.modules.core import Surroundings
from simulator.modules.field import TagAnswer
from simulator.modules.inventory import AirTiming, Query, Round, run_round
from simulator.modules.select import Select

DWELL_S = 0.3  # on one channel while hopping: FCC modules hop every 0.2-0.4 s


class Transmitter:
    """The radio of one module. `timing` is that of its chip; its `rate_hz` is the surroundings'.

    `port` is the module's own antenna port, from 1: port p is field antenna `antennas[p - 1]`.
    A port without an antenna wired to it powers no tag.
    """

    def __init__(
        self, around: Surroundings, timing: AirTiming, *, dwell_s: float = DWELL_S
    ) -> None:
        self.timing = replace(timing, rate_hz=around.rate_hz)
        self._tags = around.tags
        self._antennas = around.antennas
        self._rng = around.rng
        self._dwell_s = dwell_s
        self._hopped_s = float("-inf")
        self._mhz = 0.0

    def connected(self, port: int) -> bool:
        """Tell whether an antenna is wired to the port."""
        return 1 <= port <= len(self._antennas)

    def round(
        self,
        port: int,
        query: Query,
        selects: Sequence[Select],
        power_dbm: float,
        frequencies: Sequence[float],
        at_s: float,
    ) -> Round:
        """Run one round begun at `at_s` on one of the channels (MHz).

        The reads are facts of the air; the caller turns a tag's flag (`Tag.inventoried`) when it
        reports it.
        """
        mhz = self.frequency(frequencies, at_s)
        answers: Sequence[TagAnswer] = ()
        if self.connected(port):
            answers = self._tags.answer(self._antennas[port - 1], at_s, power_dbm, mhz)
        return run_round(answers, query, selects, at_s, self.timing, self._rng)

    def frequency(self, frequencies: Sequence[float], at_s: float) -> float:
        """Return the channel (MHz) at `at_s`: the last one until its dwell is over or it is no
        longer among those allowed."""
        if at_s - self._hopped_s >= self._dwell_s or self._mhz not in frequencies:
            self._mhz = self._rng.choice(frequencies)
            self._hopped_s = at_s
        return self._mhz
