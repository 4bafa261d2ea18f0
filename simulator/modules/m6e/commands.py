"""The M6e's commands that only look at what it remembers, or change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.modules.m6e.frames import Fields, Refused, Status
from simulator.modules.m6e.models import NO_REGION
from simulator.modules.m6e.settings import GEN2, REGIONS, SLEEP, PortPower, Settings
from simulator.modules.m6e.stats import Live, reader_stats

Handler = Callable[[Settings, Live, Fields], bytes]

PINS = (1, 2, 3, 4)
MAX_Q = 15
# How many bytes a Gen2 parameter has, and its highest value by byte; those not here take anything.
_GEN2_LIMITS = {0x00: (3,), 0x01: (1, 1), 0x02: (3,), 0x10: (4,), 0x11: (2,), 0x17: (1,)}
_READ_ONLY_OPTIONS = (0x0E, 0x12, 0x13)


@dataclass(frozen=True, slots=True)
class _Powers:
    """One of the two power settings, by the name it has in `Settings`."""

    name: str

    def get(self, settings: Settings, live: Live, data: Fields) -> bytes:
        option = data.number(1)
        _demand(option <= 1)
        limits = (settings.model.max_power, 0) if option else ()
        return bytes((option,)) + _words(getattr(settings, self.name), *limits)

    def set(self, settings: Settings, live: Live, data: Fields) -> bytes:
        setattr(settings, self.name, _power(settings, data))
        return b""


def answer_setting(settings: Settings, live: Live, opcode: int, data: bytes) -> bytes:
    """Carry out a command of `SETTINGS_COMMANDS`; return the reply's data.

    Raises `Refused` where the data is too short, too long, or not what the module allows.
    """
    fields = Fields(data)
    reply = SETTINGS_COMMANDS[opcode](settings, live, fields)
    fields.end()
    return reply


def _demand(good: bool, status: Status = Status.BAD_PARAMETER, data: bytes = b"") -> None:
    if not good:
        raise Refused(status, data)


def _words(*values: int) -> bytes:
    return b"".join((value & 0xFFFF).to_bytes(2, "big") for value in values)


def _signed(value: int) -> int:
    return value - 0x10000 if value & 0x8000 else value


def _power(settings: Settings, data: Fields) -> int:
    power = _signed(data.number(2))
    _demand(power <= settings.model.max_power, Status.POWER_TOO_HIGH)
    _demand(power >= 0, Status.POWER_TOO_LOW)
    return power


# Identity


def _hardware(settings: Settings, live: Live, data: Fields) -> bytes:
    option, flags = data.number(1), data.number(1)
    if settings.model.silion or flags & 0x40:
        return settings.model.hardware
    return bytes((option, flags)) + settings.model.version[4:8]


# Antennas


def _get_antennas(settings: Settings, live: Live, data: Fields) -> bytes:
    option = data.number(1) if data.left else 0
    pairs = settings.search_ports
    ports = range(1, settings.model.ports + 1)
    if option == 0:
        return bytes(settings.access_port)
    head = bytes((option,))
    if option in (1, 2):
        return head + b"".join(map(bytes, pairs))
    if option == 3:
        return head + b"".join(bytes((port,)) + _port_words(settings, port)[:4] for port in ports)
    if option == 4 and data.left:
        chosen = data.number(1)
        _demand(1 <= chosen <= 3)
        place = slice(2 * chosen - 2, 2 * chosen)
        return bytes((option, chosen)) + b"".join(
            bytes((port,)) + _port_words(settings, port)[place] for port in ports
        )
    if option == 4:
        return head + b"".join(bytes((port,)) + _port_words(settings, port) for port in ports)
    if option == 5:  # a Nano cannot detect its antenna and says 0
        detects = settings.model.silion
        return head + b"".join(bytes((port, detects and port == 1)) for port in ports)
    if option == 6:
        return head + b"".join(bytes((port, live.return_loss_db)) for port in ports)
    if option == 7:
        times = settings.port_times
        return head + b"".join(bytes((port,)) + _words(on_ms) for port, on_ms in times)
    raise Refused(Status.BAD_PARAMETER)


def _port_words(settings: Settings, port: int) -> bytes:
    own = settings.port_powers.get(port, PortPower())
    return _words(own.read, own.write, own.settling_us)


def _set_antennas(settings: Settings, live: Live, data: Fields) -> bytes:
    if data.left == 2 and not settings.model.silion:
        settings.access_port = _pair(settings, data)
        return b""
    option = data.number(1)
    if option == 0:
        settings.access_port = _pair(settings, data)
    elif option in (1, 2):
        _demand(data.left > 0)
        settings.search_ports = [_pair(settings, data) for _ in range((data.left + 1) // 2)]
        settings.port_times = []
    elif option in (3, 4):
        _set_port_powers(settings, data, with_settling=option == 4)
    elif option == 7:
        times = [(data.number(1), data.number(2)) for _ in range((data.left + 2) // 3)]
        ports = [port for port, _ in times if port]
        _demand(bool(ports) and all(port <= settings.model.ports for port in ports))
        settings.port_times = times
        settings.search_ports = [(port, port) for port in ports]
    else:
        raise Refused(Status.BAD_PARAMETER)
    return b""


def _pair(settings: Settings, data: Fields) -> tuple[int, int]:
    pair = data.number(1), data.number(1)
    _demand(all(1 <= port <= settings.model.ports for port in pair))
    return pair


def _set_port_powers(settings: Settings, data: Fields, *, with_settling: bool) -> None:
    size = 7 if with_settling else 5
    if with_settling and data.left % size:
        _set_one_of_port(settings, data)
        return
    powers = {}
    for _ in range((data.left + size - 1) // size):
        port = data.number(1)
        _demand(1 <= port <= settings.model.ports)
        read, write = _power(settings, data), _power(settings, data)
        powers[port] = PortPower(read, write, data.number(2) if with_settling else 0)
    settings.port_powers.update(powers)


def _set_one_of_port(settings: Settings, data: Fields) -> None:
    """The form for many ports: which of the three values, then it for each port."""
    chosen = data.number(1)
    _demand(1 <= chosen <= 3)
    for _ in range((data.left + 2) // 3):
        port = data.number(1)
        _demand(1 <= port <= settings.model.ports)
        own = settings.port_powers.get(port, PortPower())
        values = [own.read, own.write, own.settling_us]
        values[chosen - 1] = data.number(2) if chosen == 3 else _power(settings, data)
        settings.port_powers[port] = PortPower(*values)


# Protocol, region, channels


def _get_protocol(settings: Settings, live: Live, data: Fields) -> bytes:
    if data.left:  # the list form echoes its option
        return bytes((data.number(1),)) + _words(settings.protocol)
    return _words(settings.protocol)


def _set_protocol(settings: Settings, live: Live, data: Fields) -> bytes:
    if data.left > 2:
        _demand(data.number(1) == 1)
    wanted = data.number(2)
    _demand(wanted == GEN2, Status.BAD_PROTOCOL)
    settings.protocol = wanted
    return b""


def _get_region(settings: Settings, live: Live, data: Fields) -> bytes:
    _demand(data.left == 0)  # the Nano has no listen-before-talk to tell of
    return bytes((settings.region,))


def _set_region(settings: Settings, live: Live, data: Fields) -> bytes:
    _demand(data.left <= 2)  # a region, and whether to listen before talking
    code = data.number(1)
    if data.left:
        _demand(data.number(1) <= 1)
    settings.set_region(code)
    return b""


def _get_hops(settings: Settings, live: Live, data: Fields) -> bytes:
    if not data.left:
        return b"".join(khz.to_bytes(4, "big") for khz in settings.hop_table[:62])
    option = data.number(1)
    region = REGIONS.get(settings.region)
    values = {
        1: settings.hop_ms,
        2: region.step * 1000 if region else 0,
        3: region.first if region else 0,
    }
    _demand(option in values)
    return bytes((option,)) + values[option].to_bytes(4, "big")


def _set_hops(settings: Settings, live: Live, data: Fields) -> bytes:
    if data.left == 5:
        option = data.number(1)
        _demand(1 <= option <= 3)
        value = data.number(4)
        if option == 1:
            settings.hop_ms = value
        return b""
    table = [data.number(4) for _ in range((data.left + 3) // 4)]
    _demand(settings.region != NO_REGION, Status.BAD_REGION)
    channels = REGIONS[settings.region].table()
    fits = bool(table) and all(channels[0] - 500 <= khz <= channels[-1] + 500 for khz in table)
    _demand(fits, Status.BAD_FREQUENCY)
    settings.hop_table = table
    return b""


# GPIO


def _get_pins(settings: Settings, live: Live, data: Fields) -> bytes:
    if not data.left:
        return bytes(settings.levels[pin] for pin in PINS)
    option = data.number(1)
    _demand(option == 1)
    states = (bytes((pin, pin in settings.outputs, settings.levels[pin])) for pin in PINS)
    return bytes((option,)) + b"".join(states)


def _set_pins(settings: Settings, live: Live, data: Fields) -> bytes:
    if not data.left:
        return bytes(settings.levels[pin] for pin in PINS)
    if data.left == 4:
        _demand(data.number(1) == 1)
        pin, is_output, level = data.number(1), data.number(1), data.number(1)
        _demand(pin in PINS and is_output <= 1 and level <= 1)
        (settings.outputs.add if is_output else settings.outputs.discard)(pin)
        if is_output:
            settings.levels[pin] = level
        return b""
    pin = data.number(1)
    _demand(pin in PINS)
    if not data.left:
        return bytes((pin, pin in settings.outputs))
    level = data.number(1)
    _demand(level <= 1)
    settings.levels[pin] = level
    return b""


# Parameters


def _get_option(settings: Settings, live: Live, data: Fields) -> bytes:
    option, key = data.number(1), data.number(1)
    _demand(option == 1 and key in settings.options, data=bytes((option,)))
    return bytes((option, key)) + settings.options[key]


def _set_option(settings: Settings, live: Live, data: Fields) -> bytes:
    option, key = data.number(1), data.number(1)
    known = option == 1 and key in settings.options and key not in _READ_ONLY_OPTIONS
    _demand(known, data=bytes((option,)))
    settings.options[key] = data.take(len(settings.options[key]))
    return b""


def _get_gen2(settings: Settings, live: Live, data: Fields) -> bytes:
    protocol, key = data.number(1), data.number(1)
    _demand(protocol == GEN2, Status.BAD_PROTOCOL, bytes((protocol, key)))
    _demand(key in settings.gen2, data=bytes((protocol, key)))
    return bytes((protocol, key)) + settings.gen2[key]


def _set_gen2(settings: Settings, live: Live, data: Fields) -> bytes:
    protocol, key = data.number(1), data.number(1)
    _demand(protocol == GEN2, Status.BAD_PROTOCOL, bytes((protocol, key)))
    _demand(key in settings.gen2, data=bytes((protocol, key)))
    if key in (0x12, 0x16):  # Q, initial Q: a switch, then a value where it is on
        value = data.take(1)
        _demand(value[0] <= 1)
        value += data.take(1) if value[0] else b""
        _demand(len(value) == 1 or value[1] <= MAX_Q)
        settings.gen2[key] = value if key == 0x12 else value.ljust(2, b"\0")
        return b""
    value = data.take(len(settings.gen2[key]))
    limits = _GEN2_LIMITS.get(key, ())
    _demand(all(byte <= limit for byte, limit in zip(value, limits, strict=False)))
    settings.gen2[key] = value
    return b""


def _set_power_mode(settings: Settings, live: Live, data: Fields) -> bytes:
    mode = data.number(1)
    _demand(mode <= SLEEP)
    settings.power_mode = mode
    return b""


def _set_user_mode(settings: Settings, live: Live, data: Fields) -> bytes:
    settings.user_mode = data.number(1)
    return b""


def _profile(settings: Settings, live: Live, data: Fields) -> bytes:
    """Save, restore, verify or clear what is kept over power-off: nothing is, here."""
    operation, category = data.number(1), data.number(1)
    _demand(1 <= operation <= 5 and category == 1)
    data.rest()
    if operation in (2, 4):  # restore, clear
        settings.clear()
    return b""


def _get_profile(settings: Settings, live: Live, data: Fields) -> bytes:
    asked = data.rest()
    kept = {0x67: bytes((settings.region,)), 0x63: _words(settings.protocol)}
    _demand(bool(asked))
    return asked + kept.get(asked[0], b"")


# Regulatory tests


def _set_frequency(settings: Settings, live: Live, data: Fields) -> bytes:
    khz = data.number(4)
    _demand(840_000 <= khz <= 960_000, Status.BAD_FREQUENCY)
    settings.test_khz = khz
    return b""


def _set_carrier(settings: Settings, live: Live, data: Fields) -> bytes:
    mode = data.number(1)
    data.rest()
    _demand(mode <= 2)
    _demand(mode == 0 or settings.region != NO_REGION, Status.BAD_REGION)
    settings.carrier = mode == 1
    return b""


_READ_POWER, _WRITE_POWER = _Powers("read_power"), _Powers("write_power")

SETTINGS_COMMANDS: dict[int, Handler] = {
    0x10: _hardware,
    0x61: _get_antennas,
    0x62: _READ_POWER.get,
    0x63: _get_protocol,
    0x64: _WRITE_POWER.get,
    0x65: _get_hops,
    0x66: _get_pins,
    0x67: _get_region,
    0x68: lambda settings, live, data: bytes((settings.power_mode,)),
    0x69: lambda settings, live, data: bytes((settings.user_mode,)),
    0x6A: _get_option,
    0x6B: _get_gen2,
    0x6C: reader_stats,
    0x6D: _get_profile,
    0x70: lambda settings, live, data: _words(GEN2),
    0x71: lambda settings, live, data: settings.model.regions,
    0x72: lambda settings, live, data: bytes((live.celsius & 0xFF,)),
    0x91: _set_antennas,
    0x92: _READ_POWER.set,
    0x93: _set_protocol,
    0x94: _WRITE_POWER.set,
    0x95: _set_hops,
    0x96: _set_pins,
    0x97: _set_region,
    0x98: _set_power_mode,
    0x99: _set_user_mode,
    0x9A: _set_option,
    0x9B: _set_gen2,
    0x9D: _profile,
    0xC1: _set_frequency,
    0xC3: _set_carrier,
}
