"""The engine's whole state as bytes, so that a restart need not work the journal through.

An engine that was read from a snapshot and fed the rest says exactly what one says that never
stopped, ids included. That holds for the same engine only, so each snapshot names the build that
wrote it, and the school file in force; whoever reads one with another falls back to the journal.
"""

from hashlib import blake2b

import msgspec

from edge.agent.engine.core import Engine
from edge.agent.snapshot.plain import NotPlain, Reader, Writer
from edge.contracts.school import School

_ANY_FORMAT = b"rollcall engine "
_FORMAT = _ANY_FORMAT + b"2\n"
_DIGEST_BYTES = 16
_LENGTH_BYTES = 4


class SnapshotError(ValueError):
    """A snapshot that cannot be used; the text says why."""


class _Head(msgspec.Struct, frozen=True, array_like=True):
    build: str
    school: bytes
    classes: list[tuple[str, tuple[str, ...]]]


def write(engine: Engine, build: str) -> bytes:
    """Return the engine's state. `build` names the code that runs it: other code, other events.

    Raises:
        NotPlain: the engine holds something that is no state (a bug).
    """
    writer = Writer()
    state = writer.plain(engine)
    head = msgspec.msgpack.encode(_Head(build, _school_digest(engine.school), writer.classes))
    content = b"".join((len(head).to_bytes(_LENGTH_BYTES), head, state))
    return b"".join((_FORMAT, _digest(content), content))


def read(data: bytes, build: str, school: School | None) -> Engine:
    """Return an engine that goes on where the one of the snapshot stood.

    `school` is the school file that must have been in force then.

    Raises:
        SnapshotError: it is damaged, or of another build or another school file.
    """
    if not data.startswith(_ANY_FORMAT):
        raise SnapshotError("this is no snapshot of an engine")
    if not data.startswith(_FORMAT):
        raise SnapshotError("the snapshot has the format of another version")
    start = len(_FORMAT) + _DIGEST_BYTES
    content = memoryview(data)[start:]
    if data[len(_FORMAT) : start] != _digest(content):
        raise SnapshotError("the snapshot is damaged")
    state_at = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES])
    head = msgspec.msgpack.decode(content[_LENGTH_BYTES:state_at], type=_Head)
    if head.build != build:
        raise SnapshotError("the snapshot was written by another build of the engine")
    if head.school != _school_digest(school):
        raise SnapshotError("the snapshot was written under another school file")
    try:
        engine = Reader(head.classes).value(content[state_at:])
    except NotPlain as error:
        raise SnapshotError(f"the snapshot is of another engine: {error}") from error
    if not isinstance(engine, Engine):
        raise SnapshotError("the snapshot holds no engine")
    return engine


def _digest(data: bytes | memoryview) -> bytes:
    return blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _school_digest(school: School | None) -> bytes:
    return _digest(msgspec.msgpack.encode(school))
