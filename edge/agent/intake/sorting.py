"""What one commit holds: new batches, repeats, and what goes to quarantine.

`Sorter.sort` changes nothing: its answer is written first, and only then `Sorter.committed` makes
it known. So a failed commit leaves no trace and can be tried again.
"""

from collections.abc import Iterable, Sequence

import msgspec

from edge.agent.intake.decode import Decoded, Flaw, Name, Refused, decode
from edge.agent.intake.loss import Books, BootBook, is_newer
from edge.agent.intake.names import Names
from edge.agent.intake.placing import Told, boot_offset, place
from edge.agent.intake.queue import Fact, Item, Message
from edge.agent.intake.rows import BATCH, at_pos
from edge.contracts.readlog import BootRow, Row, encode_row
from edge.contracts.topics import Topics
from edge.contracts.wire import BadPayload, Batch, LostRange, decode_batch, same_content

# A gateway writes `sent` anew at each sending, so an unreadable batch may come again with other
# bytes: this many are kept of one name, more are only counted as repeats.
QUARANTINED_PER_NAME = 4
# What is kept of a quarantined payload: one larger than the protocol allows tells nothing more.
KEPT_BYTES = 8 * 1024


class Earlier(msgspec.Struct):
    """What was taken over under one name before: the journaled payload, the quarantined ones.

    `forgotten`: it was, but its time of keeping is over, and so the name alone is known.
    """

    journaled: bytes | None = None
    quarantined: list[bytes] = []
    forgotten: bool = False


class Journaled(msgspec.Struct, frozen=True):
    """A row for the journal: a named batch with its place in time, or another row."""

    pos: int
    rx: float
    kind: str
    body: bytes
    name: Name | None = None
    origin: int | None = None
    place_ms: int | None = None
    batch: Batch | None = None
    row: Row | None = None


class Quarantined(msgspec.Struct, frozen=True):
    """A message or a part of one that was not understood."""

    rx: float
    part: str
    reason: str
    topic: str
    payload: bytes
    origin: int | None
    seq: int | None


class Commit(msgspec.Struct):
    """Everything that is written in one transaction, and what it confirms."""

    journaled: list[Journaled] = []
    quarantined: list[Quarantined] = []
    origins: dict[tuple[str, str], int] = {}
    books: dict[str, BootBook] = {}
    books_to_write: list[BootBook] = []
    told: list[LostRange] = []
    inbox: list[int] = []
    names: list[Name] = []
    odd: list[tuple[Name, str]] = []
    batches: int = 0
    repeats: int = 0
    reads: int = 0
    sum_n: int = 0


class Sorter:
    """What the journal knows, as far as sorting needs it."""

    def __init__(
        self,
        topics: Topics,
        next_pos: int,
        origins: dict[tuple[str, str], int],
        names: Names,
        books: Books,
    ) -> None:
        self.books = books
        self.commits = 0  # since the start
        self._topics = topics
        self._next_pos = next_pos
        self._origins = origins
        self._next_origin = max(origins.values(), default=0) + 1
        self._names = names
        self._boots_of: dict[str, list[str]] = {}
        for gateway, boot in origins:
            self._boots_of.setdefault(gateway, []).append(boot)

    @property
    def last_pos(self) -> int:
        """The position of the journal's newest row."""
        return self._next_pos - 1

    def boots_of(self, gateway: str) -> Sequence[str]:
        """The boots that a gateway delivered under this id."""
        return self._boots_of.get(gateway, ())

    def decode(self, items: Iterable[Item]) -> list[Decoded | Refused | Fact]:
        """Take the messages apart."""
        return [self._decode(item) if isinstance(item, Message) else item for item in items]

    def known(self, decoded: Iterable[Decoded | Refused | Fact]) -> list[Name]:
        """Names among them that were taken over before: what they held must be looked up."""
        found = []
        for item in decoded:
            if isinstance(item, Fact) or item.name is None:
                continue
            name = item.name
            if self._names.has(name.gateway, name.boot, name.seq):
                found.append(name)
        return found

    def origin_of(self, name: Name) -> int:
        """The number of a known name's origin."""
        return self._origins[name.gateway, name.boot]

    def _decode(self, message: Message) -> Decoded | Refused:
        if message.refused is not None:
            return Refused(None, message.refused)
        return decode(self._topics, message.topic, message.payload)

    def sort(
        self,
        items: Sequence[Item],
        decoded: Sequence[Decoded | Refused | Fact],
        earlier: dict[Name, Earlier],
    ) -> Commit:
        """Work out what to write; `earlier` holds an entry for each name that `known` gave."""
        run = _Run(self._next_pos, self._next_origin, self._origins, self.books, self._boots_of)
        run.earlier = dict(earlier)
        for item, result in zip(items, decoded, strict=True):
            if isinstance(item, Message) and not isinstance(result, Fact):
                run.message(item, result)
            elif isinstance(item, Fact):
                run.fact(item)
        run.commit.books_to_write = self.books.to_write(run.commit.books)
        return run.commit

    def committed(self, commit: Commit) -> None:
        """The commit is on the disk: know what it took over."""
        self.commits += 1
        if commit.journaled:
            self._next_pos = commit.journaled[-1].pos + 1
        for (gateway, boot), origin in commit.origins.items():
            self._origins[gateway, boot] = origin
            self._next_origin = max(self._next_origin, origin + 1)
            self._boots_of.setdefault(gateway, []).append(boot)
        for name in commit.names:
            self._names.add(name.gateway, name.boot, name.seq)
        self.books.replace(commit.books)


