"""The MQTT payloads, as msgspec structs. Unknown fields are ignored, so old and new can talk.

Times on the wire are whole milliseconds: `t` and `now` since 1970, `up` and `sent` since boot.
"""

from typing import Annotated, Any

import msgspec

VERSION = 1
MAX_PAYLOAD_BYTES = 6 * 1024

_MOST = 2**53  # what every JSON library holds exactly
_Whole = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
_Time = Annotated[int, msgspec.Meta(ge=-_MOST, le=_MOST)]
# Small enough that SQLite can hold the sum of a whole commit, whoever sent it.
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**32)]
_Antenna = Annotated[int, msgspec.Meta(ge=0, le=255)]
_Hex = Annotated[str, msgspec.Meta(pattern=r"^([0-9A-F]{2}){0,62}$")]  # an EPC has 0 to 31 words
_Boot = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")]


class BadPayload(ValueError):
    """A payload that cannot be taken; its text says why."""


class WireRead(msgspec.Struct, frozen=True, array_like=True):
    """One merged read: `[epc, antenna, rssi, dt, n, span, peak]`.

    `rssi` dBm of the strongest raw read, None if the module gives none; `dt` ms of the first raw
    read after the batch's zero; `n` raw reads merged (0: a still tag stopped answering, `dt` its
    last answer, `span` the silence since); `span` and `peak` ms from the first to the last and
    to the strongest.
    """

    epc: _Hex
    antenna: _Antenna
    rssi: float | None
    dt: _Whole
    n: _Count
    span: _Whole
    peak: _Whole


class LostRange(msgspec.Struct, frozen=True, array_like=True):
    """Batches `first..last` of `boot` that a gateway had to drop, with the `reads` in them."""

    boot: _Boot
    first: _Whole
    last: _Whole
    reads: _Whole


class Looks(msgspec.Struct, frozen=True, array_like=True):
    """Inventory rounds made and milliseconds on air by one antenna since the batch before."""

    rounds: _Whole
    on_air_ms: _Whole


class _BatchHead(msgspec.Struct, frozen=True, kw_only=True):
    v: int
    t: _Time | None
    up: _Whole
    sent: _Whole | None
    sync: _Whole | None
    base: _Whole
    looks: dict[str, Looks]
    lost: list[LostRange] = []


class Batch(_BatchHead, frozen=True, kw_only=True):
    """What a gateway sends on `reads/<boot>/<seq>`.

    `t` Unix ms of the batch's zero, None while the clock was never set in this boot; `up` ms
    since boot at that zero; `sent` ms since boot at this sending, None in a batch of an older
    boot; `sync` seconds since the clock was last set; `base` the lowest seq still held.
    """

    reads: list[WireRead]


class BadRead(msgspec.Struct, frozen=True):
    """A read of an otherwise good batch that cannot be understood: its place, text, and why."""

    index: int
    raw: bytes
    reason: str


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gateway's retained state; the last will carries only `v`, `online` and `boot`."""

    v: int
    online: bool
    boot: str
    hw: str | None = None
    firmware: str | None = None
    readers: list[str] | None = None
    reset: str | None = None
    config: str | None = None


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """Counters since boot and levels now; what a gateway cannot tell is absent."""

    v: int
    up: _Whole
    heap_free: int | None = None
    heap_block: int | None = None
    rssi_wifi: float | None = None
    reads: int | None = None
    foreign: int | None = None
    crc_errors: int | None = None
    resyncs: int | None = None
    reconnects: int | None = None
    outbox: int | None = None
    outbox_lost: int | None = None
    temperature: float | None = None


class LogMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line that a gateway wants a technician to see."""

    v: int
    level: str
    text: str
    t: int | None = None
    traceback: str | None = None


class AckRange(msgspec.Struct, frozen=True, array_like=True):
    """Batches `first..last` of `boot` are in the journal or in quarantine."""

    boot: _Boot
    first: _Whole
    last: _Whole


class Ack(msgspec.Struct, frozen=True):
    """What one commit took over from one gateway; `now` is None while the clock is distrusted."""

    v: int
    agent: str
    now: _Time | None
    got: list[AckRange]


class AgentStatus(msgspec.Struct, frozen=True):
    """The agent's retained state; `take_over` is Unix ms of the last take-over, or None."""

    v: int
    online: bool
    id: str
    boot: str
    now: _Time | None = None
    take_over: _Time | None = None


class ReaderConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reader module of a gateway; `port` stands only in the gateway's own file."""

    family: str
    antennas: list[int]
    port: str | None = None


class GatewayConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """Desired settings, retained on `config`; never identity, Wi-Fi or keys.

    `desk`: the antennas at which, when asked, tags of others are read too; absent for none.
    """

    region: str | None = None
    power_dbm: dict[str, float] | None = None
    session: int | None = None
    epc_prefixes: list[str] | None = None
    readers: list[ReaderConfig] | None = None
    desk: list[int] | None = None


class Command(msgspec.Struct, frozen=True):
    """What the agent asks of a gateway, once, before `exp` (Unix ms)."""

    id: str
    exp: _Time
    do: str
    args: dict[str, Any] = {}


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gateway's answer to the command `id`; what else it says is the command's own."""

    id: str
    ok: bool
    error: str | None = None


_batch_decoder = msgspec.json.Decoder(Batch)
_read_decoder = msgspec.json.Decoder(WireRead)


class _LooseBatch(_BatchHead, frozen=True, kw_only=True):
    t: int | float | None  # type: ignore[assignment]  # an odd time is no reason to refuse
    sync: int | float | None  # type: ignore[assignment]
    reads: list[msgspec.Raw]


_loose_decoder = msgspec.json.Decoder(_LooseBatch)


def decode_batch(payload: bytes) -> tuple[Batch, list[BadRead]]:
    """Decode a `reads` payload: the batch with its good reads, and the reads that are not.

    Raises:
        BadPayload: too large, not JSON, another version, or a field beside the reads is wrong.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise BadPayload(f"{len(payload)} bytes; a payload has at most {MAX_PAYLOAD_BYTES}")
    try:
        batch, bad = _batch_decoder.decode(payload), list[BadRead]()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        batch, bad = _decode_loosely(payload)
    if batch.v != VERSION:
        raise BadPayload(f"version {batch.v}; this agent understands {VERSION}")
    for antenna in batch.looks:
        if not (antenna.isascii() and antenna.isdigit() and len(antenna) <= 3):
            raise BadPayload(f'looks: "{antenna}" is not an antenna number')
    return batch, bad


def same_content(first: Batch, again: Batch) -> bool:
    """Whether two payloads under one name say the same.

    `base` and `sent` are written anew at each sending; `t` and `sync` may be filled in later.
    """
    return (
        first.reads == again.reads
        and first.up == again.up
        and first.looks == again.looks
        and first.lost == again.lost
        and _same_or_null(first.t, again.t)
        and _same_or_null(first.sync, again.sync)
    )


def _same_or_null(first: int | None, again: int | None) -> bool:
    return first is None or again is None or first == again


def _decode_loosely(payload: bytes) -> tuple[Batch, list[BadRead]]:
    try:
        loose = _loose_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPayload(str(error)) from error
    good, bad = list[WireRead](), list[BadRead]()
    for index, raw in enumerate(loose.reads):
        try:
            good.append(_read_decoder.decode(raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            bad.append(BadRead(index, bytes(raw), str(error)))
    head = {name: getattr(loose, name) for name in _BatchHead.__struct_fields__}
    head["t"] = _in_range(loose.t, -_MOST)
    head["sync"] = _in_range(loose.sync, 0)
    return Batch(reads=good, **head), bad


def _in_range(number: int | float | None, least: int) -> int | None:
    """The whole number next to one that no clock gives; it stays as odd as it was."""
    return None if number is None else round(max(least, min(_MOST, number)))
