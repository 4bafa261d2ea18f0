"""Writes the school file of a whole district, for measuring speed and memory.

    python -m simulator.schools.district [--buildings 30] [--devices 40000] > district.toml

Two thirds of a building's devices have a cart of 30, each in a classroom of its own; the others are
carried by their pupils. No two buildings are connected. Every file made of the same numbers is the
same; no pupil, room or time in it is real.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

BUILDINGS, DEVICES = 30, 40_000  # unless told otherwise
CAPACITY = 30  # slots of a cart, and devices that a home room holds
CART_SHARE = 2 / 3
DOORS_A_HALL = 12

_HEAD = """\
# Made by `python -m simulator.schools.district --buildings {buildings} --devices {devices}`.

name = "District"
site = "district"
timezone = "America/Denver"
epc_prefixes = ["3414257BF4"]
region = "US"

[bells]
days = ["mon", "tue", "wed", "thu", "fri"]
lessons = [
  ["08:00", "08:50"],
  ["08:55", "09:45"],
  ["09:50", "10:40"],
  ["10:45", "11:35"],
  ["12:20", "13:10"],
  ["13:15", "14:05"],
  ["14:10", "15:00"],
]

[simulator]
devices = {devices}
home_rooms = [{home_rooms}]
"""


def main() -> None:
    """Print the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=BUILDINGS)
    parser.add_argument("--devices", type=int, default=DEVICES)
    options = parser.parse_args()
    sys.stdout.write(district_text(options.buildings, options.devices))


def district_text(buildings: int, devices: int) -> str:
    """Return a district's school file."""
    return "".join(f"{table}\n" for table in _tables(buildings, devices))


def _tables(buildings: int, devices: int) -> Iterator[str]:
    carts = round(devices * CART_SHARE / buildings / CAPACITY)
    homes = max(1, -(-(devices // buildings - carts * CAPACITY) // CAPACITY))
    names = [f"b{number:02d}" for number in range(1, buildings + 1)]
    home_rooms = [f'"{name}-r{carts + at:02d}"' for name in names for at in range(1, homes + 1)]
    yield _HEAD.format(buildings=buildings, devices=devices, home_rooms=", ".join(home_rooms))
    for name in names:
        yield from _building(name, carts, carts + homes)


def _building(name: str, carts: int, classrooms: int) -> Iterator[str]:
    """Halls in a row, the first with the front door, classrooms along each."""
    yield _room(f"{name}-outside", "outside")
    before = f"{name}-outside"
    for at in range(classrooms):
        if at % DOORS_A_HALL == 0:
            hall = f"{name}-hall{at // DOORS_A_HALL + 1}"
            yield _room(hall, "hall")
            yield _doorway(f"{name}-d-{hall.removeprefix(f'{name}-')}", before, hall)
            before = hall
        room = f"{name}-r{at + 1:02d}"
        yield _room(room, "classroom")
        yield _doorway(f"{name}-d{at + 1:02d}", before, room)
        if at < carts:
            yield _cart(f"{name}-c{at + 1:02d}", room)


def _room(room: str, kind: str) -> str:
    return f'[rooms.{room}]\nkind = "{kind}"\n'


def _doorway(doorway: str, first: str, second: str) -> str:
    return (
        f'[doorways.{doorway}]\nbetween = ["{first}", "{second}"]\ngateway = "gw-{doorway}"\n'
        f'antennas = {{ 1 = "{first}", 2 = "{second}" }}\n'
    )


def _cart(cart: str, home: str) -> str:
    return f'[carts.{cart}]\nhome = "{home}"\ngateway = "gw-{cart}"\nantennas = [1, 2]\n'


if __name__ == "__main__":
    main()
