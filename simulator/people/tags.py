"""All tags of a run: those of the devices, those that carts bear themselves, and foreign ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.contracts.devices import Device
from edge.contracts.school import School

FOREIGN_EACH = 3  # for each device, the tags that whoever carries it may wear


class Tags(msgspec.Struct, frozen=True):
    """Tags by index: devices first, then carts, then `foreign` ones, which gateways drop.

    `epcs` are those of devices and carts; `carts` gives the index of each cart's own tag.
    """

    epcs: list[str]
    carts: dict[str, int] = {}
    foreign: int = 0

    @property
    def count(self) -> int:
        """How many there are, foreign ones too."""
        return len(self.epcs) + self.foreign


def tags_of(
    school: School, devices: Sequence[Device], *, carts: bool = False, clothes: bool = False
) -> Tags:
    """Return the tags of a run: with `carts` their own where the school file gives one."""
    bearing = [cart for cart in school.carts.values() if carts and cart.epc is not None]
    return Tags(
        [device.epc for device in devices] + [cart.epc for cart in bearing if cart.epc],
        {cart.id: len(devices) + place for place, cart in enumerate(bearing)},
        FOREIGN_EACH * len(devices) if clothes else 0,
    )
