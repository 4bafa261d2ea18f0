"""Every antenna of a school: where it stands, what it is driven by, and when it is on the air."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.contracts.school import Family, Reader, School
from simulator.air.chance import text_key
from simulator.air.families import FAMILIES, FamilyRadio
from simulator.coalescer.shapes import NO_RSSI

SLOT_MS = 80  # modules of one gateway take turns: 60-100 ms each
USABLE_MS = 70.0  # of a slot; the rest goes into stopping one module and starting the other
USABLE_ALONE_MS = 78.0  # where there is nobody to take turns with
DEFAULT_FAMILY: Family = "m100"  # of a gateway that the school file says nothing of
DEFAULT_POWER_DBM = 20.0
POST_M = 0.75  # from a door's centre line to an antenna beside its frame


@dataclass(frozen=True, slots=True)
class Antenna:
    """One antenna. `index` counts all antennas of the school.

    On the air in slots `phase_ms + (k * turns + turn) * SLOT_MS`. At a doorway `side` is -1 where
    it faces the first room of `between`, +1 where it faces the second, and `post_m` its place
    along the wall; in a cart `shelf` is its place among the cart's antennas. `module` is the index
    of the first antenna that its module drives.
    """

    index: int
    gateway: str
    number: int
    place: str
    is_cart: bool
    side: int
    post_m: float
    shelf: int
    shelves: int
    power_dbm: float
    radio: FamilyRadio
    turn: int
    turns: int
    phase_ms: int
    module: int

    def is_on_air(self, at_ms: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether it sends at each of some times, as far as its turns go."""
        since_ms = (at_ms - self.phase_ms - self.turn * SLOT_MS) % (self.turns * SLOT_MS)
        sends: npt.NDArray[np.bool_] = since_ms < self.usable_ms
        return sends

    @property
    def usable_ms(self) -> float:
        """How much of each of its slots it is on the air."""
        return USABLE_MS if self.turns > 1 else USABLE_ALONE_MS


class Antennas:
    """All antennas of doorways and carts, in the order of their gateways' ids and numbers.

    Desks are left out: nothing happens there by itself.
    """

    def __init__(self, school: School) -> None:
        self.all: list[Antenna] = []
        numbers: dict[str, list[int]] = {}
        for (gateway, number), place in sorted(school.places.items()):
            if place.kind != "desk":
                numbers.setdefault(gateway, []).append(number)
        for gateway, own in numbers.items():
            readers = readers_of(school, gateway)
            begin = len(self.all)
            for turn, number in enumerate(own):
                with_it = _with(readers, number)
                module = begin + min(own.index(other) for other in with_it if other in own)
                self.all.append(
                    self._antenna(school, gateway, number, turn, len(own), readers, module)
                )
        self.gateways = list(numbers)
        self.of_place: dict[tuple[bool, str], list[Antenna]] = {}
        for antenna in self.all:
            self.of_place.setdefault((antenna.is_cart, antenna.place), []).append(antenna)
        self.power_dbm = np.array([a.power_dbm for a in self.all])
        self.side = np.array([a.side for a in self.all], np.float64)
        self.post_m = np.array([a.post_m for a in self.all])
        self.floor_tenths = np.array([_floor(a) for a in self.all], np.int64)
        at = {gateway: place for place, gateway in enumerate(self.gateways)}
        self.gateway = np.array([at[a.gateway] for a in self.all], np.int64)
        # place among the antennas of its gateway, ascending with their numbers
        self.number = np.array([a.turn for a in self.all], np.int64)
        self.sensitivity_dbm = np.array([a.radio.sensitivity_dbm for a in self.all])
        self.turns_ms = np.array([a.turns * SLOT_MS for a in self.all], np.int64)
        self.first_ms = np.array([a.phase_ms + a.turn * SLOT_MS for a in self.all], np.int64)
        self.usable_ms = np.array([a.usable_ms for a in self.all])
        self.module = np.array([a.module for a in self.all], np.int64)
        self.round_ms = np.array([a.radio.round_ms for a in self.all])
        self.read_ms = np.array([a.radio.read_ms for a in self.all])

    def _antenna(
        self,
        school: School,
        gateway: str,
        number: int,
        turn: int,
        turns: int,
        readers: list[Reader],
        module: int,
    ) -> Antenna:
        place = school.places[gateway, number]
        config = school.gateways.get(gateway)
        stated_dbm = config.power_dbm if config is not None else None
        families = [r.family for r in readers if number in r.antennas]
        side, post_m, shelf, shelves = 0, 0.0, 0, 1
        if place.kind == "doorway":
            doorway = school.doorways[place.id]
            side = -1 if place.side == doorway.between[0] else 1
            same = [n for n, room in sorted(doorway.antennas.items()) if room == place.side]
            # The first of a side stands left of the door, the second right: two see all lanes.
            post_m = POST_M if same.index(number) % 2 == 0 else -POST_M
        else:
            numbers = school.carts[place.id].antennas
            shelf, shelves = numbers.index(number), len(numbers)
        return Antenna(
            index=len(self.all),
            gateway=gateway,
            number=number,
            place=place.id,
            is_cart=place.kind == "cart",
            side=side,
            post_m=post_m,
            shelf=shelf,
            shelves=shelves,
            power_dbm=(stated_dbm or {}).get(number, DEFAULT_POWER_DBM),
            radio=FAMILIES[families[0] if families else DEFAULT_FAMILY],
            turn=turn,
            turns=turns,
            phase_ms=text_key(gateway) % SLOT_MS,
            module=module,
        )


def readers_of(school: School, gateway: str) -> list[Reader]:
    """Return a gateway's readers: as the school file says, else one module for each antenna."""
    stated = school.gateways.get(gateway)
    if stated is not None and stated.readers:
        return stated.readers
    antennas = sorted(antenna for owner, antenna in school.places if owner == gateway)
    return [Reader(DEFAULT_FAMILY, [antenna]) for antenna in antennas]


def _with(readers: list[Reader], number: int) -> list[int]:
    """Return the antennas of the module that drives one."""
    return next((reader.antennas for reader in readers if number in reader.antennas), [number])


def _floor(antenna: Antenna) -> int:
    """Return the weakest level the module reports, tenths of dBm; NO_RSSI if it reports none."""
    floor_dbm = antenna.radio.floor_dbm
    return NO_RSSI if floor_dbm is None else round(floor_dbm * 10)
