"""Brings a gateway's settings into a module of the M6e family, and reads back what it can say.

Where there is no other word for it, a value is set and then asked for again.
"""

from drivers.errors import ModuleFault, NotSupported, WrongAnswer
from drivers.m6e.access import u16
from drivers.m6e.faults import LENGTH, PARAMETER, REGION

# In order of preference: the M6e Nano has no NA (01) and knows the same band as NA2 (0D); EU3
# (08) is today's four channels; KR2 (09) replaced KR (03).
REGIONS = {
    "US": (0x01, 0x0D),
    "EU": (0x08, 0x07, 0x02),
    "CN": (0x06,),
    "IN": (0x04,),
    "JP": (0x05,),
    "KR": (0x09, 0x03),
    "AU": (0x0B,),
}

_GET_ANTENNA, _GET_READ_POWER, _GET_PROTOCOL, _GET_WRITE_POWER = 0x61, 0x62, 0x63, 0x64
_GET_REGION, _GET_OPTION, _GET_GEN2, _REGIONS = 0x67, 0x6A, 0x6B, 0x71
_ANTENNA, _READ_POWER, _PROTOCOL, _WRITE_POWER = 0x91, 0x92, 0x93, 0x94
_SET_REGION, _POWER_MODE, _OPTION, _GEN2 = 0x97, 0x98, 0x9A, 0x9B

_GEN2_PROTOCOL = 0x05
_FULL_POWER = 0x00
_ONE_OPTION = 0x01
_SWITCH_PINS, _RSSI_IN_DBM, _READ_FILTER = 0x03, 0x09, 0x0C  # reader options
_SESSION, _TARGET, _Q = 0x00, 0x01, 0x12  # Gen2 parameters
_TARGETS = {"A": b"\x01\x00", "AB": b"\x00\x00"}
_DYNAMIC_Q = b"\x00"

_ONE_PAIR, _SEARCH_LIST, _PORT_POWERS = 0x00, 0x02, 0x04
_SETTLE_US = 0


async def apply(talk, radio, antennas):
    """All settings of a `Radio` for the antennas at ports 1, 2, ...; `talk` is the driver's.

    Finds out by the way whether the module is a Silion's, which sets antennas in its own form.
    """
    ask = talk.ask
    await ask(_POWER_MODE, bytes([_FULL_POWER]))
    await _set(ask, _PROTOCOL, u16(_GEN2_PROTOCOL), _GET_PROTOCOL, b"")
    await _set_region(ask, radio.region)
    await _set_antennas(talk, len(antennas))
    await _set_powers(ask, radio.power_dbm, antennas)
    await _set_option(ask, _READ_FILTER, 0)  # else each tag is reported once and never again
    await _set_option(ask, _RSSI_IN_DBM, 1)
    await _set_gen2(ask, _SESSION, bytes([radio.session]))
    await _set_gen2(ask, _TARGET, _TARGETS[radio.target])
    await _set_gen2(ask, _Q, _DYNAMIC_Q)


async def use_port(talk, port):
    """Let single commands, not inventories, use this port."""
    option = bytes([_ONE_PAIR]) if talk.silion else b""
    await talk.ask(_ANTENNA, option + bytes([port, port]))


async def search_ports(talk, ports, first):
    """Let inventories go round all ports 1 to `ports`, beginning at `first`."""
    order = [(first - 1 + at) % ports + 1 for at in range(ports)]
    pairs = b"".join([bytes([port, port]) for port in order])
    await talk.ask(_ANTENNA, bytes([_SEARCH_LIST]) + pairs)


async def _set(ask, op, data, get_op, key):
    """Set, and read back by `get_op` and `key`, to which the reply is the same data again."""
    await ask(op, data)
    back = await ask(get_op, key)
    if back != data:
        raise WrongAnswer("command {:02X}: {} set, {} read back".format(op, data, back))


