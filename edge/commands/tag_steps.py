"""Finding the one tag at a reader, writing it, and looking whether it was written."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from edge.commands.failure import Failure
from edge.commands.tag_reader import TagReader, TagRefused

PASSWORD_VARIABLE = "ROLLCALL_TAG_PASSWORD"

_LOOK_MS = 200  # each tag in reach answers some ten times in it
_LOOKS_AT_A_TAG = 3  # once one has answered: a second one may have been missed by then
_READ_TRIES = 3  # a tag at the edge of the field misses one command in ten


class FoundTag(msgspec.Struct, frozen=True):
    """The one tag at the reader; both in hex."""

    epc: str
    tid: str


def find_tag(reader: TagReader, timeout_s: float) -> FoundTag:
    """Wait for a tag and read it.

    Raises:
        Failure: none came in time, or there is more than one.
    """
    give_up = time.monotonic() + timeout_s
    with _status("looking for a tag"):
        while not (epcs := set(reader.look(_LOOK_MS))):
            if time.monotonic() >= give_up:
                raise Failure(
                    f"no tag answered within {timeout_s:g} s; lay one on it, or raise --power"
                )
        for _ in range(_LOOKS_AT_A_TAG - 1):
            epcs.update(reader.look(_LOOK_MS))
    if len(epcs) > 1:
        raise Failure(
            f"{len(epcs)} tags answer: {', '.join(sorted(epcs))}; leave one at the reader,"
            " or lower --power"
        )
    (epc,) = epcs
    return FoundTag(epc, _read_tid(reader, epc))


def write_tag(reader: TagReader, tag: FoundTag, epc: str, password: int) -> None:
    """Write the EPC to the tag and see that it answers with it.

    Raises:
        Failure: it was not written, or it is not sure that it was.
    """
    with _status(f"writing {epc}"):
        try:
            reader.write_epc(tag.epc, tag.tid, epc, password)
        except TagRefused as error:
            raise Failure(f"{error}; a locked tag is written with {PASSWORD_VARIABLE}") from error
        except Failure as error:
            raise Failure(f"{error}; whether the tag was written is unknown: read it") from error
        answered: set[str] = set()
        for _ in range(_LOOKS_AT_A_TAG):
            answered.update(reader.look(_LOOK_MS))
        if answered != {epc}:
            found = ", ".join(sorted(answered)) or "nothing"
            raise Failure(f"{epc} was written, but {found} answers; read the tag again")
        tid = _read_tid(reader, epc)
    if tid != tag.tid:
        raise Failure(f"{epc} answers from another tag (TID {tid}, not {tag.tid})")


def _read_tid(reader: TagReader, epc: str) -> str:
    for again in range(_READ_TRIES, 0, -1):
        try:
            return reader.read_tid(epc)
        except TagRefused:
            if again == 1:
                raise
    raise AssertionError


@contextmanager
def _status(doing: str) -> Iterator[None]:
    """Show on a terminal what goes on; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing} ..."):
        yield
