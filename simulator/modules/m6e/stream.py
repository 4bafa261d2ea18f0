"""The M6e's continuous reading: what 2F asks for, and the messages that then come by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.modules.m6e.air import Air, EmbeddedWork
from simulator.modules.m6e.frames import Command, Fields, Refused, Reply, Status
from simulator.modules.m6e.inventory import Inventory, Read
from simulator.modules.m6e.records import Sighting, record
from simulator.modules.m6e.search import METADATA, RETURN_ON_N, Search, parse_search
from simulator.modules.m6e.settings import GEN2
from simulator.modules.m6e.stats import TEMPERATURE, streamed_statistics

MULTI, SEARCH = 0x2F, 0x22
START, STOP, AUTHENTICATE, WRAPPED = 0x01, 0x02, 0x03, 0x04
_KEEPS_METADATA, _SEVERAL = 0x10, 0x11  # bits of the option of a 2F that does not stream
STATS_EVERY_S = 0.25
CYCLE_S = 1.0  # where the host gives no time of its own
_END, _TAG, _STATUS = 0x00, 0x01, 0x02  # types of a streamed message
_TIMESTAMP = 0x0010
_OLD_FREQUENCY, _OLD_TEMPERATURE, _OLD_PORT = 0x02, 0x04, 0x08  # of the older status stream


@dataclass(frozen=True, slots=True)
class Start:
    """Read on and on: the searches take turns."""

    searches: list[Search]
    stop_after: int = 0


@dataclass(frozen=True, slots=True)
class Together:
    """Several searches answered by one reply that begins with `head`."""

    head: bytes
    searches: list[Search]


class Stop:
    """End the continuous reading."""


Multi = Start | Together | Stop | Command


def parse_multi(data: bytes) -> Multi:
    """Understand the data of 2F; a wrapped command comes back as such."""
    fields = Fields(data)
    fields.number(2)  # the time-out, which the module ignores
    option = fields.number(1)
    if option == STOP:
        return Stop()
    if option == WRAPPED:
        size = fields.number(1)
        command = Command(fields.number(1), fields.take(size))
        fields.end()
        return command
    if option not in (START, _KEEPS_METADATA, _SEVERAL, 0x00):
        raise Refused(Status.BAD_PARAMETER)
    metadata = fields.take(2) if option & _KEEPS_METADATA else b"\0\0"
    opcode, flags = fields.number(1), fields.number(2)
    if opcode != SEARCH:
        raise Refused(Status.BAD_PARAMETER)
    stop_after = fields.number(4) if flags & RETURN_ON_N else 0
    searches = _take_searches(fields)
    if option == START:
        return Start(searches, stop_after)
    return Together(bytes((option,)) + metadata + bytes((opcode,)), searches)


def _take_searches(fields: Fields) -> list[Search]:
    searches = []
    while fields.left:
        protocol, size = fields.number(1), fields.number(1)
        if protocol != GEN2:
            raise Refused(Status.BAD_PROTOCOL)
        if fields.number(1) != SEARCH:
            raise Refused(Status.BAD_PARAMETER)
        searches.append(parse_search(fields.take(size)))
    if not searches:
        raise Refused(Status.DATA_LENGTH)
    return searches


class Voice(Protocol):
    """How a product words the messages of its stream."""

    def started(self) -> list[Reply]:
        """Answer the start."""

    def tag(self, search: Search, sighting: Sighting) -> Reply:
        """Report a read."""

    def cycle_end(self, search: Search, work: EmbeddedWork, found: int, ms: int) -> list[Reply]:
        """Say that a cycle of `ms` is over, in which so many tags were read."""

    def fault(self, status: int) -> Reply:
        """Say what keeps the module off the air."""

    def statistics(self, search: Search) -> list[Reply]:
        """Report what the module measures, as far as the host wants it."""

    def ended(self, search: Search, found: int) -> list[Reply]:
        """Say that the stream ended by itself after so many tags."""

    def stopped(self) -> list[Reply]:
        """Answer the stop."""


class MercuryVoice:
    """The wording of ThingMagic's own modules: opcode 22, whatever was asked by 2F."""

    def __init__(self, air: Air, *, by_multi: bool) -> None:
        self._air = air
        self._by_multi = by_multi

    def started(self) -> list[Reply]:
        return [Reply(MULTI)] if self._by_multi else []

    def tag(self, search: Search, sighting: Sighting) -> Reply:
        head = search.option.echo() + search.flags.to_bytes(2, "big")
        if search.option.has_metadata:
            head += search.metadata.to_bytes(2, "big")
        return Reply(SEARCH, Status.OK, head + bytes((_TAG,)) + record(sighting, search.metadata))

    def cycle_end(self, search: Search, work: EmbeddedWork, found: int, ms: int) -> list[Reply]:
        if search.embedded is not None:
            status = Status.OK if found else Status.NO_TAGS
            return [Reply(SEARCH, status, self._end(search, found) + work.counts())]
        if search.option.several:
            head = search.option.echo() + search.flags.to_bytes(2, "big")
            stamp = _TIMESTAMP.to_bytes(2, "big") + bytes((_TAG,)) + ms.to_bytes(4, "big")
            return [Reply(SEARCH, Status.NO_TAGS, head + stamp)]
        return [Reply(SEARCH, Status.NO_TAGS)]  # the keep-alive, whether tags were read or not

    def fault(self, status: int) -> Reply:
        return Reply(SEARCH, status)

    def statistics(self, search: Search) -> list[Reply]:
        settings, live = self._air.settings, self._air.live
        wanted = search.stats
        if "temperature-always" in self._air.quirks:
            wanted = wanted or TEMPERATURE
        if wanted:
            content = streamed_statistics(settings, live, wanted)
        elif search.content:
            content = self._old_status(search.content)
        else:
            return []
        head = search.option.echo(without=METADATA) + search.flags.to_bytes(2, "big")
        return [Reply(SEARCH, Status.OK, head + bytes((_STATUS,)) + content)]

    def ended(self, search: Search, found: int) -> list[Reply]:
        if not self._by_multi:
            return [Reply(SEARCH, Status.OK, self._end(search, found))]
        head = bytes((START,)) + (search.flags | RETURN_ON_N).to_bytes(2, "big")
        return [Reply(SEARCH, Status.OK, head + found.to_bytes(4, "big"))]

    def stopped(self) -> list[Reply]:
        return [Reply(MULTI, Status.OK, bytes((STOP,)))]

    def _end(self, search: Search, found: int) -> bytes:
        head = search.option.echo(without=METADATA) + search.flags.to_bytes(2, "big")
        return head + bytes((_END,)) + found.to_bytes(4, "big")

    def _old_status(self, content: int) -> bytes:
        """Return what status records carried before there were statistics."""
        live, port = self._air.live, self._air.settings.access_port
        data = content.to_bytes(2, "big")
        data += live.khz.to_bytes(3, "big") if content & _OLD_FREQUENCY else b""
        data += bytes((live.celsius & 0xFF,)) if content & _OLD_TEMPERATURE else b""
        return data + (bytes(port) if content & _OLD_PORT else b"")


