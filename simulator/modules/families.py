"""The module families that can be emulated: a core in a file of its own each, named here."""

from __future__ import annotations

from simulator.modules.a0 import core as a0
from simulator.modules.core import Family
from simulator.modules.m6e import core as m6e
from simulator.modules.m100 import core as m100
from simulator.modules.m100.frames import AA_DD, BB_7E
from simulator.modules.uhfreader18 import core as uhfreader18

FAMILIES: dict[str, Family] = {
    "m100": m100.family(BB_7E, demodulator="030601b0"),
    "m100-aa": m100.family(AA_DD, demodulator="020600b0"),  # as a real YPD-R200 answers F1
    "m6e": m6e.family(),
    "a0": a0.family(),
    "uhfreader18": uhfreader18.FAMILY,
}


class UnknownFamily(ValueError):
    """A module family that has no emulator."""


def find_family(name: str) -> Family:
    """Return the family; raises `UnknownFamily`, naming those there are."""
    try:
        return FAMILIES[name]
    except KeyError:
        known = ", ".join(FAMILIES)
        raise UnknownFamily(f"no emulator for family {name!r}; known are {known}") from None
