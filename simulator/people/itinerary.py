"""What happens to devices in a day, as plain timed data: walks, docking, leave to go out."""

from __future__ import annotations

from typing import Literal

import msgspec

APPROACH_M = 5.0  # a walk at a doorway is told from this far before it to this far behind


class Carrying(msgspec.Struct, frozen=True):
    """How a device is held on one walk, which decides much of what can be read.

    `tilt_db` lost one way by the tag's orientation; `body_db` lost one way when the body stands
    between; `on_back` when it rides in a bag on the back, so that the body is before it.
    """

    tilt_db: float
    body_db: float
    on_back: bool = False


class Walk(msgspec.Struct, frozen=True):
    """A device carried at a doorway: through it, up to it and back, or past it along the wall.

    `at_s` is when it is in the door's plane (through) or nearest to it; `lane_m` the offset from
    the door's centre line; `reach_m` how far behind the plane a turn goes (negative: before it),
    or how far from the wall one passes; `pause_s` the standing at the turn, or on the way through
    at `pause_at_m` behind the plane (negative: before it); `laid_down` when the device is put
    down there and nobody stands beside it; `in_cart` when it rides in a cart; `bend_from_m` and
    `bend_to_m` how far from the wall a path through the door runs straight before it follows
    the wall, towards `bend_side` (+1 or -1).
    """

    device: int
    doorway: str
    kind: Literal["through", "turn", "past"]
    from_room: str
    to_room: str
    at_s: float
    speed_m_s: float
    lane_m: float
    carrying: Carrying
    reach_m: float = 0.0
    pause_s: float = 0.0
    pause_at_m: float = 0.0
    laid_down: bool = False
    in_cart: bool = False
    bend_from_m: float = 99.0
    bend_to_m: float = 99.0
    bend_side: float = 1.0

    @property
    def pause_before_s(self) -> float:
        """How much of the pause lies before `at_s`."""
        if self.pause_at_m == 0:
            return self.pause_s / 2
        return self.pause_s if self.pause_at_m < 0 else 0.0

    @property
    def begin_s(self) -> float:
        """When the approach begins."""
        return self.at_s - (APPROACH_M / self.speed_m_s + self.pause_before_s)

    @property
    def end_s(self) -> float:
        """When the device is `APPROACH_M` away again."""
        return self.at_s + (APPROACH_M / self.speed_m_s + self.pause_s - self.pause_before_s)


class Dock(msgspec.Struct, frozen=True):
    """A device is put into a slot of a cart."""

    device: int
    cart: str
    slot: int
    at_s: float

    @property
    def begin_s(self) -> float:
        """When it happens."""
        return self.at_s


class Undock(msgspec.Struct, frozen=True):
    """A device is taken out of its cart."""

    device: int
    cart: str
    at_s: float

    @property
    def begin_s(self) -> float:
        """When it happens."""
        return self.at_s


class Leave(msgspec.Struct, frozen=True):
    """Leave to take devices out of the building, entered into the ledger at `at_s`.

    A loan is of one device, from `from_s`, due at `until_s`, over when `ended_s` is set; a line of
    the `calendar` may name several, from `from_s` until `until_s`.
    """

    devices: tuple[int, ...]
    at_s: float
    from_s: float
    until_s: float
    ended_s: float | None = None
    calendar: bool = False

    @property
    def begin_s(self) -> float:
        """When it is entered."""
        return self.at_s


class Unplug(msgspec.Struct, frozen=True):
    """A cart is unplugged to be rolled, and its gateway dark until `until_s`.

    `device` is the cart's own tag, -1 where it bears none.
    """

    device: int
    gateway: str
    at_s: float
    until_s: float

    @property
    def begin_s(self) -> float:
        """When it happens."""
        return self.at_s


class OpenCart(msgspec.Struct, frozen=True):
    """The doors of a cart are open from `at_s` until `until_s`."""

    cart: str
    at_s: float
    until_s: float

    @property
    def begin_s(self) -> float:
        """When they are opened."""
        return self.at_s


Happening = Walk | Dock | Undock | Leave | Unplug | OpenCart


class Placement(msgspec.Struct, frozen=True):
    """Where a device is when the day begins: a room, and a slot when it lies in a cart."""

    device: int
    room: str
    cart: str | None = None
    slot: int = 0


class Portion(msgspec.Struct, frozen=True):
    """Part of a day: all that begins before `until_s` and was not told in an earlier portion."""

    until_s: float
    happenings: list[Happening]