class StreamTask:
    """Reads on and on, in cycles, until it is stopped, or for one cycle (`once`)."""

    def __init__(
        self,
        air: Air,
        voice: Voice,
        searches: Sequence[Search],
        at_s: float,
        *,
        stop_after: int = 0,
        once: bool = False,
    ) -> None:
        air.demand_leave(at_s)
        self.reply: Reply | None = None
        self.over = False
        self._air = air
        self._voice = voice
        self._searches = searches
        self._place = 0
        self._stop_after = stop_after
        self._once = once
        self._stopping = False
        self._total = 0
        self._seen: dict[bytes, float] = {}
        self._stats_s = at_s + STATS_EVERY_S
        self._inventory: Inventory
        self._work: EmbeddedWork
        self._begin_cycle(at_s, fresh=True)

    @property
    def due_s(self) -> float:
        """When `step` has something to do."""
        due_s = self._inventory.due_s
        if self._inventory.round is None:
            due_s = min(due_s, self._end_s)
        return min(due_s, self._stats_s)

    def stop(self, at_s: float) -> list[Reply]:
        """End the reading: at once, or with the round that is on the air."""
        if self._inventory.round is None:
            return self._finish(self._voice.stopped(), at_s)
        self._stopping = True
        return []

    def cut(self, at_s: float) -> None:
        """End the reading at once, without a word."""
        self._finish([], at_s)

    def step(self, at_s: float) -> list[Reply]:
        """Do what is due; return the messages to send."""
        now_s = self.due_s
        if now_s >= self._stats_s:
            self._stats_s = max(now_s, at_s - 1) + STATS_EVERY_S
            return self._voice.statistics(self._searches[self._place])
        if self._inventory.round is None:
            if self._stopping:
                return self._finish(self._voice.stopped(), now_s)
            if now_s >= self._end_s:
                return self._end_cycle(now_s, at_s)
            fault = self._air.fault(now_s)
            if fault is not None:
                self._inventory.pause(self._end_s)
                return [self._voice.fault(fault)]
        read = self._inventory.step(at_s)
        self._air.note(self._inventory, now_s)
        messages = [] if read is None else self._report(read)
        if self._stopping and self._inventory.round is None:
            return messages + self._finish(self._voice.stopped(), now_s)
        return messages

    def _begin_cycle(self, at_s: float, *, fresh: bool) -> None:
        search = self._searches[self._place]
        self._began_s = at_s
        self._end_s = at_s + (search.timeout_ms / 1000 or CYCLE_S)
        self._found = 0
        self._work = EmbeddedWork(search)
        if fresh:
            self._inventory = self._air.search(search.filter, at_s)

    def _end_cycle(self, now_s: float, at_s: float) -> list[Reply]:
        search = self._searches[self._place]
        if self._once:
            return self._finish(self._voice.ended(search, self._total), now_s)
        ms = round((now_s - self._began_s) * 1000)
        messages = self._voice.cycle_end(search, self._work, self._found, ms)
        next_s = max(now_s, at_s - CYCLE_S) + search.off_ms / 1000
        several = len(self._searches) > 1
        self._place = (self._place + 1) % len(self._searches)
        if search.off_ms and not several:
            self._inventory.pause(next_s)
        self._begin_cycle(next_s, fresh=several)
        return messages

    def _report(self, read: Read) -> list[Reply]:
        search = self._searches[self._place]
        self._found += 1
        data = self._work.on(read)
        sighting = self._air.sighting(read, self._began_s, data)
        if self._filtered(sighting, read.at_s):
            return []
        self._total += 1
        messages = [self._voice.tag(search, sighting)]
        limit = self._stop_after or search.stop_after
        if 0 < limit <= self._total:
            messages += self._finish(self._voice.ended(search, self._total), read.at_s)
        return messages

    def _filtered(self, sighting: Sighting, at_s: float) -> bool:
        """Tell whether the read filter keeps back a tag that was reported before."""
        settings = self._air.settings
        if not settings.option(0x0C):
            return False
        key = sighting.pc_epc + (bytes((sighting.tx,)) if not settings.option(0x00) else b"")
        timeout_s = settings.option(0x0D) / 1000
        last_s = self._seen.get(key)
        self._seen[key] = at_s
        return last_s is not None and (timeout_s == 0 or at_s - last_s < timeout_s)

    def _finish(self, messages: list[Reply], at_s: float) -> list[Reply]:
        self._inventory.cut(at_s)
        self.over = True
        return messages
