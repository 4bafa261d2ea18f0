"""The M6e on the air: sweeps over its ports until every tag that takes part was read.

A sweep is a chain of rounds in which the carrier stays on, each with as many slots as tags seem to
be left; then the carrier goes off for a moment, so that tags in S0 answer again. That gives the 25
reads a second of one tag and the 130 of sixteen tags that captures from a Nano show.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.modules.field import TagAnswer
from simulator.modules.inventory import AirTiming, Query, Round
from simulator.modules.line import UartLine
from simulator.modules.m6e.search import Filter
from simulator.modules.m6e.settings import Settings
from simulator.modules.transmitter import Transmitter

TIMING = AirTiming(
    overhead_s=0.012, empty_s=0.0003, collision_s=0.0008, read_s=0.0035, carrier_off_s=0.0
)
PAUSE_S = 0.022  # between sweeps
FIRST_Q, MAX_Q = 4, 8
UART_BUFFER_BYTES = 512  # a round begins when no more than this still waits to leave
LAG_S = 0.1  # after the process was held up, rounds are made up for at most so long


@dataclass(frozen=True, slots=True)
class Read:
    """One tag's answer, and the circumstances that metadata tell."""

    at_s: float
    answer: TagAnswer
    tx: int
    rx: int
    khz: int
    q: int
    target_b: bool


class Inventory:
    """A search under way.

    `in_access` looks in S0, whatever the host has set, as one tag may just have been found in
    another session; `to_write` uses the power for writing.
    """

    def __init__(
        self,
        radio: Transmitter,
        line: UartLine,
        settings: Settings,
        tags: Filter,
        ports: list[tuple[int, int]],
        begin_s: float,
        *,
        in_access: bool = False,
        to_write: bool = False,
    ) -> None:
        self.due_s = begin_s
        self.round: Round | None = None
        self._radio = radio
        self._line = line
        self._settings = settings
        self._tags = tags
        self._ports = ports
        self._in_access = in_access
        self._to_write = to_write
        self._port_place = 0
        self._q = self._first_q()
        self._sweep_begins = True
        self._target_b = False if in_access else settings.target_b
        self._place = 0
        self._query = Query(0, False, 0, 0)
        self._khz = 0
        self.on_air_s = 0.0
        self.rounds = 0

    def step(self, at_s: float) -> Read | None:
        """Do what is due at `due_s`: return the next read, or end a round, or begin one."""
        if self.round is None:
            self._begin_round(max(self.due_s, at_s - LAG_S))
            return None
        if self._place >= len(self.round.reads):
            self._end_round(self.round)
            return None
        read_s, answer = self.round.reads[self._place]
        self._place += 1
        self._schedule()
        answer.tag.inventoried(self._query.session, read_s)
        tx, rx = self._ports[self._port_place]
        return Read(read_s, answer, tx, rx, self._khz, self._query.q, self._query.target_b)

    def cut(self, at_s: float) -> None:
        """Switch the carrier off; reads of the round that were not handed out are lost."""
        if self.round is not None:
            self.round.cut(at_s)
            self.round = None
        self.due_s = at_s

    def pause(self, until_s: float) -> None:
        """Stay off the air until then."""
        self.cut(self.due_s)
        self.due_s = until_s
        self._sweep_begins = True

    def _begin_round(self, at_s: float) -> None:
        room_s = self._line.free_s - self._line.seconds(UART_BUFFER_BYTES)
        if room_s > at_s:  # the host's line is slower than the air
            self.due_s = room_s
            return
        settings = self._settings
        port = self._ports[self._port_place][0]
        session = 0 if self._in_access else settings.session
        self._query = Query(session, self._target_b, self._tags.sel, self._q)
        selects = self._tags.selects if self._sweep_begins else ()
        power_dbm = settings.power_dbm(port, write=self._to_write)
        channels = settings.frequencies()
        self.round = self._radio.round(port, self._query, selects, power_dbm, channels, at_s)
        self._khz = round(self._radio.frequency(channels, at_s) * 1000)
        self._sweep_begins = False
        self._place = 0
        self.rounds += 1
        self.on_air_s += self.round.end_s - at_s
        self._schedule()

    def _schedule(self) -> None:
        if self.round is not None:
            reads = self.round.reads
            self.due_s = reads[self._place][0] if self._place < len(reads) else self.round.end_s

    def _end_round(self, ended: Round) -> None:
        self.round = None
        query = self._query
        left = sum(
            answer.heard and answer.tag.takes_part(query.session, query.target_b, query.sel)
            for answer in ended.powered
        )
        if left and (ended.reads or query.q < MAX_Q):
            self._q = self._q_for(left, query.q if not ended.reads else 0)
            self.due_s = ended.end_s
            return
        self._next_sweep(ended)

    def _next_sweep(self, ended: Round) -> None:
        self._sweep_begins = True
        self._q = self._first_q()
        if self._settings.both_targets and not self._in_access:
            self._target_b = not self._target_b
        if not self._target_b or not self._settings.both_targets:
            self._port_place = (self._port_place + 1) % len(self._ports)
        off_s = PAUSE_S if self._radio.timing.rate_hz is None else 0.0
        ended.cut(ended.end_s)
        self.due_s = ended.end_s + max(off_s, 1e-6)

    def _first_q(self) -> int:
        fixed = self._settings.static_q
        return FIRST_Q if fixed is None else fixed

    def _q_for(self, left: int, at_least: int) -> int:
        fixed = self._settings.static_q
        if fixed is not None:
            return fixed
        return min(MAX_Q, max((left - 1).bit_length(), at_least and at_least + 1))