async def _set_option(ask, key, value):
    """Ask first: firmwares that have only the one value may refuse to be told it."""
    name = bytes([_ONE_OPTION, key])
    wanted = name + bytes([value])
    if await ask(_GET_OPTION, name) != wanted:
        await _set(ask, _OPTION, wanted, _GET_OPTION, name)


async def _set_gen2(ask, key, value):
    name = bytes([_GEN2_PROTOCOL, key])
    await _set(ask, _GEN2, name + value, _GET_GEN2, name)


async def _set_region(ask, name):
    """The first of a region's codes that the module has."""
    try:
        known = await ask(_REGIONS)
    except ModuleFault:  # a firmware without this command refuses what it lacks
        known = None
    for code in REGIONS[name]:
        if known is not None and code not in known:
            continue
        try:
            await _set(ask, _SET_REGION, bytes([code]), _GET_REGION, b"")
        except ModuleFault as fault:
            if fault.code not in (REGION, PARAMETER):
                raise
        else:
            return
    raise NotSupported("this m6e module has no region {}".format(name))


async def _set_antennas(talk, ports):
    """Port 1 for single commands, all ports for inventories; more than one by a multiplexer."""
    if ports > 1:
        pins = (1 << _bits(ports - 1)) - 1  # of the module's general ones, from the first on
        await _set_option(talk.ask, _SWITCH_PINS, pins)
    try:
        await use_port(talk, 1)
    except ModuleFault as fault:
        if talk.silion or fault.code not in (LENGTH, PARAMETER):
            raise
        talk.silion = True
        await use_port(talk, 1)
    await search_ports(talk, ports, 1)


async def _set_powers(ask, power_dbm, antennas):
    wanted = [power_dbm.get(antenna) for antenna in antennas]
    if all(power is None for power in wanted):
        return
    own = await _check_limits(ask, _GET_READ_POWER, wanted)
    await _check_limits(ask, _GET_WRITE_POWER, wanted)
    words = [own if power is None else _centi(power) for power in wanted]
    if len(words) == 1:
        await _set_power(ask, _READ_POWER, _GET_READ_POWER, words[0])
        await _set_power(ask, _WRITE_POWER, _GET_WRITE_POWER, words[0])
        return
    if 0 in words:  # at a port that means the power for all ports, not 0 dBm
        await _set_power(ask, _READ_POWER, _GET_READ_POWER, 0)
        await _set_power(ask, _WRITE_POWER, _GET_WRITE_POWER, 0)
    rows = [bytes([at + 1]) + u16(word) * 2 + u16(_SETTLE_US) for at, word in enumerate(words)]
    option = bytes([_PORT_POWERS])
    await ask(_ANTENNA, option + b"".join(rows))
    back = await ask(_GET_ANTENNA, option)  # of all its ports, also those not in use
    known = [back[at : at + len(rows[0])] for at in range(1, len(back), len(rows[0]))]
    for row in rows:
        if row not in known:
            raise WrongAnswer("port power {} set, {} read back".format(row, back))


async def _check_limits(ask, op, wanted):
    """Refuse a power this module cannot give; returns what it is set to now, in 0.01 dBm."""
    reply = await ask(op, b"\x01")
    if len(reply) != 7:
        raise WrongAnswer("command {:02X}: {} for power and limits".format(op, reply))
    now, most, least = [_signed(reply[at] << 8 | reply[at + 1]) for at in (1, 3, 5)]
    for power in wanted:
        if power is not None and not least <= _centi(power) <= most:
            raise NotSupported(
                "this m6e module gives {} to {} dBm, not {}".format(least / 100, most / 100, power)
            )
    return now


async def _set_power(ask, op, get_op, word):
    await ask(op, u16(word))
    back = await ask(get_op, b"\x00")
    if back != b"\x00" + u16(word):
        raise WrongAnswer("power {} set, {} read back".format(word, back))


def _centi(power_dbm):
    return round(power_dbm * 100)


def _signed(word):
    return word - 0x10000 if word & 0x8000 else word


def _bits(number):
    count = 0
    while number >> count:
        count += 1
    return count
