"""Devices for a school that gave no list: EPCs under its prefix, asset tags, numbers, carts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count

from edge.contracts.devices import Device
from edge.contracts.school import School
from simulator.settings import SimulatorError, SimulatorSettings, load_settings

GIAI_96_HEADER = "34"  # GS1 Tag Data Standard, table of EPC headers
EPC_DIGITS = 24
MODELS = ("Chromebook 311", "Chromebook 514", "iPad 10.2")


def make_devices(school: School, seed: int) -> list[Device]:
    """Make the devices of `[simulator]`: carts are filled first, others live in home rooms.

    EPCs are the school's first prefix and a serial, running with small gaps as labels do that
    were printed in rolls. The same school and seed give the same devices.

    Raises:
        SimulatorError: the `[simulator]` table is wrong, or the school cannot hold devices.
    """
    settings = load_settings(school)
    rng = random.Random(f"devices {seed}")
    prefix = next(iter(school.epc_prefixes), GIAI_96_HEADER)
    digits = EPC_DIGITS - len(prefix)
    if digits < 5:
        raise SimulatorError(f"epc_prefixes: {prefix} leaves no room for serials in a 96-bit EPC")
    places = _places(school, settings)
    serial = rng.randrange(0x10000, 0x80000)
    devices = []
    for index in range(settings.devices):
        serial += rng.choice((1, 1, 1, 1, 2, 5))
        home, cart, number = next(places)
        devices.append(
            Device(
                epc=f"{prefix}{serial:0{digits}X}",
                asset_tag=f"{school.site[:2].upper()}-{index + 1:05d}",
                serial=f"5CD{rng.randrange(16**7):07X}",
                model=MODELS[index % len(MODELS)] if cart is None else MODELS[0],
                home=home,
                cart=cart,
                number=number,
            )
        )
    return devices


def home_rooms(school: School, settings: SimulatorSettings) -> list[str]:
    """Return the rooms in which devices without a cart live."""
    if settings.home_rooms:
        return settings.home_rooms
    classrooms = [room.id for room in school.rooms.values() if room.kind == "classroom"]
    without_cart = [r for r in classrooms if r not in {c.home for c in school.carts.values()}]
    inside = [room for room in school.rooms if not school.is_outside(room)]
    return without_cart or classrooms or inside[:1]


def _places(
    school: School, settings: SimulatorSettings
) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield home, cart and number on the lid: each cart's slots, then home rooms for ever."""
    for cart in school.carts.values():
        for number in range(1, cart.capacity + 1):
            yield cart.home, cart.id, str(number)
    rooms = home_rooms(school, settings)
    if not rooms:
        raise SimulatorError("the school has no room in which devices could live")
    for index in count():
        yield rooms[index % len(rooms)], None, None
