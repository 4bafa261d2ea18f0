"""A simulated school in real time, as the field that each emulated module asks about its tags."""

from __future__ import annotations

import random
from bisect import insort
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from edge.contracts.devices import Device
from edge.contracts.school import School
from simulator.air.cart_state import OpenDoors
from simulator.air.chance import Floats
from simulator.air.crowd import Ints
from simulator.air.hopping import CELL_MS
from simulator.air.link import LOGISTIC_DB, return_level_dbm
from simulator.air.motion import Walks, near_enough
from simulator.air.radio import NOISE_DB, Radio
from simulator.chain import Story
from simulator.modules.field import TagAnswer, make_tags
from simulator.modules.tag import Tag
from simulator.people.day import Day
from simulator.people.itinerary import Dock, Happening, OpenCart, Placement, Undock, Walk
from simulator.people.timetable import short_day
from simulator.settings import load_settings

LOOK_AHEAD_S = 1.0  # happenings are asked for so far ahead, at most this often
DEMO_EARLY_EXITS = 0.3  # a lesson: its lessons are short, and alerts are to stay an exception
HOP_MHZ = 0.5  # US channels and the four European ones; others are finer: two share a fade
HOPS_A_CELL = 64  # more channels than any region here has


def live_short_day(
    school: School,
    devices: Sequence[Device],
    lesson_s: float,
    start_s: float,
    clock: Callable[[], float],
    seed: int = 1,
) -> LiveSchool:
    """Begin the demo's endless day of short lessons now; see `LiveSchool`."""
    lessons = short_day(start_s, lesson_s)
    settings = msgspec.structs.replace(load_settings(school), early_exits=DEMO_EARLY_EXITS)
    day = Day(school, devices, settings, lessons, start_s, seed)
    return LiveSchool(school, devices, day, start_s, clock, seed)


class LiveSchool:
    """All tags of a school as they move, seen by any number of modules on one clock.

    `day` begins at `start_s` (Unix seconds of the school); `clock` gives the emulators' monotonic
    seconds, and the day begins when this object is made. `tags` are in the order of `devices`.
    """

    def __init__(
        self,
        school: School,
        devices: Sequence[Device],
        day: Day,
        start_s: float,
        clock: Callable[[], float],
        seed: int = 1,
    ) -> None:
        self.tags: list[Tag] = make_tags(
            len(devices),
            random.Random(f"tags {seed}"),
            epcs=[bytes.fromhex(device.epc) for device in devices],
        )
        self.day = day
        # where each is; one on its way: the room it came from
        self.rooms = {placed.device: placed.room for placed in day.placements}
        self.carts: dict[str, dict[int, int]] = {cart: {} for cart in school.carts}
        self._school = school
        self._start_s = start_s
        self._offset_s = start_s - clock()
        self._asked_until_s = start_s
        self._story = Story(day)
        self.radio = Radio(school, len(devices), load_settings(school).dead_slots, seed)
        self._rng = np.random.Generator(np.random.SFC64([seed, 5]))
        self._walks: dict[str, tuple[list[Walk], Walks]] = {}
        self._due: list[tuple[float, int, Walk | Dock | Undock]] = []
        self._told = 0
        self._doors: list[OpenDoors] = []
        for placed in day.placements:
            if placed.cart is not None:
                self.carts[placed.cart][placed.device] = placed.slot

    def field(self, gateway: str) -> GatewayField:
        """Return what all modules of a gateway ask; `antenna` is the gateway's own number."""
        return GatewayField(self, gateway)

    def advance(self, at_s: float) -> float:
        """Let happen what is due at `at_s` of the clock; return the school's time."""
        now_s = at_s + self._offset_s
        if now_s + LOOK_AHEAD_S > self._asked_until_s:
            self._asked_until_s = now_s + 2 * LOOK_AHEAD_S
            self._keep_walks(lambda walk: walk.end_s >= now_s)
            self._take()
        while self._due and self._due[0][0] <= now_s:
            _, _, change = self._due.pop(0)
            if isinstance(change, Walk):
                self.rooms[change.device] = change.to_room
            elif isinstance(change, Dock):
                self.carts[change.cart][change.device] = change.slot
            else:
                self.carts[change.cart].pop(change.device, None)
        return now_s

    def standing(self, device: int, at_s: float) -> tuple[Placement, float]:
        """Return where a device is once the walk it is on has ended, and when, in school time."""
        now_s = self.advance(at_s)
        walks = [walk for walks, _ in self._walks.values() for walk in walks]
        begun = [walk for walk in walks if walk.device == device and walk.begin_s <= now_s]
        last = max(begun, key=lambda walk: walk.at_s, default=None)
        if last is not None and last.end_s > now_s:
            return Placement(device, last.to_room), last.end_s
        for cart, inside in self.carts.items():
            if device in inside:
                return Placement(device, self.rooms[device], cart, inside[device]), now_s
        return Placement(device, self.rooms[device]), now_s

    def tell_instead(self, device: int, happenings: Sequence[Happening], at_s: float) -> None:
        """Let this happen to a device after what has begun, and nothing else that was planned."""
        now_s = self.advance(at_s)

        def stays(happening: Walk | Dock | Undock) -> bool:
            return happening.device != device or happening.begin_s <= now_s

        self._due = [due for due in self._due if stays(due[2])]
        self._keep_walks(stays)
        self._story.tell_instead(device, happenings)
        self._take()

    def logistic(self, count: int) -> Floats:
        """Draw from the logistic distribution by which thresholds are soft."""
        return self._rng.logistic(size=count)

    def noise_db(self, count: int) -> Floats:
        """Draw the noise of reported levels."""
        return NOISE_DB * self._rng.standard_normal(count)

    def walks_at(self, doorway: str) -> Walks | None:
        """Return the walks at a doorway now and soon, or None."""
        entry = self._walks.get(doorway)
        return None if entry is None else entry[1]

    def cart_lost_db(self, cart: str, now_s: float) -> float:
        """Return what a cart's doors and charger take from all its links now, one way."""
        at_ms = self._up_ms(now_s)
        self._doors = [doors for doors in self._doors if doors.until_ms > at_ms]
        own = [doors for doors in self._doors if doors.cart == cart]
        return self.radio.docked.states[cart].lost_db(at_ms, own)

    def _up_ms(self, at_s: float) -> float:
        return (at_s - self._start_s) * 1000

    def _take(self) -> None:
        added: dict[str, list[Walk]] = {}
        for happening in self._story.before(self._asked_until_s):
            if isinstance(happening, Walk):
                added.setdefault(happening.doorway, []).append(happening)
            if isinstance(happening, OpenCart):
                from_ms, until_ms = self._up_ms(happening.at_s), self._up_ms(happening.until_s)
                self._doors.append(OpenDoors(happening.cart, from_ms, until_ms))
            if isinstance(happening, Walk | Dock | Undock):
                self._told += 1
                insort(self._due, (happening.at_s, self._told, happening))
        for doorway, walks in added.items():
            self._see(doorway, [*self._walks.get(doorway, ([], None))[0], *walks])

    def _keep_walks(self, keep: Callable[[Walk], bool]) -> None:
        for doorway, (walks, _) in list(self._walks.items()):
            kept = [walk for walk in walks if keep(walk)]
            if len(kept) < len(walks):
                self._see(doorway, kept)

    def _see(self, doorway: str, walks: list[Walk]) -> None:
        if walks:
            self._walks[doorway] = (walks, Walks(self._school, walks))
        else:
            del self._walks[doorway]


