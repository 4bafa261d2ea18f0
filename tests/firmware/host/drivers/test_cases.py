"""The matrix is complete: every driver has an emulator, and every emulator a driver."""

from drivers.families import NAMES

from tests.firmware.host.drivers.cases import (
    FAMILIES,
    LASTING,
    NO_ANTENNA_AT_PORT_1,
    ONE_PORT,
    PASSING,
    QUIRK_ANTENNAS,
    QUIRKS,
    READS_NOTHING,
    REGIONS,
)


def test_every_driver_has_an_emulator_and_every_emulator_a_driver():
    assert set(FAMILIES) == set(NAMES)


def test_quirks_with_a_meaning_of_their_own_are_quirks_that_there_are():
    named = [PASSING, LASTING, REGIONS, ONE_PORT, NO_ANTENNA_AT_PORT_1, READS_NOTHING]
    assert {case for cases in (*named, QUIRK_ANTENNAS) for case in cases} <= set(QUIRKS)
