"""Brings a `Radio` into a module of the UHFReader18 family and reads back what it can say.

Settings outlast a loss of power in the module's EEPROM, which wears: only what differs is set.
"""

from drivers.errors import ModuleFault, NotSupported, WrongAnswer
from drivers.uhfreader18.status import BAD_PARAMETER

_REGION, _SCAN_TIME, _POWER, _ANTENNAS, _BEEP = 0x22, 0x25, 0x2F, 0x3F, 0x40
_CHECK_ANTENNA, _POWER_BY_ANTENNA = 0x66, 0x94

_SCAN_18 = 3  # x 100 ms, the shortest there is
_TEMPORARY = 0x80  # not into the EEPROM

# Bands as (number, highest channel, lowest); the second is for firmware without the first.
# EU is the four channels of EN 302 208, or the EU band from the first of them to the last.
REGIONS = {
    "US": ((2, 49, 0),),
    "EU": ((9, 3, 0), (4, 12, 3)),
    "CN": ((1, 19, 0),),
    "KR": ((3, 31, 0),),
}


async def configure_18(talk, radio, bands, antenna):
    """A UHFReader18: one antenna, and nothing to choose on the air."""
    if radio.session or radio.target != "A":
        raise NotSupported("a UHFReader18 reads in session 0, target A only")
    info = await talk.info()
    await _set_region(talk, radio.region, bands, info)
    await _set_one_power(talk, radio.power_dbm.get(antenna), info)
    if info[7] != _SCAN_18:
        await talk.ask(_SCAN_TIME, bytes([_SCAN_18]))


async def configure_later(talk, radio, bands, antennas):
    """The models since: session, target and mask go with each inventory."""
    info = await talk.info()
    await _set_region(talk, radio.region, bands, info)
    powers = [radio.power_dbm.get(antenna) for antenna in antennas]
    if len(set(powers)) == 1:
        await _set_one_power(talk, powers[0], info)
    else:
        await _set_powers(talk, powers)
    await _set_up_antennas(talk, len(antennas), info)


async def _set_region(talk, region, bands, info):
    for number, highest, lowest in bands:
        wanted = bytes([number >> 2 << 6 | highest, (number & 3) << 6 | lowest])
        if info[4:6] == wanted:
            return
        try:
            await talk.ask(_REGION, wanted)
        except ModuleFault as refused:
            if refused.code == BAD_PARAMETER:
                continue
            raise
        back = (await talk.info())[4:6]
        if back != wanted:
            raise WrongAnswer("region {} set, {} read back".format(wanted, back))
        return
    raise NotSupported("this {} has no region {}".format(talk.model, region))


async def _set_one_power(talk, power, info):
    """The same at every port; None leaves it as it is."""
    if power is None:
        return
    wanted = bytes([round(power)])
    if info[6:7] != wanted:
        await talk.ask(_POWER, wanted)
        back = (await talk.info())[6:7]
        if back != wanted:
            raise WrongAnswer("power {} set, {} read back".format(wanted, back))


async def _set_powers(talk, powers):
    """One power for each port; None leaves it as it is."""
    now = await talk.ask(_POWER_BY_ANTENNA)
    if len(now) < len(powers):
        raise NotSupported("this {} has {} ports".format(talk.model, len(now)))
    wanted = bytearray(now)
    for port, power in enumerate(powers):
        if power is not None:
            wanted[port] = round(power)
    if wanted != now:
        await talk.ask(_POWER, bytes(wanted))
        back = await talk.ask(_POWER_BY_ANTENNA)
        if back != wanted:
            raise WrongAnswer("powers {} set, {} read back".format(bytes(wanted), back))


async def _set_up_antennas(talk, count, info):
    """Which ports tag commands use; no beeping; a missing antenna is to be told of (F8)."""
    ports = (1 << count) - 1
    if info[8:9] != bytes([ports]):
        mask = bytes([1, 0, ports]) if count > 4 else bytes([_TEMPORARY | ports])
        await talk.ask_if_known(_ANTENNAS, mask)
    if info[9:10] != b"\x00":
        await talk.ask_if_known(_BEEP, b"\x00")
    if info[11:12] == b"\x00":
        await talk.ask_if_known(_CHECK_ANTENNA, b"\x01")
