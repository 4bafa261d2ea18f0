"""What one message on `reads` says: a named batch, or why it cannot be taken. Pure."""

import msgspec

from edge.contracts.topics import BadTopic, Topics
from edge.contracts.wire import BadPayload, BadRead, Batch, LostRange, decode_batch


class Name(msgspec.Struct, frozen=True):
    """What names a batch for ever."""

    gateway: str
    boot: str
    seq: int


class Flaw(msgspec.Struct, frozen=True):
    """A part of an otherwise good batch that goes to quarantine: which part, its text, and why."""

    part: str
    raw: bytes
    reason: str


class Decoded(msgspec.Struct, frozen=True):
    """A batch that can be journaled.

    `base` and `lost` are those that make sense, None or left out where they do not: then they
    stand among the `flaws`, as do reads that could not be understood.
    """

    name: Name
    batch: Batch
    base: int | None
    lost: list[LostRange]
    flaws: list[Flaw]


class Refused(msgspec.Struct, frozen=True):
    """A message that goes to quarantine whole; it has a name unless its topic is malformed."""

    name: Name | None
    reason: str


def decode(topics: Topics, topic: str, payload: bytes) -> Decoded | Refused:
    """Take a message on a `reads` topic apart. Never raises for what a gateway may send."""
    try:
        parsed = topics.parse(topic)
    except BadTopic as error:
        return Refused(None, str(error))
    if parsed.boot is None or parsed.seq is None:
        return Refused(None, f"{topic}: not a batch")
    name = Name(parsed.gateway, parsed.boot, parsed.seq)
    try:
        batch, bad = decode_batch(payload)
    except BadPayload as error:
        return Refused(name, str(error))
    if not bad and not batch.lost and batch.base <= name.seq:
        return Decoded(name, batch, batch.base, [], [])
    return _with_flaws(name, batch, bad)


def _with_flaws(name: Name, batch: Batch, bad: list[BadRead]) -> Decoded:
    flaws = [Flaw("read", read.raw, f"read {read.index}: {read.reason}") for read in bad]
    base: int | None = batch.base
    if batch.base > name.seq:
        flaws.append(Flaw("base", b"%d" % batch.base, f"base {batch.base} is above its own seq"))
        base = None
    lost = []
    for told in batch.lost:
        reason = _wrong_range(name, told)
        if reason is None:
            lost.append(told)
        else:
            flaws.append(Flaw("lost", msgspec.json.encode(told), reason))
    return Decoded(name, batch, base, lost, flaws)


def _wrong_range(name: Name, told: LostRange) -> str | None:
    if told.last < told.first:
        return f"lost range {told.first} to {told.last} is reversed"
    if told.boot == name.boot and told.last >= name.seq:
        return f"lost range {told.first} to {told.last} reaches its own batch"
    return None
