"""A closed stretch of the journal as one compressed block, and back. Pure.

Rows of one gateway stand together in it, column by column: what a gateway says is much like what
it said before. A payload comes out byte for byte as it was received.
"""

import zlib
from collections.abc import Iterable, Sequence

import msgspec

LEVEL = 6  # 9 takes twice as long for one per cent


class BlockError(ValueError):
    """A block that cannot be read; the text says why."""


class PackedRow(msgspec.Struct, frozen=True, array_like=True):
    """A journal row as its table held it; `origin` and `seq` None for one that is no batch."""

    pos: int
    rx: float
    kind: str
    origin: int | None
    seq: int | None
    place_ms: int | None
    body: bytes


class NameRange(msgspec.Struct, frozen=True):
    """Batches `first` to `last` of an origin, the latest of which came at `newest` (Unix s)."""

    origin: int
    first: int
    last: int
    newest: float


class _Content(msgspec.Struct, frozen=True, array_like=True):
    """The columns, and all bodies end to end."""

    pos: list[int]
    rx: list[float]
    kind: list[str]
    origin: list[int | None]
    seq: list[int | None]
    place_ms: list[int | None]
    sizes: list[int]
    bodies: bytes


_decoder = msgspec.msgpack.Decoder(_Content)


def pack_rows(rows: Iterable[PackedRow]) -> bytes:
    """Return a block of these rows."""
    together = sorted(rows, key=lambda row: (row.origin or 0, row.seq or 0, row.pos))
    content = _Content(
        [row.pos for row in together],
        [row.rx for row in together],
        [row.kind for row in together],
        [row.origin for row in together],
        [row.seq for row in together],
        [row.place_ms for row in together],
        [len(row.body) for row in together],
        b"".join([row.body for row in together]),
    )
    return zlib.compress(msgspec.msgpack.encode(content), LEVEL)


def unpack_rows(block: bytes) -> list[PackedRow]:
    """Return the rows of a block in the order of the journal.

    Raises:
        BlockError: it is damaged.
    """
    try:
        held = _decoder.decode(zlib.decompress(block))
    except (zlib.error, msgspec.DecodeError) as error:
        raise BlockError(f"a block of the journal is damaged: {error}") from error
    rows, at = [], 0
    columns = (held.pos, held.rx, held.kind, held.origin, held.seq, held.place_ms, held.sizes)
    for pos, rx, kind, origin, seq, place_ms, size in zip(*columns, strict=True):
        rows.append(PackedRow(pos, rx, kind, origin, seq, place_ms, held.bodies[at : at + size]))
        at += size
    rows.sort(key=lambda row: row.pos)
    return rows


def names_of(rows: Sequence[PackedRow]) -> list[NameRange]:
    """Return the names of the batches among these rows, as few ranges as hold them."""
    names = sorted(
        (row.origin, row.seq, row.rx)
        for row in rows
        if row.origin is not None and row.seq is not None
    )
    found: list[NameRange] = []
    for origin, seq, rx in names:
        before = found[-1] if found else None
        if before is not None and (before.origin, before.last + 1) == (origin, seq):
            found[-1] = NameRange(origin, before.first, seq, max(before.newest, rx))
        else:
            found.append(NameRange(origin, seq, seq, rx))
    return found
