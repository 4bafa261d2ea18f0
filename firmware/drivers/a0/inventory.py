"""Inventory on the antennas of an A0 module: starts the rounds, hands records on, counts looks.

A command makes one round on an antenna (8B) or on each in turn (8A), and an end frame closes it.
There is none to stop one. Records pass through without allocating.
"""

import asyncio

from drivers.a0.codes import ANTENNA_MISSING, fault
from drivers.a0.frames import (
    END,
    FAST_SWITCH,
    NONSENSE,
    RECORD,
    SESSION,
    epc_length,
    kind,
    port_of,
    rssi_tenths,
)
from drivers.errors import LinkLost

WORK_ANTENNA = 0x74
_PLACES, _MOST_PLACES = 4, 8  # for ports in 8A; the longer form is of modules with 8 ports

# A round without tags takes 30 to 50 ms an antenna. Without a frame for this long its end was
# lost, or the command was; then it is sent again.
_PATIENCE_MS = 200
_PATIENCE_PORT_MS = 100
_MUTE_MS = 1900  # no answer to two of them or more: with the last patience noticed within 3 s
_SILENT_MS = 150  # no inventory frame for this long: none is running, or nothing answers it
_PAUSE_MS = 50  # when no antenna could be used


class Plan:
    """How to look: the session, and whether its targets A and B take turns."""

    def __init__(self, session, both_targets):
        self.session = session
        self.both_targets = both_targets


