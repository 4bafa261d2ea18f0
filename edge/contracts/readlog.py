"""The read log: the journal's rows as JSON Lines, in order of arrival. Times are Unix seconds.

A line is a read (it has `epc`), the looks of a gateway (it has `looks`), or another row that the
engine learns from, told by `kind`. Unknown fields are ignored.
"""

from collections.abc import Sequence
from typing import Annotated, Any, get_args

import msgspec

_Count = Annotated[int, msgspec.Meta(ge=0)]


class BadLine(ValueError):
    """A line that is no row of a read log; `number` counts from 1."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number = number
        self.reason = reason


class _Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every row has.

    `rx`: when the agent had it (0 only in a line that names none: then `t` is taken).
    `pos`: its journal position, else the line's number from 1.
    """

    rx: float = 0.0
    pos: int = 0


class ReadRow(_Row, frozen=True, kw_only=True):
    """One merged read. `t` is its first raw read, None when it could not be placed in time.

    `rssi` dBm or None; `n` raw reads merged (0: a still tag stopped answering at `t`, silent for
    `span`); `span`, `peak` seconds from the first to the last and to the strongest raw read. `tid`
    (hex) is the tag's own number, where its reader tells it.
    `up` is when its batch's zero was, ms since `boot`; `off` how far, s, the gateway's own clock
    was ahead where it was not believed. A line with `sent`, when its batch was sent in ms since
    boot, is as its gateway told it, not placed yet: `t` is `dt` ms after that zero.
    """

    gateway: str
    antenna: int
    epc: str
    t: float | None
    rssi: float | None = None
    n: _Count = 1
    span: float = 0.0
    peak: float = 0.0
    tid: str | None = None
    boot: str | None = None
    seq: int | None = None
    up: int | None = None
    sync: int | None = None
    off: float | None = None
    sent: int | None = None
    dt: int | None = None


class LooksRow(_Row, frozen=True, kw_only=True):
    """Rounds made and milliseconds on air by each antenna of a gateway, up to `t`, since last.

    The fields from `boot` on are those of a `ReadRow`.
    """

    gateway: str
    looks: dict[int, tuple[int, int]]
    t: float | None = None
    boot: str | None = None
    seq: int | None = None
    up: int | None = None
    sync: int | None = None
    off: float | None = None
    sent: int | None = None
    dt: int | None = None


class GatewayRow(_Row, frozen=True, kw_only=True, tag="gateway", tag_field="kind"):
    """A gateway came or went."""

    gateway: str
    online: bool
    boot: str | None = None


class BootRow(_Row, frozen=True, kw_only=True, tag="boot", tag_field="kind"):
    """The first batch of a new boot of a gateway was journaled."""

    gateway: str
    boot: str


class SchoolRow(_Row, frozen=True, kw_only=True, tag="school", tag_field="kind"):
    """A school file was accepted; `text` is the file whole."""

    text: str


class DeviceRow(_Row, frozen=True, kw_only=True, tag="device", tag_field="kind"):
    """A device's record was made or changed; `removed` when it is no longer the school's.

    `tid` (hex) is the tag's own number; without one the record keeps the one it has.
    """

    epc: str
    asset_tag: str | None = None
    serial: str | None = None
    model: str | None = None
    home: str | None = None
    cart: str | None = None
    number: str | None = None
    tid: str | None = None
    removed: bool = False


class LoanRow(
    _Row, frozen=True, kw_only=True, tag="loan", tag_field="kind", rename={"start": "from"}
):
    """A device may leave from `start` until it is returned (`ended`), which should be by `due`."""

    epc: str
    start: float
    due: float | None = None
    ended: float | None = None


class CalendarRow(
    _Row,
    frozen=True,
    kw_only=True,
    tag="calendar",
    tag_field="kind",
    rename={"start": "from", "until": "to"},
):
    """From `start` until `until` devices may leave the building (take-home, a trip).

    With `epcs` it holds for those alone.
    """

    start: float
    until: float
    exits: str = "allowed"
    epcs: list[str] | None = None


class TimeRow(_Row, frozen=True, kw_only=True, tag="time", tag_field="kind"):
    """Time passed and nothing came: lets the engine finish what it is waiting for."""


KindRow = GatewayRow | BootRow | SchoolRow | DeviceRow | LoanRow | CalendarRow | TimeRow

Row = ReadRow | LooksRow | KindRow


class _Shape(msgspec.Struct):
    kind: str | None = None
    epc: Any = None
    looks: Any = None


_read_decoder = msgspec.json.Decoder(ReadRow)
_looks_decoder = msgspec.json.Decoder(LooksRow)
_kind_decoder: msgspec.json.Decoder[KindRow] = msgspec.json.Decoder(KindRow)
_shape_decoder = msgspec.json.Decoder(_Shape)
_encoder = msgspec.json.Encoder()

_KNOWN_KINDS = frozenset(row.__struct_config__.tag for row in get_args(KindRow))


def decode_row(line: bytes, number: int) -> Row | None:
    """Decode the line with this number (from 1); None for a kind that is not known here.

    Raises:
        BadLine: not JSON, neither `rx` nor `t`, or a field is missing or wrong.
    """
    row: Row
    try:
        row = _read_decoder.decode(line)  # nearly all lines are reads: try that first
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        other = _decode_other(line, number)
        if other is None:
            return None
        row = other
    if not row.rx:
        at = getattr(row, "t", None)
        if at is None:
            raise BadLine(number, "neither rx nor t says when it came")
        msgspec.structs.force_setattr(row, "rx", at)
    if not row.pos:
        msgspec.structs.force_setattr(row, "pos", number)
    return row


def encode_row(row: Row) -> bytes:
    """One JSON line, without the line's end."""
    return _encoder.encode(row)


def encode_rows(rows: Sequence[Row]) -> bytes:
    """Rows as lines, each with its end; many times as fast as one by one."""
    return _encoder.encode_lines(rows)


def _decode_other(line: bytes, number: int) -> Row | None:
    try:
        shape = _shape_decoder.decode(line)
        if shape.kind is None and shape.looks is not None:
            return _looks_decoder.decode(line)
        if shape.kind is None:
            fields = msgspec.json.decode(line)
            given = {k: v for k, v in fields.items() if v is not None or k in ("t", "rssi")}
            return msgspec.convert(given, ReadRow)  # null n, span and peak are as if missing
        if shape.kind not in _KNOWN_KINDS:
            return None
        return _kind_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(number, str(error)) from error
