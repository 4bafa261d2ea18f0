"""What really happened in a simulated school: one JSON line a fact. Times are Unix seconds."""

import msgspec

READABLE_RAW = 2  # a crossing with fewer raw reads cannot be told by anyone


class _Truth(msgspec.Struct, frozen=True, tag_field="kind"):
    t: float
    epc: str


class Start(_Truth, frozen=True, tag="start"):
    """Where a device is when the log begins."""

    room: str


class TrueCrossing(
    _Truth, frozen=True, tag="crossed", rename={"from_room": "from", "to_room": "to"}
):
    """A device went through a doorway; `raw` counts its raw reads there.

    `allowed` is set on exits: a loan was open or the calendar said so.
    """

    doorway: str
    from_room: str
    to_room: str
    raw: int
    allowed: bool | None = None


class TrueDocked(_Truth, frozen=True, tag="docked"):
    """A device was put into a cart."""

    cart: str


class TrueUndocked(_Truth, frozen=True, tag="undocked"):
    """A device was taken out of a cart."""

    cart: str


Truth = Start | TrueCrossing | TrueDocked | TrueUndocked

_decoder: msgspec.json.Decoder[Truth] = msgspec.json.Decoder(Truth)
_encoder = msgspec.json.Encoder()


def decode_truth(line: bytes | str) -> Truth:
    """Decode one line; raises `msgspec.DecodeError` with what is wrong."""
    return _decoder.decode(line)


def encode_truth(fact: Truth) -> bytes:
    """One JSON line, without the line's end."""
    return _encoder.encode(fact)
