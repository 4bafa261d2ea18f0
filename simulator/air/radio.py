"""The radio of a school, offline: walks and docked devices in, raw reads of a stretch out.

Time is cut into the slots in which each antenna is on the air. A row is one tag within reach of
one antenna in one slot; all rows of a stretch are computed at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from edge.contracts.school import School
from simulator.air.antennas import Antenna, Antennas
from simulator.air.cart_state import CartState, OpenDoors
from simulator.air.carts import CartRadio
from simulator.air.chance import Floats, fading_db, key, rician_table_db, uniform
from simulator.air.contention import run_slots
from simulator.air.hopping import hopping_of
from simulator.air.jamming import Jamming
from simulator.air.link import door_gain_db, forward_chance, return_chance, return_level_dbm
from simulator.air.motion import Walks
from simulator.coalescer.shapes import NO_RSSI, RawReads
from simulator.people.itinerary import Walk

Ints = npt.NDArray[np.int64]

CELL_MS = 320  # whoever walks is half a wavelength on by then; no shorter than a hop
# Rician factors: clear view, shaded, and lying still, where hopping spreads the level of one place
# by 0.5-3.4 dB both ways (measured): 12 dB gives 3 dB, the upper end, for metal all round.
FRONT_K_DB, BACK_K_DB, CART_K_DB = 6.0, 0.0, 12.0
THRESHOLD_DBM = (-20.0, -18.0)  # of the tags' chips, mounted on a device
NOISE_DB = 1.0  # of the reported level

NO_WALK = -1

_Link = tuple[int, float, tuple[tuple[int, int], ...]]  # antenna, dB lost, (device, slot) of all
_Links = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Stay:
    """A device in a cart's slot from `from_ms` until `until_ms` of the log's uptime."""

    device: int
    cart: str
    slot: int
    from_ms: float
    until_ms: float

    def within(self, from_ms: float, until_ms: float) -> Stay:
        """Return the part of it between two times."""
        if from_ms <= self.from_ms and self.until_ms <= until_ms:
            return self
        from_ms, until_ms = max(from_ms, self.from_ms), min(until_ms, self.until_ms)
        return Stay(self.device, self.cart, self.slot, from_ms, until_ms)


@dataclass(frozen=True)
class Stretch:
    """Raw reads begun in a stretch of time, sorted; `walk` is the place of each in the walks.

    `rounds` of each antenna in each of its slots, row `antenna`; slot `i` begins at
    `first_ms[antenna] + i * turns_ms[antenna]`, and there are `slots[antenna]` of them.
    """

    reads: RawReads
    walk: Ints
    rounds: Ints
    first_ms: Ints
    slots: Ints


@dataclass
class _Rows:
    antenna: list[Ints] = field(default_factory=list)
    place: list[Ints] = field(default_factory=list)  # of the antenna's slot in the stretch
    device: list[Ints] = field(default_factory=list)
    walk: list[Ints] = field(default_factory=list)
    powered: list[Floats] = field(default_factory=list)
    decoded: list[Floats] = field(default_factory=list)
    level_dbm: list[Floats] = field(default_factory=list)


@dataclass(frozen=True)
class Hops:
    """The channel of each antenna (row) in each cell of a stretch, from cell `first` on."""

    first: int
    channel: Ints

    def place(self, t_ms: Ints) -> Ints:
        """Return in which column a time is."""
        return t_ms // CELL_MS - self.first

    def channel_at(self, antenna: Ints, t_ms: Ints) -> Ints:
        """Return the channel of each of some antennas at each of some times."""
        channel: Ints = self.channel[antenna, self.place(t_ms)]
        return channel


class Radio:
    """All antennas of a school. Two of one seed give the same reads of the same stretches."""

    def __init__(
        self, school: School, devices: int, dead_slots: Mapping[str, Sequence[int]], seed: int
    ) -> None:
        self.antennas = Antennas(school)
        self.loss_db = np.zeros(len(self.antennas.all))  # of each antenna's cable, one way
        self._school = school
        self._seed = seed
        low, high = THRESHOLD_DBM
        self.threshold_dbm = low + (high - low) * uniform(key(seed, 1, np.arange(devices)))
        self.hopping = hopping_of(school.region, seed)
        self.jamming = Jamming(school, self.antennas)
        self._links: dict[_Link, _Links] = {}  # of the stretch before
        self._front = rician_table_db(FRONT_K_DB)
        self._back = rician_table_db(BACK_K_DB)
        self._metal = rician_table_db(CART_K_DB)
        self.cart_states = {cart: CartState(cart, seed) for cart in school.carts}
        self.carts = {
            cart.id: CartRadio(
                self.antennas.of_place[True, cart.id],
                cart.capacity,
                dead_slots.get(cart.id, ()),
                seed,
            )
            for cart in school.carts.values()
        }

    def stretch(
        self,
        begin_ms: int,
        end_ms: int,
        walks: Sequence[Walk],
        stays: Sequence[Stay],
        zero_s: float,
        doors: Sequence[OpenDoors] = (),
    ) -> Stretch:
        """Return the raw reads of slots that begin within the stretch.

        Times of walks are Unix seconds, `zero_s` being zero of the uptime that all else is in.
        """
        on = self.antennas
        first = -(-(begin_ms - on.first_ms) // on.turns_ms)  # number of the first slot
        first_ms = on.first_ms + first * on.turns_ms
        slots = np.maximum(-(-(end_ms - first_ms) // on.turns_ms), 0)
        rows = _Rows()
        hops = self.hops(begin_ms, end_ms)
        if walks:
            self._walk_rows(rows, Walks(self._school, walks), walks, zero_s, first_ms, slots, hops)
        if stays:
            parts = self._parts(stays, begin_ms, end_ms, doors)
            self._stay_rows(rows, parts, first_ms, slots, hops)
        widest = int(slots.max()) if len(slots) else 0
        return self._run(rows, first_ms, slots, widest, begin_ms)

    def hops(self, begin_ms: int, end_ms: int) -> Hops:
        """Return the channel of every antenna from cell to cell of a stretch."""
        first = begin_ms // CELL_MS
        at_ms = np.arange(first, end_ms // CELL_MS + 1) * CELL_MS
        return Hops(first, self.hopping.channel(self.antennas.module[:, None], at_ms[None, :]))

    def walk_levels(
        self,
        walks: Walks,
        row: Ints,
        antenna: Ints,
        t_s: Floats,
        cell: Ints,
        channel: Ints,
        devices: Ints,
    ) -> tuple[Floats, Floats]:
        """Return gain with fading (dB, one way) and the forward limit of each row's tag.

        A cell stands for a place on the way and a channel; what was put down lies in one place,
        and there the channel alone counts.
        """
        x, y, heading_x, heading_y = walks.where(row, t_s)
        gain_db, front = door_gain_db(
            x,
            y,
            heading_x,
            heading_y,
            self.antennas.side[antenna],
            self.antennas.post_m[antenna],
            walks.tilt_db[row],
            walks.shade_db(row, t_s),
            walks.on_back[row],
        )
        keys = key(self._seed, 2, devices, antenna, cell)
        fade = np.where(front > 0, fading_db(self._front, keys), fading_db(self._back, keys))
        if walks.laid_down.any():
            lies = walks.lies(row, t_s)
            still = self._lying_db(walks, row, antenna, channel, devices, front)
            fade = np.where(lies, still, fade)
        return gain_db + fade - self.loss_db[antenna], self.threshold_dbm[devices]

    def _lying_db(
        self, walks: Walks, row: Ints, antenna: Ints, channel: Ints, devices: Ints, front: Floats
    ) -> Floats:
        """Return the fade of a device that lies still: one of the place, one of the channel."""
        place = key(self._seed, 6, devices, antenna, walks.at_s[row].astype(np.int64))
        hopping = key(self._seed, 8, devices, antenna, channel)
        of_place = np.where(front > 0, fading_db(self._front, place), fading_db(self._back, place))
        fade: Floats = of_place + fading_db(self._metal, hopping)
        return fade

    def stay_gain_db(
        self, cart: str, devices: Ints, slots: Ints, antenna: int, channels: Ints
    ) -> Floats:
        """Return gain with fading of docked devices, a column for each channel."""
        radio = self.carts[cart]
        shelf = next(i for i, a in enumerate(radio.antennas) if a.index == antenna)
        keys = key(self._seed, 3, devices[:, None], slots[:, None], antenna, channels[None, :])
        gain_db = radio.gain_db(slots, shelf)[:, None] - self.loss_db[antenna]
        faded: Floats = gain_db + fading_db(self._metal, keys)
        return faded

    def _walk_rows(
        self,
        rows: _Rows,
        columns: Walks,
        walks: Sequence[Walk],
        zero_s: float,
        first_ms: Ints,
        slots: Ints,
        hops: Hops,
    ) -> None:
        pairs = [
            (place, antenna.index)
            for place, walk in enumerate(walks)
            for antenna in self.antennas.of_place[False, walk.doorway]
        ]
        walk = np.array([pair[0] for pair in pairs], np.int64)
        antenna = np.array([pair[1] for pair in pairs], np.int64)
        begin_ms = (columns.begin_s[walk] - zero_s) * 1000
        end_ms = (columns.end_s[walk] - zero_s) * 1000
        pair, place = _slots_between(begin_ms, end_ms, antenna, self.antennas, first_ms, slots)
        walk, antenna = walk[pair], antenna[pair]
        t_ms = first_ms[antenna] + place * self.antennas.turns_ms[antenna]
        device = columns.device[walk]
        gain_db, threshold = self.walk_levels(
            columns,
            walk,
            antenna,
            zero_s + t_ms / 1000,
            t_ms // CELL_MS,
            hops.channel_at(antenna, t_ms),
            device,
        )
        not_jammed = self.jamming.kept(hops.channel)[antenna, hops.place(t_ms)]
        power = self.antennas.power_dbm[antenna]
        level = return_level_dbm(power, gain_db)
        rows.antenna.append(antenna)
        rows.place.append(place)
        rows.device.append(device)
        rows.walk.append(walk)
        rows.powered.append(forward_chance(power, gain_db, threshold))
        decoded = return_chance(level, self.antennas.sensitivity_dbm[antenna])
        rows.decoded.append(decoded * not_jammed)
        rows.level_dbm.append(level)

    def _parts(
        self,
        stays: Sequence[Stay],
        begin_ms: int,
        end_ms: int,
        doors: Sequence[OpenDoors],
    ) -> list[tuple[str, float, list[Stay]]]:
        """Return cart, dB lost and what is docked, for each time in which nothing shifts."""
        by_cart: dict[str, list[Stay]] = {}
        for stay in stays:
            by_cart.setdefault(stay.cart, []).append(stay)
        parts = []
        for cart, inside in by_cart.items():
            own = [door for door in doors if door.cart == cart]
            for shift in self.cart_states[cart].shifts(begin_ms, end_ms, own):
                here = [
                    stay.within(shift.from_ms, shift.until_ms)
                    for stay in inside
                    if stay.from_ms < shift.until_ms and stay.until_ms > shift.from_ms
                ]
                if here:
                    parts.append((cart, shift.db, here))
        return parts

    def _stay_rows(
        self,
        rows: _Rows,
        parts: Sequence[tuple[str, float, list[Stay]]],
        first_ms: Ints,
        slots: Ints,
        hops: Hops,
    ) -> None:
        before, self._links = self._links, {}
        pairs = [
            (cart, lost_db, antenna, here)
            for cart, lost_db, here in parts
            for antenna in self.carts[cart].antennas
        ]
        links = [self._cart_links(*pair, before) for pair in pairs]
        if not links:
            return  # carts without antennas
        all_of = np.repeat([a.index for *_, a, _ in pairs], [len(here) for *_, here in pairs])
        device = np.array([stay.device for *_, here in pairs for stay in here], np.int64)
        begin = np.array([stay.from_ms for *_, here in pairs for stay in here])
        end = np.array([stay.until_ms for *_, here in pairs for stay in here])
        which, place = _slots_between(begin, end, all_of, self.antennas, first_ms, slots)
        antenna = all_of[which]
        # a row is an antenna's, a column one of its slots
        t_ms = first_ms[:, None] + np.arange(int(slots.max())) * self.antennas.turns_ms[:, None]
        link = which * self.hopping.channels + hops.channel_at(antenna, t_ms[antenna, place])
        powered, decoded, level = (
            np.concatenate([each[part] for each in links]).reshape(-1)[link] for part in range(3)
        )
        rows.antenna.append(antenna)
        rows.place.append(place)
        rows.device.append(device[which])
        rows.walk.append(np.full(len(which), NO_WALK, np.int64))
        rows.powered.append(powered)
        rows.decoded.append(decoded)
        rows.level_dbm.append(level)

    def _cart_links(
        self,
        cart: str,
        lost_db: float,
        antenna: Antenna,
        here: Sequence[Stay],
        before: dict[_Link, _Links],
    ) -> _Links:
        """Return chances powered and decoded, and levels, of docked devices on each channel.

        They hold as long as nothing is docked, undocked or shifted, so those of the stretch
        `before` are taken again: the hashes and powers of ten in them are dear.
        """
        link = (antenna.index, lost_db, tuple((stay.device, stay.slot) for stay in here))
        if link not in before:
            device = np.array([stay.device for stay in here], np.int64)
            slot = np.array([stay.slot for stay in here], np.int64)
            channels = np.arange(self.hopping.channels)
            gain_db = self.stay_gain_db(cart, device, slot, antenna.index, channels) - lost_db
            power = np.float64(antenna.power_dbm)
            level = return_level_dbm(power, gain_db)
            powered = forward_chance(power, gain_db, self.threshold_dbm[device][:, None])
            decoded = return_chance(level, np.float64(antenna.radio.sensitivity_dbm))
            self._links[link] = (powered, decoded, level)
        else:
            self._links[link] = before[link]
        return self._links[link]

    def _run(self, rows: _Rows, first_ms: Ints, slots: Ints, widest: int, begin_ms: int) -> Stretch:
        on = self.antennas
        rng = np.random.Generator(np.random.SFC64([self._seed, begin_ms]))
        antenna, place, device, walk = (
            np.concatenate([*part, np.zeros(0, np.int64)])
            for part in (rows.antenna, rows.place, rows.device, rows.walk)
        )
        powered, decoded, level_dbm = (
            np.concatenate([*part, np.zeros(0)])
            for part in (rows.powered, rows.decoded, rows.level_dbm)
        )
        t_ms = first_ms[:, None] + np.arange(widest) * on.turns_ms[:, None]
        until_ms = t_ms + on.usable_ms[:, None].astype(np.int64)
        rests = self.hopping.rests(on.module[:, None], t_ms, until_ms)
        outcome = run_slots(
            antenna * widest + place,
            powered,
            decoded,
            np.where(rests, 0.0, on.usable_ms[:, None]).reshape(-1),
            np.repeat(on.round_ms, widest),
            np.repeat(on.read_ms, widest),
            rng,
        )
        row = outcome.row
        antenna, place = antenna[row], place[row]
        at_ms = first_ms[antenna] + place * on.turns_ms[antenna] + outcome.after_ms.astype(np.int64)
        level = level_dbm[row] + NOISE_DB * rng.standard_normal(len(row))
        tenths = np.maximum(np.rint(level).astype(np.int64) * 10, on.floor_tenths[antenna])
        tenths = np.where(on.floor_tenths[antenna] == NO_RSSI, NO_RSSI, tenths)
        order = np.argsort(at_ms, kind="stable")
        antenna = antenna[order]
        return Stretch(
            RawReads(
                gateway=on.gateway[antenna],
                tag=device[row][order],
                antenna=on.number[antenna],
                rssi_tenths=tenths[order],
                at_ms=at_ms[order],
            ),
            walk[row][order],
            outcome.rounds.reshape(len(on.all), widest) if len(on.all) else outcome.rounds,
            first_ms,
            slots,
        )


def _slots_between(
    begin_ms: Floats, end_ms: Floats, antenna: Ints, on: Antennas, first_ms: Ints, slots: Ints
) -> tuple[Ints, Ints]:
    """Return (which, place): the slots of `antenna[which]` that begin within each time span."""
    turns = on.turns_ms[antenna]
    low = np.ceil((begin_ms - first_ms[antenna]) / turns)
    high = np.ceil((end_ms - first_ms[antenna]) / turns)
    low = np.clip(low, 0, slots[antenna]).astype(np.int64)
    high = np.clip(high, 0, slots[antenna]).astype(np.int64)
    count = np.maximum(high - low, 0)
    which = np.repeat(np.arange(len(antenna)), count)
    ends = np.cumsum(count)
    place = np.arange(len(which)) - np.repeat(ends - count, count) + low[which]
    return which, place
