"""When the doors of carts stand open: while devices are taken out of them or put into them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from simulator.people.itinerary import Dock, Happening, OpenCart, Undock

TOGETHER_S = 60.0  # between two devices of one opening
BEFORE_S = (1.5, 6.0)  # from the doors' opening to the first device
AFTER_S = (3.0, 40.0)  # from the last device to their being shut


def open_carts(told: Sequence[Happening], from_s: float, seed: int) -> list[OpenCart]:
    """Return the openings that `told`, sorted by time, takes; none begins before `from_s`.

    What is drawn is drawn for each opening by itself, so that nobody's day changes by it.
    """
    touched: dict[str, list[float]] = {}
    for happening in told:
        if isinstance(happening, Dock | Undock):
            touched.setdefault(happening.cart, []).append(happening.at_s)
    return [
        _opening(cart, group, from_s, seed)
        for cart, times in touched.items()
        for group in _groups(times)
    ]


def _groups(times: Sequence[float]) -> list[list[float]]:
    groups = [[times[0]]]
    for at_s in times[1:]:
        if at_s - groups[-1][-1] < TOGETHER_S:
            groups[-1].append(at_s)
        else:
            groups.append([at_s])
    return groups


def _opening(cart: str, times: Sequence[float], from_s: float, seed: int) -> OpenCart:
    rng = random.Random(f"doors {cart} {times[0]} {seed}")
    begin_s = max(from_s, times[0] - rng.uniform(*BEFORE_S))
    return OpenCart(cart, begin_s, times[-1] + rng.uniform(*AFTER_S))
