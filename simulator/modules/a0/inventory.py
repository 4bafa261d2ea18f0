"""An A0 reader's inventories: 89 real time, 8A fast switch, 8B session and target, 80 buffered.

Argument forms as public programs send them. 8B: session, target, [SL, [phase, [power save,]]]
repeat. 8A: port and stay in pairs (4 or 8 of them), interval in ms, repeat; newer programs put
5 reserved bytes, session, target, optimize, ongoing, target count and phase between the two.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from dataclasses import dataclass

from simulator.modules.a0.air import ALL_TAGS, Air, Ask, Job, Step
from simulator.modules.a0.buffer import Buffer
from simulator.modules.a0.frames import Code, CommandError, demand
from simulator.modules.a0.records import (
    Sighting,
    buffer_end,
    round_end,
    round_record,
    switch_end,
)
from simulator.modules.a0.settings import Settings
from simulator.modules.tag import Tag

BUFFERED, REAL_TIME, FAST_SWITCH, SESSION_TARGET = 0x80, 0x89, 0x8A, 0x8B
SHORTEST = 0xFF  # as a repeat: one look and no more
POWER_SAVE_S = 0.002  # unit of the rest before the end frame
DETECT_S = 0.005  # what the antenna detector takes to find nothing
SHORT_PAIRS = {10: 4, 18: 8}  # bytes of 8A: pairs
LONG_PAIRS = {21: 4, 29: 8}
LONG_TAIL = 13  # bytes of the long form behind its pairs
PHASE_NOISE = 0x1F


@dataclass(frozen=True, slots=True)
class Order:
    """An inventory command understood: `ports` are looked at in turn, `repeats` times.

    `repeats` None never ends. `rest_s` lies between ports, `delay_s` before the end frame.
    """

    ports: tuple[int, ...]
    repeats: int | None
    ask: Ask = ALL_TAGS
    phase: bool = False
    rest_s: float = 0.0
    delay_s: float = 0.0


def inventory(air: Air, buffer: Buffer, command: int, data: bytes, at_s: float) -> Job:
    """Return the job of an inventory command; raises `CommandError` for wrong arguments."""
    order = parse_order(command, data, air.settings, endless="endless-ff" in air.quirks)
    return {
        BUFFERED: lambda: _buffered(air, order, buffer, at_s),
        REAL_TIME: lambda: _real_time(air, order, at_s),
        FAST_SWITCH: lambda: _fast_switch(air, order, at_s),
        SESSION_TARGET: lambda: _real_time(air, order, at_s),
    }[command]()


def parse_order(command: int, data: bytes, settings: Settings, *, endless: bool = False) -> Order:
    """Understand an inventory command's data; raises `CommandError` 41."""
    demand(len(data) >= 1)
    repeats: int | None = 1 if data[-1] in (0, SHORTEST) else data[-1]
    here = (settings.port,)
    if command == FAST_SWITCH:
        return _parse_fast_switch(data, settings, repeats)
    if command != SESSION_TARGET:
        demand(len(data) == 1)
        return Order(here, repeats)
    demand(len(data) == 3 or (4 <= len(data) <= 6 and not settings.old_firmware))
    session, target = data[:2]
    sel = data[2] if len(data) > 3 else 0
    phase = data[3] if len(data) > 4 else 0
    save = data[4] if len(data) > 5 else 0
    demand(session <= 3 and target <= 1 and sel <= 3 and phase <= 1)
    return Order(
        here,
        None if endless and data[-1] == SHORTEST else repeats,
        Ask(session, target == 1, sel),
        phase == 1,
        delay_s=save * POWER_SAVE_S,
    )


def _parse_fast_switch(data: bytes, settings: Settings, repeats: int | None) -> Order:
    pairs = SHORT_PAIRS.get(len(data))
    ask, phase = ALL_TAGS, 0
    if pairs is None:
        pairs = LONG_PAIRS.get(len(data))
        demand(pairs is not None and not settings.old_firmware)
        session, target, phase = data[-7], data[-6], data[-2]
        demand(session <= 3 and target <= 1 and phase <= 1)
        ask = Ask(session, target == 1)
    assert pairs is not None
    rest_ms = data[2 * pairs]
    ports = tuple(
        port + 1
        for port, stay in zip(data[: 2 * pairs : 2], data[1 : 2 * pairs : 2], strict=True)
        if port < settings.ports
        for _ in range(stay)
    )
    demand(bool(ports))
    return Order(ports, repeats, ask, phase == 1, rest_s=rest_ms / 1000)


class _Tally:
    """Makes the records of an inventory, and counts them."""

    def __init__(self, air: Air, *, phase: bool) -> None:
        self.reads = 0
        self._air = air
        self._phase = phase

    def record(self, sighting: Sighting, _: Tag) -> bytes:
        self.reads += 1
        if not self._phase:
            return round_record(sighting)
        return round_record(sighting, sighting.phase(self._air.rng.randint(0, PHASE_NOISE)))


def _real_time(air: Air, order: Order, at_s: float) -> Job:
    begun_s, tally = at_s, _Tally(air, phase=order.phase)
    (port,) = order.ports
    at_s = yield from _looks(air, order, at_s, tally.record)
    yield Step(at_s + order.delay_s, round_end(port, tally.reads, at_s - begun_s))


def _buffered(air: Air, order: Order, buffer: Buffer, at_s: float) -> Job:
    begun_s, before = at_s, buffer.reads
    (port,) = order.ports
    at_s = yield from _looks(air, order, at_s, buffer.store)
    reads = buffer.reads - before
    yield Step(at_s, buffer_end(port, buffer.count, reads, at_s - begun_s))


def _looks(
    air: Air, order: Order, at_s: float, heard: Callable[[Sighting, Tag], bytes | None]
) -> Generator[Step, float, float]:
    """Look `repeats` times on the one port; returns when that is done."""
    (port,) = order.ports
    for _ in _times(order.repeats):
        if air.misses(port):
            yield Step(at_s + DETECT_S)
            raise CommandError(Code.ANTENNA_MISSING)
        at_s = yield from air.look(port, order.ask, at_s, heard)
    return at_s


def _fast_switch(air: Air, order: Order, at_s: float) -> Job:
    begun_s, tally = at_s, _Tally(air, phase=order.phase)
    for _ in _times(order.repeats):
        missed = set()
        for port in order.ports:
            if port in missed:
                continue
            if air.misses(port):
                missed.add(port)
                missing = bytes((port - 1, Code.ANTENNA_MISSING))
                at_s = yield Step(at_s + DETECT_S, missing)
                continue
            at_s = yield from air.look(port, order.ask, at_s, tally.record)
            at_s += order.rest_s
    yield Step(at_s, switch_end(tally.reads, at_s - begun_s))


def _times(repeats: int | None) -> itertools.repeat[None] | itertools.count[int]:
    return itertools.count() if repeats is None else itertools.repeat(None, repeats)
