"""A cart's doors and its charger: each shifts the levels of all that lies in the cart at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.air.chance import key, text_key, uniform

DOOR_DB = (1.5, 3.5)  # one way, lost while the doors are open; each cart has its own
CHARGER_DB = (-1.0, 1.0)  # one way, lost to the bank of chargers that is on, or won by it
CHARGER_MS = 900_000  # for which a bank is on before the next takes its turn


@dataclass(frozen=True)
class OpenDoors:
    """The doors of a cart are open from `from_ms` until `until_ms` of the log's uptime."""

    cart: str
    from_ms: float
    until_ms: float


@dataclass(frozen=True)
class Shift:
    """What all links of a cart lose, one way, from `from_ms` until `until_ms`."""

    from_ms: float
    until_ms: float
    db: float


class CartState:
    """What doors and chargers take from the links of one cart, at any time."""

    def __init__(self, cart: str, seed: int) -> None:
        self._cart = text_key(cart)
        self._seed = seed
        self._door_db = self._between(DOOR_DB, 0, 0)
        self._phase_ms = int(self._between((0.0, CHARGER_MS), 1, 0))
        self._bank, self._bank_db = -1, 0.0  # that was asked for last

    def lost_db(self, at_ms: float, doors: Sequence[OpenDoors]) -> float:
        """Return what all links lose at a time, `doors` being those of this cart."""
        bank = int((at_ms + self._phase_ms) // CHARGER_MS)
        is_open = any(door.from_ms <= at_ms < door.until_ms for door in doors)
        if bank != self._bank:
            self._bank, self._bank_db = bank, self._between(CHARGER_DB, 2, bank)
        return self._bank_db + (self._door_db if is_open else 0.0)

    def shifts(self, from_ms: float, until_ms: float, doors: Sequence[OpenDoors]) -> list[Shift]:
        """Return a stretch of time in parts, in each of which nothing changes."""
        begun = (from_ms + self._phase_ms) // CHARGER_MS
        cuts = {
            (begun + 1) * CHARGER_MS - self._phase_ms
        }  # no stretch is longer than a bank's turn
        cuts |= {door.from_ms for door in doors} | {door.until_ms for door in doors}
        ends = [*sorted(cut for cut in cuts if from_ms < cut < until_ms), until_ms]
        begins = [from_ms, *ends[:-1]]
        return [
            Shift(begin, end, self.lost_db(begin, doors))
            for begin, end in zip(begins, ends, strict=True)
        ]

    def _between(self, bounds: tuple[float, float], what: int, when: int) -> float:
        drawn = float(uniform(key(self._seed, 9, self._cart, what, when))[0])
        return bounds[0] + (bounds[1] - bounds[0]) * drawn
