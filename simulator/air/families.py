"""What the simulated radio knows of each module family."""

from __future__ import annotations

import msgspec

from edge.contracts.school import Family


class FamilyRadio(msgspec.Struct, frozen=True):
    """One family's receiver and pace.

    `sensitivity_dbm`: answers at this level are decoded half of the time. `floor_dbm`: the
    weakest level it reports, None where it reports no level; levels are whole dBm. A round takes
    `round_ms` and `read_ms` more for each tag read in it, at Q 4.
    """

    sensitivity_dbm: float
    floor_dbm: float | None
    round_ms: float
    read_ms: float


# M100: -69 dBm by its datasheet, int8 down to -70, 50-60 tags a second. M6e: -58 at M4, 170
# tags a second. R2000 and E710 boards behind A0 and UHFReader18: about -80, 400 tags a second.
FAMILIES: dict[Family, FamilyRadio] = {
    "m100": FamilyRadio(-69.0, -70.0, 16.0, 14.5),
    "m100-aa": FamilyRadio(-69.0, -70.0, 16.0, 14.5),
    "m6e": FamilyRadio(-58.0, -90.0, 10.0, 4.5),
    "a0": FamilyRadio(-80.0, -90.0, 12.0, 2.2),
    "uhfreader18": FamilyRadio(-80.0, None, 15.0, 4.0),
}
