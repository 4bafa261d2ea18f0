"""Brings region, power, antennas and select mask into an A0 module and reads them back."""

from drivers.a0.codes import (
    BAD_FREQUENCY,
    BAD_PARAMETER,
    BAD_PORT,
    BAD_REGION,
    BAD_SPECTRUM,
    OK,
)
from drivers.a0.inventory import WORK_ANTENNA
from drivers.errors import NotSupported, WrongAnswer
from drivers.reader import by_prefix

_DETECTOR, _GET_DETECTOR = 0x62, 0x63
_POWER_FOR_NOW, _GET_WORK_ANTENNA, _POWER, _GET_POWER = 0x66, 0x75, 0x76, 0x77
_REGION, _GET_REGION, _BEEPER, _SELECT_MASK = 0x78, 0x79, 0x7A, 0x98

_MAX_PORTS = 8
_DETECTOR_DB = 3  # a worse return loss than this is a missing antenna
_MASK_NUMBER = 1
_ASIDE_S = 0.2
_MASK_S, _MASK_TRIES = 0.3, 2  # older firmware may not answer at all


def _spectrum(start_khz, step_khz, channels):
    """Spectrum 4: step in 10 kHz, number of channels, first channel in kHz."""
    return bytes((4, step_khz // 10, channels)) + start_khz.to_bytes(3, "big")


# The module's own spectra are grids of 500 kHz, of which only the first lies as a region wants it:
# index 7 + i is 902.0 + 0.5 i MHz. Those for Europe and China lie across the channels that may be
# used there, so there as elsewhere the channels are spelt out.
REGIONS = {
    "US": b"\x01\x08\x3a",  # 902.5 to 927.5 MHz: 51 channels wholly inside 902 to 928 (50 needed)
    "EU": _spectrum(865700, 600, 4),  # to 867.5 MHz: the channels of EN 302 208 with 2 W
    "CN": _spectrum(920625, 250, 16),  # to 924.375 MHz: those of 920.5 to 924.5 with 2 W
    "IN": _spectrum(865100, 200, 10),  # to 866.9 MHz, of 865 to 867
    "JP": _spectrum(916800, 1200, 4),  # to 920.4 MHz: those without carrier sense
    "KR": _spectrum(917300, 600, 6),  # to 920.3 MHz, of 917 to 920.8
    "AU": _spectrum(920750, 500, 10),  # to 925.25 MHz, of 920 to 926
}
_NOT_THIS_REGION = (BAD_PARAMETER, BAD_REGION, BAD_FREQUENCY, BAD_SPECTRUM)


async def set_region(talk, name, spectrum):
    """Only where another is set, because it goes to flash."""
    if await talk.ask(_GET_REGION) == spectrum:
        return
    refusal = await talk.refusal(_REGION, spectrum, _NOT_THIS_REGION)
    if refusal:
        raise NotSupported("this a0 module has no region {} ({})".format(name, refusal.name))
    await _expect(talk, _GET_REGION, spectrum, "region")


async def check_ports(talk, count):
    """See that the module has `count` ports, and leave it at the first."""
    for port in (count - 1, 0):
        if not await _has_port(talk, port):
            raise NotSupported("this a0 module has no antenna port {}".format(port + 1))
    await _expect(talk, _GET_WORK_ANTENNA, b"\x00", "work antenna")


async def set_power(talk, wanted_dbm):
    """One level for each port, None where the module keeps its own; returns what now holds.

    One level for all is set until the power goes (66); several can only be set in flash (76),
    and are if they differ from what is there. Whole dB: a fraction is dropped, never added.
    """
    have = await _powers(talk)
    wanted = [have[port] if dbm is None else int(dbm) for port, dbm in enumerate(wanted_dbm)]
    count = len(wanted)
    if wanted == have[:count]:
        return wanted
    if len(set(wanted)) == 1:
        await talk.set(_POWER_FOR_NOW, bytes(wanted[:1]))
    else:
        ports = await _count_ports(talk)
        await talk.set(_POWER, bytes(wanted + have[count:ports]))
    back = (await _powers(talk))[:count]
    if back != wanted:
        raise WrongAnswer("power {} set, {} read back".format(wanted, back))
    return wanted


async def still_set(talk, wanted_dbm):
    """Whether the module still has this power; None if it did not say. One that restarted has not,
    unless it is that of its flash."""
    reply = await talk.once(_GET_POWER, b"", _ASIDE_S)
    return None if reply is None else _levels(reply)[: len(wanted_dbm)] == wanted_dbm


async def quiet_and_watchful(talk):
    """No beeper in a classroom; and a missing antenna is only told with its detector on."""
    await talk.set(_BEEPER, b"\x00")
    if await talk.ask(_GET_DETECTOR) != bytes((_DETECTOR_DB,)):
        await talk.set(_DETECTOR, bytes((_DETECTOR_DB,)))
        await _expect(talk, _GET_DETECTOR, bytes((_DETECTOR_DB,)), "antenna detector")


async def set_mask(talk, radio):
    """Let foreign tags keep silent on the air where one prefix says which are ours.

    Before each round the module's Select puts foreign tags into B of the session, and ours into
    A, which also makes a tag that has just answered do so again. Only where a single target is
    to mute answered tags are ours left as they are. Returns whether ours are put into A. Firmware
    that has no masks answers with an error or not at all, and the filter behind decides alone.
    """
    mutes = radio.session and radio.target == "A"
    await _masks(talk, bytes((_MASK_NUMBER,)))  # an error where there was none to clear
    if len(radio.prefixes) != 1:
        return False
    tag = by_prefix(radio.prefixes[0])
    action = 2 if mutes else 0
    head = (_MASK_NUMBER, radio.session, action, tag.bank, tag.pointer, tag.bits)
    return await _masks(talk, bytes(head) + tag.mask + b"\x00") and not mutes


async def _masks(talk, mask):
    """Whether the module took the mask command."""
    for _ in range(_MASK_TRIES):
        reply = await talk.once(_SELECT_MASK, mask, _MASK_S)
        if reply is not None:
            return len(reply) == 1 and reply[0] == OK
    return False


async def _powers(talk):
    """The level of each port the module may have, in dBm."""
    return _levels(await talk.ask(_GET_POWER))


def _levels(reply):
    """It says one level if all are equal."""
    levels = list(reply)
    if len(levels) == 1:
        return levels * _MAX_PORTS
    if len(levels) in (2, 4, 8):
        return levels
    raise WrongAnswer("power: {} read back".format(levels))


async def _count_ports(talk):
    for count in (8, 4, 2):
        if await _has_port(talk, count - 1):
            await talk.set(WORK_ANTENNA, b"\x00")
            return count
    return 1


async def _has_port(talk, port):
    return not await talk.refusal(WORK_ANTENNA, bytes((port,)), (BAD_PORT, BAD_PARAMETER))


async def _expect(talk, command, wanted, what):
    back = await talk.ask(command)
    if back != wanted:
        raise WrongAnswer("{} {} set, {} read back".format(what, wanted, back))
