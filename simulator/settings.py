"""The `[simulator]` table of a school file: how many devices, and how people treat them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.contracts.school import School

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class SimulatorError(ValueError):
    """A school or scenario that cannot be simulated; its text says what to change."""


class SimulatorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[simulator]` table. Shares are of the devices, or of the classes, concerned.

    `devices` to make where no list is given; `home_rooms` for those without a cart; `dead_slots`
    are the slots of a cart, from 1, in which metal shades whatever lies there.
    """

    devices: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 120
    home_rooms: list[str] = []
    dead_slots: dict[str, list[Annotated[int, msgspec.Meta(ge=1, le=200)]]] = {}
    away_share: _Share = 0.45  # classes that carry their devices to the room next door
    idle_share: _Share = 0.08  # classes that leave the cart shut for a lesson
    forgotten_share: _Share = 0.01  # devices not brought back at the end of a lesson
    staying_share: _Share = 0.4  # groups without a cart that stay where they are at a bell
    errand_share: _Share = 0.02  # devices carried alone to another room and back, in a lesson
    turn_share: _Share = 0.02  # devices carried to the door and back in, in a lesson
    early_exits: Annotated[float, msgspec.Meta(ge=0, le=100)] = 2.0  # in a lesson, on average
    permitted_share: _Share = 0.6  # of those early exits
    take_home_share: _Share = 0.3  # pupils' own devices, at the end of the day
    cart_take_home_share: _Share = 0.0  # devices of carts, at the end of the day
    unpermitted_share: _Share = 0.05  # of those taken home
    arriving_share: _Share = 0.2  # pupils' own devices that come in on the first morning
    clocks_never_set: list[str] = []  # gateways for which `score` allows 30 s


def load_settings(school: School) -> SimulatorSettings:
    """Check the table of a school.

    Raises:
        SimulatorError: a key is unknown or wrong, or the school cannot be simulated at all.
    """
    try:
        settings = msgspec.convert(school.raw_simulator, SimulatorSettings)
    except msgspec.ValidationError as error:
        raise SimulatorError(f"[simulator] of the school file: {error}") from error
    for room in settings.home_rooms:
        if room not in school.rooms:
            raise SimulatorError(f'simulator.home_rooms: no room "{room}" in [rooms]')
    for cart in settings.dead_slots:
        if cart not in school.carts:
            raise SimulatorError(f'simulator.dead_slots: no cart "{cart}" in [carts]')
    if not school.doorways and not school.carts:
        raise SimulatorError("the school has neither doorways nor carts: nothing to simulate")
    return settings
