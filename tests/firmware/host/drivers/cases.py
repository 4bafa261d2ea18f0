"""The cases of the matrix: each family that has an emulator and a driver, each of its quirks, and
each fault of a cable. A new family or quirk is in all of it by itself."""

from collections.abc import Sequence

from simulator.modules.families import FAMILIES as EMULATORS
from simulator.modules.faults import Faults

FAMILIES = list(EMULATORS)
QUIRKS = [(family, quirk) for family in FAMILIES for quirk in EMULATORS[family].quirks]

# One frame in ten or so is hit: M100's notice of a 96 bit tag has 24 bytes.
FAULTS = {
    "lost-byte": Faults(lost_byte=0.004),
    "flip-bit": Faults(flip_bit=0.004),
    "stall": Faults(stall_ms=300.0),
}

# Quirks that show late or seldom by themselves, with a number that makes them show soon: those
# that a gateway gets over, and those with which nothing can be read, each with what it is called.
PASSING = {
    ("m6e", "lost-reply"): 10,
    ("m6e", "over-temperature"): 5,
    ("m6e", "resets"): 7,
    ("a0", "worn-flash"): 3,
}
LASTING = {
    ("m6e", "return-loss"): (5, "reflects"),
    ("a0", "brown-out"): (15, "mute"),
    ("a0", "low-power"): (25, "power too low"),
    ("a0", "min-power"): (25, "power out of range"),
    ("a0", "weak-amplifier"): (15, "power not reached"),
}

# Quirks that decide what such a module can be used for.
REGIONS = {("a0", "etsi-only"): "EU"}
ONE_PORT = {("a0", "one-port"), ("uhfreader18", "18"), ("uhfreader18", "86")}
NO_ANTENNA_AT_PORT_1 = {("a0", "missing-antenna")}
READS_NOTHING = {("m6e", "antenna-missing"), ("m6e", "return-loss")}  # and says so

# What the school calls the ports, so that a driver that mixes the two up is found out.
ANTENNAS = {"a0": (7, 3, 5, 2), "uhfreader18": (4, 1)}
QUIRK_ANTENNAS = {("m6e", "multiplexer"): (9, 4, 12, 1, 30, 2)}


def antennas_of(family: str, quirks: Sequence[str] = ()) -> tuple[int, ...]:
    """The school's numbers for the antennas at its ports."""
    antennas = ANTENNAS.get(family, (1,))
    for quirk in quirks:
        antennas = QUIRK_ANTENNAS.get((family, quirk), antennas)
        if (family, quirk) in ONE_PORT:
            antennas = antennas[:1]
    return antennas


def region_of(family: str, quirks: Sequence[str] = ()) -> str:
    """A region that the module has."""
    return next((REGIONS[family, quirk] for quirk in quirks if (family, quirk) in REGIONS), "US")
