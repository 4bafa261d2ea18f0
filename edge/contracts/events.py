"""What the engine says: one JSON line an event. Times are Unix seconds.

`id` is `"<pos>.<count>"`: the journal position the event came of, and its count within it. `t` is
when it happened, `decided` the engine's time when it knew.
"""

from typing import Any

import msgspec


class _Event(msgspec.Struct, frozen=True, tag_field="kind"):
    id: str
    t: float
    decided: float


class Crossed(_Event, frozen=True, tag="crossed", rename={"from_room": "from", "to_room": "to"}):
    """A tag went through a doorway."""

    epc: str
    doorway: str
    from_room: str
    to_room: str
    confidence: float
    why: dict[str, Any] = {}


class Located(_Event, frozen=True, tag="located"):
    """A tag is in `room` from `t` on (None: unknown).

    A line with an earlier or equal `t` than one before erases all thought of that EPC from `t` on.
    """

    epc: str
    room: str | None
    confidence: float


class Docked(_Event, frozen=True, tag="docked"):
    """A tag lies in a cart from `t` on."""

    epc: str
    cart: str
    confidence: float


class Undocked(_Event, frozen=True, tag="undocked"):
    """A tag is no longer in a cart from `t` on."""

    epc: str
    cart: str
    confidence: float


class Alert(_Event, frozen=True, tag="alert", omit_defaults=True):
    """Something a person should look at; `late` says that the reads came long after the fact."""

    rule: str
    late: bool
    epc: str | None = None
    doorway: str | None = None
    gateway: str | None = None
    why: dict[str, Any] = {}


class Closed(_Event, frozen=True, tag="closed"):
    """The alert `of` needs no one any more."""

    of: str
    reason: str


class Retracted(_Event, frozen=True, tag="retracted"):
    """The event `of` turned out wrong."""

    of: str


Event = Crossed | Located | Docked | Undocked | Alert | Closed | Retracted

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def decode_event(line: bytes | str) -> Event:
    """Decode one line; raises `msgspec.DecodeError` with what is wrong."""
    return _decoder.decode(line)


def encode_event(event: Event) -> bytes:
    """One JSON line, without the line's end."""
    return _encoder.encode(event)
