"""Doors and chargers of carts: what they do to all levels at once."""

import numpy as np
import pytest

from simulator.air.cart_state import CHARGER_DB, CHARGER_MS, DOOR_DB, CartState, OpenDoors
from simulator.air.docked import Stay
from simulator.air.radio import Radio
from tests.simulator.demo_school import SCHOOL

QUARTER_MS = int(CHARGER_MS)
FULL = [Stay(device, "c1", device, 0.0, 1e9) for device in range(30)]
OPEN = OpenDoors("c1", 60_000, 120_000)


def _levels(doors: list[OpenDoors], begin_ms: int) -> np.ndarray:
    """Mean level over a minute of each slot on the first antenna's shelf."""
    reads = (
        Radio(SCHOOL, 30, {}, 1).stretch(begin_ms, begin_ms + 60_000, [], FULL, 0.0, doors).reads
    )
    first = reads.antenna == 0
    total = np.bincount(reads.tag[first], reads.rssi_tenths[first], minlength=30)[:15]
    return total / 10 / np.bincount(reads.tag[first], minlength=30)[:15]


def test_opening_a_carts_doors_lowers_every_tags_level_at_once() -> None:
    drop = _levels([], 60_000) - _levels([OPEN], 60_000)
    assert 2 * DOOR_DB[0] - 1 < np.median(drop) < 2 * DOOR_DB[1] + 1
    assert (drop > 0).mean() > 0.9


def test_shut_doors_are_as_if_they_had_never_been_open() -> None:
    assert _levels([OPEN], 120_000) == pytest.approx(_levels([], 120_000))


def test_another_carts_doors_change_nothing() -> None:
    other = OpenDoors("c2", 60_000, 120_000)
    assert _levels([other], 60_000) == pytest.approx(_levels([], 60_000))


def test_a_charger_shifts_a_cart_once_in_a_quarter_of_an_hour() -> None:
    state = CartState("c1", 1)
    lost = [state.lost_db(at_ms, []) for at_ms in range(0, 8 * QUARTER_MS, 1000)]
    assert len(set(lost)) == 9 and all(CHARGER_DB[0] <= db <= CHARGER_DB[1] for db in lost)
    assert len({CartState(cart, 1).lost_db(0, []) for cart in ("c1", "c2", "c3")}) == 3


def test_nothing_changes_within_a_part_and_the_parts_fill_the_stretch() -> None:
    state = CartState("c1", 1)
    parts = state.shifts(0, QUARTER_MS, [OPEN])
    assert [part.from_ms for part in parts[1:]] == [part.until_ms for part in parts[:-1]]
    assert (parts[0].from_ms, parts[-1].until_ms) == (0, QUARTER_MS) and len(parts) == 4
    for part in parts:
        for at_ms in (part.from_ms, part.until_ms - 1):
            assert state.lost_db(at_ms, [OPEN]) == part.db