class Inventory:
    """`run` makes rounds for a slot; `frame` takes the frames of 89, 8A and 8B meanwhile.

    `zero_epcs` counts records of nothing but zeros, which the module makes of noise, and `resent`
    the commands whose end did not come.
    """

    def __init__(self, talk, link, parser, antennas, sink, clock):
        self.zero_epcs = 0
        self.resent = 0
        self._talk = talk
        self._link = link
        self._parser = parser
        self._antennas = antennas
        self._sink = sink
        self._clock = clock
        self._command = 0  # the inventory under way, 0 when there is none
        self._ports = 0  # a bit for each port that it is on
        self._ended = asyncio.Event()
        self._heard_ms = 0  # when the last frame of an inventory came
        self._code = 0  # what ended the round instead of an end frame
        self._told_ms = 0  # how long the module says the round took
        self._codes = bytearray(len(antennas))  # what each port complained of in this pass
        self._told_missing = 0  # a bit for each port whose missing antenna was told
        self._target = 0
        self._rounds = [0 for _ in antennas]
        self._on_air_ms = [0 for _ in antennas]

    async def run(self, plan, slot_ms):
        """One slot; returns the error for the first port that complained, or None."""
        began = self._clock.up_ms()
        complaint = None
        try:
            while True:
                started = self._clock.up_ms()
                used = await self._look(plan)
                complaint = complaint or self._complaint()
                now = self._clock.up_ms()
                left = slot_ms - (now - began)
                if left <= 0 or left < (now - started) // 2:
                    break
                if not used:
                    await asyncio.sleep(min(left, _PAUSE_MS) / 1000)
        finally:
            self._hand_on_looks()
        return complaint

    async def outwait(self, limit_ms):
        """Wait until no inventory runs, ours or another host's; False if one runs on and on."""
        began = self._clock.up_ms()
        while True:
            now = self._clock.up_ms()
            silent = now - max(began, self._heard_ms)
            if silent >= _SILENT_MS:
                self._command = 0
                return True
            if now - began > limit_ms:
                return False
            await asyncio.sleep((_SILENT_MS - silent) / 1000)

    @property
    def running(self):
        """Whether a round was begun whose end has not come."""
        return self._command != 0

    def frame(self, command, start, length):
        """A frame of 89, 8A or 8B; False where it makes no sense. Allocates nothing."""
        what = kind(self._parser.buf, command, start, length)
        if what == NONSENSE:
            return False
        if what == RECORD:
            return self._record(start)
        self._heard_ms = self._link.at_ms
        if command != self._command:
            return True  # the late end of an earlier round
        if what == END:
            if command == FAST_SWITCH:
                buf = self._parser.buf
                self._told_ms = buf[start + 4] << 16 | buf[start + 5] << 8 | buf[start + 6]
        elif length == 2:
            return self._port_fault(start)
        else:
            self._code = self._parser.buf[start]
        self._ended.set()
        return True

    def _record(self, start):
        buf = self._parser.buf
        length = epc_length(buf, start + 1)
        rssi = buf[start + 3 + length]
        port = port_of(buf[start], rssi)
        if not self._command:
            self._heard_ms = self._link.at_ms
            return True  # begun by another host, or before a restart of this one
        if not self._ports >> port & 1:
            return False
        self._heard_ms = self._link.at_ms
        if _is_zero(buf, start + 3, length):
            self.zero_epcs += 1
            return True
        antenna = self._antennas[port]
        self._sink.take(buf, start + 3, length, antenna, rssi_tenths(rssi), self._link.at_ms)
        return True

    def _port_fault(self, start):
        port = self._parser.buf[start]
        if port >= len(self._codes):
            return False
        self._codes[port] = self._parser.buf[start + 1]
        return True

    async def _look(self, plan):
        """One round on each antenna; returns how many of them could be used."""
        for port in range(len(self._codes)):
            self._codes[port] = 0
        ports = len(self._antennas)
        if ports > 1 and not (plan.session or plan.both_targets):
            used = await self._look_fast(ports)
        else:
            used = 0
            for port in range(ports):
                used += await self._look_at(port, plan)
        if plan.both_targets:
            self._target ^= 1
        return used

    async def _look_fast(self, ports):
        """8A: one stay on each port, no pause between, once. The module says how long it took."""
        places = bytearray()
        for place in range(_PLACES if ports <= _PLACES else _MOST_PLACES):
            places += bytes((place if place < ports else 0xFF, 1))
        places += b"\x00\x01"
        took_ms = await self._round(FAST_SWITCH, places, (1 << ports) - 1, ports)
        if self._code:
            for port in range(ports):
                self._codes[port] = self._code
        if took_ms is None:
            return 0
        used = [port for port in range(ports) if not self._codes[port]]
        if 0 < self._told_ms <= took_ms:  # else the frame is damaged, or the firmware counts oddly
            took_ms = self._told_ms
        for port in used:
            self._rounds[port] += 1
            self._on_air_ms[port] += took_ms // len(used)
        return len(used)

    async def _look_at(self, port, plan):
        """8B on one port: the module says not how long it took, so the line's 2 ms are in it."""
        if len(self._antennas) > 1:
            await self._talk.set(WORK_ANTENNA, bytes((port,)))
        asked = bytes((plan.session, self._target, 1))
        took_ms = await self._round(SESSION, asked, 1 << port, 1)
        self._codes[port] = self._code
        if self._code or took_ms is None:
            return 0
        self._rounds[port] += 1
        self._on_air_ms[port] += took_ms
        return 1

    async def _round(self, command, data, ports, stays):
        """Send the command and wait for its end; returns milliseconds, None if none came."""
        patience_ms = _PATIENCE_MS + _PATIENCE_PORT_MS * stays
        self._code = self._told_ms = 0
        self._ports = ports
        self._command = command
        self._ended.clear()
        resent = self.resent
        began = sent = self._clock.up_ms()
        self._talk.send(command, data)
        while not await self._end_by(max(sent, self._heard_ms) + patience_ms):
            self._link.check()
            now = self._clock.up_ms()
            if now < max(sent, self._heard_ms) + patience_ms:
                continue  # records still come
            self._parser.settle()  # which may find the end behind a damaged frame
            if self._ended.is_set():
                break
            if now - max(began, self._heard_ms) >= _MUTE_MS:
                raise LinkLost("{} is mute".format(self._link.name))
            if now - began >= _MUTE_MS and self._heard_ms >= sent:
                break  # it works, but each of its ends was lost
            self.resent += 1
            self._talk.send(command, data)
            sent = now
        took_ms = max(0, self._heard_ms - sent) if self._ended.is_set() else None
        # A command that seemed lost may still have its end to come.
        if self.resent != resent and not await self.outwait(_MUTE_MS):
            raise LinkLost("{} does not end its round".format(self._link.name))
        self._command = 0
        return took_ms

    async def _end_by(self, until_ms):
        """Whether the end of the round came before that time, or within a millisecond."""
        left_ms = max(1, until_ms - self._clock.up_ms())
        try:
            await asyncio.wait_for(self._ended.wait(), left_ms / 1000)
        except asyncio.TimeoutError:
            return False
        return True

    def _complaint(self):
        """The error for a port that failed in this pass; a missing antenna is told but once."""
        for port in range(len(self._codes)):
            bit, code = 1 << port, self._codes[port]
            if code != ANTENNA_MISSING:
                self._told_missing &= ~bit
            elif self._told_missing & bit:
                continue
            else:
                self._told_missing |= bit
            if code:
                return fault("antenna {}".format(self._antennas[port]), code)
        return None

    def _hand_on_looks(self):
        for port in range(len(self._antennas)):
            self._sink.looked(self._antennas[port], self._rounds[port], self._on_air_ms[port])
            self._rounds[port] = self._on_air_ms[port] = 0


def _is_zero(buf, start, length):
    for at in range(start, start + length):
        if buf[at]:
            return False
    return length > 0