class _Run:
    """One sorting: the commit as it grows."""

    def __init__(
        self,
        next_pos: int,
        next_origin: int,
        origins: dict[tuple[str, str], int],
        books: Books,
        boots_of: dict[str, list[str]],
    ) -> None:
        self.commit = Commit()
        self.earlier: dict[Name, Earlier] = {}
        self._pos = next_pos
        self._next_origin = next_origin
        self._origins = origins
        self._books = books
        self._boots_of = boots_of

    def fact(self, fact: Fact) -> None:
        if fact.inbox is not None:
            self.commit.inbox.append(fact.inbox)
        self._journal_row(fact.row)

    def message(self, message: Message, result: Decoded | Refused) -> None:
        if isinstance(result, Refused) and result.name is None:
            self._quarantine(message, None, Flaw(message.channel, message.payload, result.reason))
        elif result.name is not None:
            self._named(message, result.name, result)

    def _named(self, message: Message, name: Name, result: Decoded | Refused) -> None:
        self.commit.names.append(name)
        earlier = self.earlier.get(name)
        if earlier is not None:
            self._again(message, name, result, earlier)
        elif isinstance(result, Refused):
            self._origin(name, message.rx)
            self._quarantine(message, name, Flaw("batch", message.payload, result.reason))
            self.earlier[name] = Earlier(quarantined=[message.payload[:KEPT_BYTES]])
            self._book(name.boot).arrived(name.seq, None)
        else:
            self._take(message, name, result)
            self.earlier[name] = Earlier(journaled=message.payload)

    def _take(self, message: Message, name: Name, decoded: Decoded) -> None:
        commit, batch = self.commit, decoded.batch
        origin = self._origin(name, message.rx)
        book = self._book(name.boot)
        book.arrived(name.seq, decoded.base)
        arrival_ms = round(message.rx * 1000)
        told = Told(batch.t, batch.up, batch.sent)
        book.offset = boot_offset(told, arrival_ms, book.offset)
        placed = place(told, arrival_ms, book.offset)
        if placed.odd is not None:
            commit.odd.append((name, placed.odd))
        for lost in decoded.lost:
            self._book(lost.boot).told.add(lost.first, lost.last)
            commit.told.append(lost)
        for flaw in decoded.flaws:
            self._quarantine(message, name, flaw)
        commit.journaled.append(
            Journaled(
                pos=self._next(),
                rx=message.rx,
                kind=BATCH,
                body=message.payload,
                name=name,
                origin=origin,
                place_ms=placed.at_ms,
                batch=batch,
            )
        )
        commit.batches += 1
        commit.reads += len(batch.reads)
        commit.sum_n += sum([read.n for read in batch.reads])

    def _again(
        self, message: Message, name: Name, result: Decoded | Refused, earlier: Earlier
    ) -> None:
        if isinstance(result, Decoded):
            self._book(name.boot).arrived(name.seq, result.base)
            same = _says_the_same(result.batch, earlier)
            reason = "the same name again with other content; the first stays"
        else:
            same = message.payload[:KEPT_BYTES] in earlier.quarantined
            reason = result.reason
        if same or earlier.forgotten or len(earlier.quarantined) >= QUARANTINED_PER_NAME:
            self.commit.repeats += 1
            return
        self._quarantine(message, name, Flaw("batch", message.payload, reason))
        kept = [*earlier.quarantined, message.payload[:KEPT_BYTES]]
        self.earlier[name] = Earlier(earlier.journaled, kept)

    def _origin(self, name: Name, rx: float) -> int:
        key = (name.gateway, name.boot)
        origin = self._origins.get(key) or self.commit.origins.get(key)
        if origin is None:
            origin = self.commit.origins[key] = self._next_origin
            self._next_origin += 1
            self._end_older(name)
            self._journal_row(BootRow(rx=rx, gateway=name.gateway, boot=name.boot))
        return origin

    def _end_older(self, name: Name) -> None:
        here = [boot for gateway, boot in self.commit.origins if gateway == name.gateway]
        for boot in [*self._boots_of.get(name.gateway, ()), *here]:
            if is_newer(name.boot, than=boot) and self._book(boot).ended_by is None:
                self._book(boot).ended_by = name.boot

    def _book(self, boot: str) -> BootBook:
        book = self.commit.books.get(boot)
        if book is None:
            book = self.commit.books[boot] = self._books.copy_of(boot)
        return book

    def _journal_row(self, row: Row) -> None:
        pos = self._next()
        row = at_pos(row, pos)
        kind = str(row.__struct_config__.tag)
        self.commit.journaled.append(
            Journaled(pos=pos, rx=row.rx, kind=kind, body=encode_row(row), row=row)
        )

    def _quarantine(self, message: Message, name: Name | None, flaw: Flaw) -> None:
        origin = None if name is None else self._origin(name, message.rx)
        self.commit.quarantined.append(
            Quarantined(
                rx=message.rx,
                part=flaw.part,
                reason=flaw.reason,
                topic=message.topic,
                payload=flaw.raw[:KEPT_BYTES],
                origin=origin,
                seq=None if name is None else name.seq,
            )
        )

    def _next(self) -> int:
        pos = self._pos
        self._pos += 1
        return pos


def _says_the_same(batch: Batch, earlier: Earlier) -> bool:
    payloads = [earlier.journaled] if earlier.journaled is not None else []
    for payload in [*payloads, *earlier.quarantined]:
        try:
            before, _ = decode_batch(payload)
        except BadPayload:
            continue  # it was quarantined for being unreadable: this one is not the same
        if same_content(before, batch):
            return True
    return False
