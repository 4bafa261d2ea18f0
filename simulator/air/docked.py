"""Docked devices: who lies in which cart in each slot of its antennas, and how well it is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.contracts.school import School
from simulator.air.antennas import Antenna, Antennas
from simulator.air.cart_state import CartState, OpenDoors
from simulator.air.carts import CartRadio
from simulator.air.chance import Floats, fading_db, key, rician_table_db
from simulator.air.crowd import NO_WALK, Crowd, Ints, Links
from simulator.air.hopping import Hops
from simulator.air.link import forward_chance, return_chance, return_level_dbm
from simulator.air.turns import Turns

CART_K_DB = 12.0  # a still tag's level spreads 0.5-3.4 dB over channels (measured): 12 dB gives 3


@dataclass(frozen=True)
class Stay:
    """A device in a cart's slot from `from_ms` until `until_ms` of the log's uptime."""

    device: int
    cart: str
    slot: int
    from_ms: float
    until_ms: float


@dataclass(frozen=True)
class _Block:
    """The links of one antenna to what lies in its cart, for each channel in turn."""

    here: Sequence[Stay]
    lost_db: float
    links: Links


@dataclass(frozen=True)
class _Part:
    """A time in which nothing shifts the links of an antenna."""

    antenna: Antenna
    from_ms: float
    until_ms: float
    block: _Block


class Docked:
    """What the antennas of all carts hear. `loss_db` is what each antenna's cable takes."""

    def __init__(
        self,
        school: School,
        antennas: Antennas,
        dead_slots: Mapping[str, Sequence[int]],
        threshold_dbm: Floats,
        loss_db: Floats,
        channels: int,
        seed: int,
    ) -> None:
        self._antennas = antennas
        self._threshold_dbm = threshold_dbm
        self._loss_db = loss_db
        self._channels = np.arange(channels)
        self._seed = seed
        self._fades = rician_table_db(CART_K_DB)
        self._blocks: dict[int, list[_Block]] = {}  # by antenna, of the stretch before
        self._used: list[_Block] = []
        self._links: Links | None = None
        self.states = {cart: CartState(cart, seed) for cart in school.carts}
        self._carts = {
            cart.id: CartRadio(
                antennas.of_place.get((True, cart.id), []),
                cart.capacity,
                dead_slots.get(cart.id, ()),
                seed,
            )
            for cart in school.carts.values()
        }

    def gain_db(
        self, cart: str, devices: Ints, slots: Ints, antenna: int, channels: Ints
    ) -> Floats:
        """Return gain with fading of docked devices, a column for each channel."""
        radio = self._carts[cart]
        shelf = next(i for i, a in enumerate(radio.antennas) if a.index == antenna)
        keys = key(self._seed, 3, devices[:, None], slots[:, None], antenna, channels[None, :])
        gain_db = radio.gain_db(slots, shelf)[:, None] - self._loss_db[antenna]
        faded: Floats = gain_db + fading_db(self._fades, keys)
        return faded

    def crowd(
        self,
        begin_ms: int,
        end_ms: int,
        stays: Sequence[Stay],
        doors: Sequence[OpenDoors],
        turns: Turns,
        hops: Hops,
    ) -> tuple[Crowd, Links] | None:
        """Return who lies where in a stretch, None where nothing can be heard."""
        parts = self._parts(begin_ms, end_ms, stays, doors)
        if not parts:
            return None
        links = self._joined([part.block for part in parts])
        of = np.array([part.antenna.index for part in parts], np.int64)
        size = np.array([len(part.block.here) for part in parts], np.int64)
        first = np.cumsum(size) - size
        part, place = turns.between(
            np.array([part.from_ms for part in parts]),
            np.array([part.until_ms for part in parts]),
            of,
        )
        antenna = of[part]
        t_ms = turns.begin_ms(antenna, place)
        channels = len(self._channels)
        crowd = Crowd(
            turns.number(antenna, place),
            first[part] * channels + size[part] * hops.channel_at(antenna, t_ms),
            size[part],
            _away(parts, part, t_ms, int(size.max())),
        )
        return crowd, links

    def _parts(
        self, begin_ms: int, end_ms: int, stays: Sequence[Stay], doors: Sequence[OpenDoors]
    ) -> list[_Part]:
        by_cart: dict[str, list[Stay]] = {}
        for stay in stays:
            by_cart.setdefault(stay.cart, []).append(stay)
        before, self._blocks = self._blocks, {}
        parts = []
        for cart, inside in by_cart.items():
            own = [door for door in doors if door.cart == cart]
            for shift in self.states[cart].shifts(begin_ms, end_ms, own):
                here = [
                    stay
                    for stay in inside
                    if stay.from_ms < shift.until_ms and stay.until_ms > shift.from_ms
                ]
                if not here:
                    continue
                for antenna in self._carts[cart].antennas:
                    block = self._block(cart, shift.db, antenna, here, before)
                    parts.append(_Part(antenna, shift.from_ms, shift.until_ms, block))
        return parts

    def _block(
        self,
        cart: str,
        lost_db: float,
        antenna: Antenna,
        here: Sequence[Stay],
        before: Mapping[int, Sequence[_Block]],
    ) -> _Block:
        """Return the links of one antenna.

        They hold as long as nothing is docked, undocked or shifted, so those of the stretch
        `before` are taken again: the hashes and powers of ten in them are dear.
        """
        for block in before.get(antenna.index, ()):
            if block.lost_db == lost_db and block.here == here:
                break
        else:
            device = np.array([stay.device for stay in here], np.int64)
            slot = np.array([stay.slot for stay in here], np.int64)
            gain_db = self.gain_db(cart, device, slot, antenna.index, self._channels).T - lost_db
            power_dbm = np.float64(antenna.power_dbm)
            level_dbm = return_level_dbm(power_dbm, gain_db)
            powered = forward_chance(power_dbm, gain_db, self._threshold_dbm[device])
            decoded = return_chance(level_dbm, np.float64(antenna.radio.sensitivity_dbm))
            of = np.tile(device, len(self._channels))
            links = Links.made(
                of, np.full(len(of), NO_WALK), powered.ravel(), decoded.ravel(), level_dbm.ravel()
            )
            block = _Block(here, lost_db, links)
        self._blocks.setdefault(antenna.index, []).append(block)
        return block

    def _joined(self, blocks: list[_Block]) -> Links:
        """Return the links of all blocks; the same as before where they are the same blocks."""
        same = len(blocks) == len(self._used) and all(map(_is, blocks, self._used))
        if self._links is None or not same:
            self._used = blocks
            self._links = Links.joined([block.links for block in blocks])
        return self._links


def _is(one: object, other: object) -> bool:
    return one is other


def _away(parts: Sequence[_Part], part: Ints, t_ms: Ints, most: int) -> np.ndarray | None:
    """Return which devices (rows) come later than a slot (column), or have left before it."""
    begin = np.searchsorted(part, np.arange(len(parts) + 1))
    away: np.ndarray | None = None
    for at, one in enumerate(parts):
        for row, stay in enumerate(one.block.here):
            if stay.from_ms <= one.from_ms and one.until_ms <= stay.until_ms:
                continue
            if away is None:
                away = np.zeros((most, len(part)), np.bool_)
            columns = slice(begin[at], begin[at + 1])
            at_ms = t_ms[columns]
            away[row, columns] = (at_ms < stay.from_ms) | (at_ms >= stay.until_ms)
    return away
