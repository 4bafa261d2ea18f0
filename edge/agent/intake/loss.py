"""The books of loss: which batches of a boot will never come. Bookkeeping; it blocks nothing. Pure.

Batches are counted by boot and seq, whatever the gateway's id. Lost are those that a gateway told
of and those below the boot's `base`, from the first batch that this journal saw of the boot on,
except what is in the journal or in quarantine. What arrives after all is no longer lost.
"""

from collections.abc import Iterable, Mapping

import msgspec

from edge.agent.intake.placing import BootOffset
from edge.agent.intake.ranges import Ranges


class BootBook(msgspec.Struct):
    """The book of one boot.

    `first_seq` is the first batch taken over, by arrival; `base` the highest base told. `ended_by`
    is the newer boot that delivered after it: what this boot held only in RAM then is gone
    uncounted. `offset` is when it began, as far as its journaled batches tell.
    """

    boot: str
    have: Ranges = msgspec.field(default_factory=Ranges)
    told: Ranges = msgspec.field(default_factory=Ranges)
    first_seq: int | None = None
    base: int = 0
    offset: BootOffset | None = None
    ended_by: str | None = None

    def arrived(self, seq: int, base: int | None) -> None:
        """A batch of this boot was taken over (new, repeated or quarantined)."""
        if self.first_seq is None:
            self.first_seq = seq
        self.have.add(seq)
        if base is not None:
            self.base = max(self.base, base)

    @property
    def lost(self) -> int:
        """How many batches will never come, as far as is known."""
        gone = self.told
        if self.first_seq is not None and self.base > self.first_seq:
            gone = gone.union(Ranges([(self.first_seq, self.base - 1)]))
        return len(gone) - gone.overlap(self.have)


class Books:
    """The books of all boots."""

    def __init__(self, books: Iterable[BootBook] = ()) -> None:
        self._books = {book.boot: book for book in books}

    def copy_of(self, boot: str) -> BootBook:
        """Return the book of a boot as it stands, to be changed apart; else an empty one."""
        book = self._books.get(boot)
        if book is None:
            return BootBook(boot)
        return msgspec.structs.replace(book, have=Ranges(book.have), told=Ranges(book.told))

    def to_write(self, books: Mapping[str, BootBook]) -> list[BootBook]:
        """Those of these books whose row on the disk would no longer give the same book.

        Nearly every batch moves its boot's base, past batches that are here: from the row as it
        was, and the batches, the same losses follow, now and ever after.
        """
        return [book for book in books.values() if not self._follows(book)]

    def _follows(self, book: BootBook) -> bool:
        before = self._books.get(book.boot)
        if before is None or (before.first_seq, before.ended_by) != (book.first_seq, book.ended_by):
            return False
        if (before.offset and before.offset.ms) != (book.offset and book.offset.ms):
            return False
        return msgspec.structs.replace(book, base=before.base).lost == book.lost

    def replace(self, books: Mapping[str, BootBook]) -> None:
        """Let these books stand from now on."""
        self._books.update(books)

    def lost(self) -> int:
        """How many batches will never come, of all boots."""
        return sum(book.lost for book in self._books.values())

    def lost_of(self, boots: Iterable[str]) -> int:
        """How many batches of these boots will never come."""
        return sum(self._books[boot].lost for boot in boots if boot in self._books)


def is_newer(boot: str, than: str) -> bool:
    """Whether a boot came after another of the same board: the first 8 digits count boots."""
    return boot[:8] > than[:8]