class GatewayField:
    """The tags around one gateway's antennas; a `TagField`."""

    def __init__(self, school: LiveSchool, gateway: str) -> None:
        self._school = school
        self._antennas = {a.number: a for a in school.radio.antennas.all if a.gateway == gateway}

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        """Return the tags that `antenna` powers in a round begun at `at_s`."""
        known = self._antennas.get(antenna)
        now_s = self._school.advance(at_s)
        if known is None:
            return ()
        channel = round(frequency_mhz / HOP_MHZ) % self._school.radio.hopping.channels
        if known.is_cart:
            return self._docked(known.place, known.index, now_s, power_dbm, channel)
        return self._carried(known.place, known.index, now_s, power_dbm, channel)

    def _docked(
        self, cart: str, antenna: int, now_s: float, power_dbm: float, channel: int
    ) -> Sequence[TagAnswer]:
        inside = self._school.carts[cart]
        if not inside:
            return ()
        devices = np.fromiter(inside.keys(), np.int64, len(inside))
        slots = np.fromiter(inside.values(), np.int64, len(inside))
        gain_db = self._school.radio.docked.gain_db(
            cart, devices, slots, antenna, np.array([channel])
        )[:, 0]
        gain_db -= self._school.cart_lost_db(cart, now_s)
        return self._answers(devices, gain_db, antenna, power_dbm)

    def _carried(
        self, doorway: str, antenna: int, now_s: float, power_dbm: float, channel: int
    ) -> Sequence[TagAnswer]:
        walks = self._school.walks_at(doorway)
        if walks is None:
            return ()
        row = np.flatnonzero(
            near_enough(walks, np.arange(len(walks.at_s)), np.full(len(walks.at_s), now_s))
        )
        if not len(row):
            return ()
        cell = np.array([now_s * 1000 // CELL_MS * HOPS_A_CELL + channel], np.int64)
        devices = walks.device[row]
        gain_db, _ = self._school.radio.walk_levels(
            walks,
            row,
            np.full(len(row), antenna),
            np.full(len(row), now_s),
            cell,
            np.full(len(row), channel),
            devices,
        )
        return self._answers(devices, gain_db, antenna, power_dbm)

    def _answers(
        self, devices: Ints, gain_db: Floats, antenna: int, power_dbm: float
    ) -> list[TagAnswer]:
        school, radio = self._school, self._school.radio
        sensitivity = radio.antennas.all[antenna].radio.sensitivity_dbm
        level = return_level_dbm(np.float64(power_dbm), gain_db)
        luck = school.logistic(2 * len(devices)) * LOGISTIC_DB
        powered = power_dbm + gain_db + luck[: len(devices)] > radio.threshold_dbm[devices]
        heard = level + luck[len(devices) :] > sensitivity
        reported = level + school.noise_db(len(devices))
        return [
            TagAnswer(school.tags[device], rssi, is_heard)
            for device, rssi, is_heard, is_powered in zip(
                devices.tolist(), reported.tolist(), heard.tolist(), powered.tolist(), strict=True
            )
            if is_powered
        ]
