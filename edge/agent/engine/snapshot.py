"""The engine's whole state as bytes, so that a restart need not work the journal through.

An engine that was read from a snapshot and fed the rest says exactly what one says that never
stopped, ids included. That holds for the same engine only, so each snapshot names the build that
wrote it, and the school file in force; whoever reads one with another falls back to the journal.
"""

from hashlib import blake2b

import msgspec

from edge.agent.engine.core import Engine
from edge.agent.engine.plain import NotPlain, Reader, Writer
from edge.contracts.school import School

_ANY_FORMAT = b"rollcall engine "
_FORMAT = _ANY_FORMAT + b"1\n"
_DIGEST_BYTES = 16


class SnapshotError(ValueError):
    """A snapshot that cannot be used; the text says why."""


class _Content(msgspec.Struct, frozen=True, array_like=True):
    build: str
    school: bytes
    classes: list[tuple[str, tuple[str, ...]]]
    engine: msgspec.Raw


def write(engine: Engine, build: str) -> bytes:
    """Return the engine's state. `build` names the code that runs it: other code, other events.

    Raises:
        NotPlain: the engine holds something that is no state (a bug).
    """
    writer = Writer()
    state = msgspec.Raw(msgspec.msgpack.encode(writer.plain(engine)))
    content = msgspec.msgpack.encode(
        _Content(build, _school_digest(engine.school), writer.classes, state)
    )
    return _FORMAT + _digest(content) + content


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
    if data[len(_FORMAT) : start] != _digest(data[start:]):
        raise SnapshotError("the snapshot is damaged")
    content = msgspec.msgpack.decode(data[start:], type=_Content)
    if content.build != build:
        raise SnapshotError("the snapshot was written by another build of the engine")
    if content.school != _school_digest(school):
        raise SnapshotError("the snapshot was written under another school file")
    try:
        engine = Reader(content.classes).value(msgspec.msgpack.decode(content.engine))
    except NotPlain as error:
        raise SnapshotError(f"the snapshot is of another engine: {error}") from error
    if not isinstance(engine, Engine):
        raise SnapshotError("the snapshot holds no engine")
    return engine


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _school_digest(school: School | None) -> bytes:
    return _digest(msgspec.msgpack.encode(school))
