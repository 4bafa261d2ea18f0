"""The M6e's reader statistics: asked for by 6C, or sent by itself while it streams.

Flags are numbers of a variable length, seven bits a byte with the top bit on all but the last.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.modules.m6e.frames import Fields, Refused, Status
from simulator.modules.m6e.settings import GEN2, Settings

RF_ON, NOISE, NOISE_ON, FREQUENCY, TEMPERATURE = 0x01, 0x04, 0x08, 0x40, 0x0100
ANTENNA, PROTOCOL, CONNECTED = 0x80, 0x0200, 0x0400
_KNOWN = RF_ON | NOISE | NOISE_ON | FREQUENCY | TEMPERATURE | ANTENNA | PROTOCOL | CONNECTED
_RESET, _NOISE_FLOOR_DBM = 1, -90


@dataclass
class Live:
    """What the module measures now, which no command sets."""

    celsius: int = 35
    rf_on_ms: int = 0
    khz: int = 0
    return_loss_db: int = 14


def reader_stats(settings: Settings, live: Live, data: Fields) -> bytes:
    """Answer 6C: option 01 resets, 00 and 02 report the statistics whose flags are asked for."""
    option = data.number(1)
    if option > 2:
        raise Refused(Status.BAD_PARAMETER)
    asked = data.rest()
    if option == _RESET:
        live.rf_on_ms = 0
        return bytes((option,)) + asked
    return bytes((option,)) + asked + statistics(settings, live, _number(asked))


def streamed_statistics(settings: Settings, live: Live, flags: int) -> bytes:
    """Return what a status record carries behind its type: the flags, then each statistic."""
    return _variable(flags & _KNOWN) + statistics(settings, live, flags)


def statistics(settings: Settings, live: Live, flags: int) -> bytes:
    """Return flag, length and value of each statistic, lowest flag first."""
    ports = range(1, settings.model.ports + 1)
    values = {
        RF_ON: b"".join(bytes((port,)) + live.rf_on_ms.to_bytes(4, "big") for port in ports),
        NOISE: b"".join(bytes((port, _NOISE_FLOOR_DBM & 0xFF)) for port in ports),
        NOISE_ON: b"".join(bytes((port, (_NOISE_FLOOR_DBM + 20) & 0xFF)) for port in ports),
        FREQUENCY: live.khz.to_bytes(3, "big"),
        ANTENNA: bytes(settings.access_port),
        TEMPERATURE: bytes((live.celsius & 0xFF,)),
        PROTOCOL: bytes((GEN2,)),
        CONNECTED: b"".join(bytes((port, 1)) for port in ports),
    }
    return b"".join(
        _variable(flag) + bytes((len(value),)) + value
        for flag, value in values.items()
        if flags & flag
    )


def flags_of_word(word: int) -> int:
    """Return the flags of a start command's 16 bit word, which may be of variable length too."""
    return _number(word.to_bytes(2, "big")) if word & 0x8000 else word


def _number(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value


def _variable(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))
