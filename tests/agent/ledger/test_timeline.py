"""A device's timeline: what stands, the newest first, each thing once."""

from pathlib import Path

import pytest

from edge.agent.ledger.timeline import StayView, timeline
from edge.agent.storage.database import FILE_NAME, open_reader
from edge.contracts.events import Alert, Closed, Crossed, Docked, Located, Retracted
from tests.agent.schools import epc
from tests.agent.scripted_ledger import say

pytestmark = pytest.mark.anyio

TAG, OTHER = epc(1), epc(2)
WENT = Crossed("1.0", 10.0, 12.0, TAG, "d1", "hall", "r1", 0.9, {"reads": {"1": 3}})
ARRIVED = Located("2.0", 10.0, 12.0, TAG, "r1", 0.9)


async def told(folder: Path, tag: str = TAG, offset: int = 0, limit: int = 50):
    connection = await open_reader(folder / "data" / FILE_NAME)
    try:
        return await timeline(connection, tag, offset, limit)
    finally:
        await connection.close()


async def test_a_stay_that_a_crossing_tells_already_is_not_told_twice(tmp_path: Path) -> None:
    missed_door = Located("3.0", 30.0, 31.0, TAG, "hall", 0.6)
    await say(tmp_path, WENT, ARRIVED, missed_door)
    assert await told(tmp_path) == ([StayView(t=30.0, room="hall", confidence=0.6), WENT], 2)


async def test_what_was_taken_back_is_not_told_and_its_stay_stands_for_itself(
    tmp_path: Path,
) -> None:
    await say(tmp_path, WENT, ARRIVED, Retracted("3.0", 20.0, 20.0, "1.0"))
    assert await told(tmp_path) == ([StayView(t=10.0, room="r1", confidence=0.9)], 1)


async def test_carts_and_alerts_are_told_and_other_devices_are_not(tmp_path: Path) -> None:
    docked = Docked("1.0", 10.0, 11.0, TAG, "c1", 0.9)
    alert = Alert("2.0", 20.0, 21.0, "left-building", False, epc=TAG, doorway="front")
    await say(tmp_path, docked, alert, Closed("3.0", 30.0, 30.0, "2.0", "returned"))
    assert await told(tmp_path) == ([alert, docked], 2)
    assert await told(tmp_path, OTHER) == ([], 0)


async def test_it_comes_a_page_at_a_time(tmp_path: Path) -> None:
    all_of = [Docked(f"{n}.0", float(n), float(n), TAG, "c1", 0.9) for n in range(1, 8)]
    await say(tmp_path, *all_of)
    assert await told(tmp_path, limit=3) == (all_of[:3:-1], 7)
    assert await told(tmp_path, offset=6, limit=3) == (all_of[:1], 7)
