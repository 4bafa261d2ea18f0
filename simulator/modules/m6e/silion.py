"""Silion's own streaming: opcode AA with "Moduletech", a subcommand and a checksum inside.

Source: rfid-silion-compat, which was written against real SIM7100 and SLR modules.
"""

from __future__ import annotations

from simulator.modules.m6e.air import Air, EmbeddedWork
from simulator.modules.m6e.frames import Fields, Refused, Reply, Status
from simulator.modules.m6e.records import Sighting, record
from simulator.modules.m6e.search import EMBEDDED, Search, take_embedded, take_filter, take_option
from simulator.modules.m6e.stream import Start, Stop

ASYNC = 0xAA
_MARK, _END = b"Moduletech", 0xBB
_START, _STOP = 0xAA48, 0xAA49
_HEARTBEAT_MARK, _HEARTBEAT = b"XTSJ", 0x8000
_CYCLE_MS = 1000


def parse_async(data: bytes) -> Start | Stop:
    """Understand the data of AA."""
    fields = Fields(data)
    if fields.take(len(_MARK)) != _MARK:
        raise Refused(Status.BAD_PARAMETER)
    tail = fields.take_last(2)
    inside = fields.rest()
    if tail != bytes((sum(inside) & 0xFF, _END)):
        raise Refused(Status.BAD_PARAMETER)
    body = Fields(inside)
    subcommand = body.number(2)
    if subcommand == _STOP:
        body.end()
        return Stop()
    if subcommand != _START:
        raise Refused(Status.BAD_PARAMETER)
    return Start([_take_search(body)])


def _take_search(fields: Fields) -> Search:
    metadata = fields.number(2)
    if metadata > 0xFF:
        raise Refused(Status.BAD_PARAMETER)
    option = take_option(fields)
    flags = fields.number(2)
    password, found = take_filter(fields, option)
    embedded = take_embedded(fields) if flags & EMBEDDED else None
    fields.end()
    off_ms = (flags >> 8 & 0x0F) * _CYCLE_MS // 20  # rest in steps of 5 %
    return Search(
        option,
        flags,
        _CYCLE_MS - off_ms,
        off_ms,
        metadata,
        password=password,
        filter=found,
        embedded=embedded,
    )


class ModuletechVoice:
    """The wording of Silion's stream."""

    def __init__(self, air: Air) -> None:
        self._air = air

    def started(self) -> list[Reply]:
        return [_wrapped(_START)]

    def tag(self, search: Search, sighting: Sighting) -> Reply:
        head = search.metadata.to_bytes(2, "big")
        return Reply(ASYNC, Status.OK, head + record(sighting, search.metadata, silion=True))

    def cycle_end(self, search: Search, work: EmbeddedWork, found: int, ms: int) -> list[Reply]:
        if not search.flags & _HEARTBEAT:
            return []
        state = bytes((self._air.live.celsius & 0xFF,))
        data = _HEARTBEAT_MARK + search.flags.to_bytes(2, "big") + state
        return [Reply(ASYNC, Status.OK, data)]

    def fault(self, status: int) -> Reply:
        return Reply(ASYNC, status)

    def statistics(self, search: Search) -> list[Reply]:
        return []

    def ended(self, search: Search, found: int) -> list[Reply]:
        return [_wrapped(_STOP)]

    def stopped(self) -> list[Reply]:
        return [_wrapped(_STOP)]


def _wrapped(subcommand: int) -> Reply:
    inside = subcommand.to_bytes(2, "big")
    return Reply(ASYNC, Status.OK, _MARK + inside + bytes((sum(inside) & 0xFF, _END)))
