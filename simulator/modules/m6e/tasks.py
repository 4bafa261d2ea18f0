"""The M6e's radio commands that end with one reply: a search into the buffer, an access."""

from __future__ import annotations

from simulator.modules.m6e.access import Access, run_access
from simulator.modules.m6e.air import Air, EmbeddedWork
from simulator.modules.m6e.frames import MAX_REPLY_DATA, Refused, Reply, Status
from simulator.modules.m6e.inventory import Read
from simulator.modules.m6e.records import metadata_fields
from simulator.modules.m6e.search import METADATA, WIDE_COUNT, Search

SEARCH, SEVERAL = 0x22, 0x2F
ACCESS_TRIES_S = 0.15  # an access with a shorter time-out still makes its rounds


class SearchTask:
    """22: looks for tags until its time is over, and counts those found."""

    def __init__(self, air: Air, search: Search, at_s: float) -> None:
        air.demand_leave(at_s)
        air.buffer.begin()
        self.reply: Reply | None = None
        self.found = 0
        self._air = air
        self._search = search
        self._embedded = EmbeddedWork(search)
        self._began_s = at_s
        self._until_s = at_s + search.timeout_ms / 1000
        self._inventory = air.search(search.filter, at_s)
        self._status: int = Status.OK

    @property
    def due_s(self) -> float:
        """When `step` has something to do."""
        if self._inventory.round is None:
            return min(self._inventory.due_s, self._until_s)
        return self._inventory.due_s

    def step(self, at_s: float) -> list[Reply]:
        """Do what is due; return the reply once it is there."""
        now_s = self.due_s
        between = self._inventory.round is None
        if between and (now_s >= self._until_s or self._status or self._enough()):
            return self._finish(now_s)
        read = self._inventory.step(at_s)
        self._air.note(self._inventory, now_s)
        if read is not None:
            self._take(read)
        elif self._inventory.round is None:
            self._status = self._air.fault(now_s) or self._status
        return []

    def _enough(self) -> bool:
        return 0 < self._search.stop_after <= self.found

    def _take(self, read: Read) -> None:
        if self._enough():
            return
        data = self._embedded.on(read)
        sighting = self._air.sighting(read, self._began_s, data)
        if self._air.buffer.full:
            self._status = Status.BUFFER_FULL
        else:
            self.found += self._air.buffer.add(sighting, self._air.settings.options)

    def _finish(self, at_s: float) -> list[Reply]:
        self._inventory.cut(at_s)
        status = self._status
        if status == Status.OK and not self.found:
            status = Status.NO_TAGS
        self.reply = Reply(SEARCH, status, self.outcome())
        return [self.reply]

    def outcome(self) -> bytes:
        """Return the reply's data: option, flags, count, then what the embedded command did."""
        search = self._search
        wide = bool(search.flags & WIDE_COUNT)
        count = self.found.to_bytes(4, "big") if wide else bytes((min(self.found, 255),))
        if search.timeout_only:
            return count
        data = search.option.echo(without=METADATA) + search.flags.to_bytes(2, "big") + count
        data += self._embedded.counts()
        return (data + self._embedded.last)[:MAX_REPLY_DATA]


class SeveralTask:
    """2F without streaming: one search after the other, answered together."""

    def __init__(self, air: Air, head: bytes, searches: list[Search], at_s: float) -> None:
        self.reply: Reply | None = None
        self._air = air
        self._head = head
        self._left = searches
        self._found = 0
        self._parts = b""
        self._now = SearchTask(air, searches[0], at_s)

    @property
    def due_s(self) -> float:
        """When `step` has something to do."""
        return self._now.due_s

    def step(self, at_s: float) -> list[Reply]:
        """Do what is due; return the reply after the last search."""
        now_s = self.due_s
        if not self._now.step(at_s):
            return []
        self._found += self._now.found
        outcome = self._now.outcome()
        self._parts += bytes((0x05, len(outcome))) + outcome
        self._left = self._left[1:]
        if self._left:
            self._now = SearchTask(self._air, self._left[0], now_s)
            return []
        status = Status.OK if self._found else Status.NO_TAGS
        data = self._head + self._found.to_bytes(4, "big") + self._parts
        self.reply = Reply(SEVERAL, status, data[:MAX_REPLY_DATA])
        return [self.reply]


class AccessTask:
    """A command to one tag: the first that is found in time."""

    def __init__(self, air: Air, access: Access, at_s: float) -> None:
        air.demand_leave(at_s)
        self.reply: Reply | None = None
        self._air = air
        self._access = access
        self._began_s = at_s
        self._until_s = at_s + max(access.timeout_ms / 1000, ACCESS_TRIES_S)
        self._inventory = air.access(access, at_s)
        self._answer_s: float | None = None
        self._answer = Reply(access.opcode, Status.NO_TAGS)

    @property
    def due_s(self) -> float:
        """When `step` has something to do."""
        if self._answer_s is not None:
            return self._answer_s
        if self._inventory.round is None:
            return min(self._inventory.due_s, self._until_s)
        return self._inventory.due_s

    def step(self, at_s: float) -> list[Reply]:
        """Do what is due; return the reply once the tag has answered or time is over."""
        now_s = self.due_s
        if self._answer_s is not None or (self._inventory.round is None and now_s >= self._until_s):
            self._inventory.cut(now_s)
            self.reply = self._answer
            return [self.reply]
        read = self._inventory.step(at_s)
        self._air.note(self._inventory, now_s)
        if read is not None:
            self._answer = self._work(read)
            self._answer_s = read.at_s + self._access.takes_s
        return []

    def _work(self, read: Read) -> Reply:
        access = self._access
        sighting = self._air.sighting(read, self._began_s)
        try:
            data = run_access(access, read.answer.tag)
        except Refused as refusal:
            return Reply(access.opcode, refusal.status, refusal.data)
        fields = b"" if access.metadata is None else metadata_fields(sighting, access.metadata)
        return Reply(access.opcode, Status.OK, (access.head + fields + data)[:MAX_REPLY_DATA])
