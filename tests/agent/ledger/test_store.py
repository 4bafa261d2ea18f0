"""What follows from events: stays, whereabouts, presence, alerts, and nothing twice."""

from pathlib import Path

import pytest

from edge.contracts.events import Alert, Closed, Docked, Event, Located, Retracted, Undocked
from edge.contracts.readlog import DeviceRow, ReadRow, SchoolRow, TimeRow
from tests.agent.running import rows
from tests.agent.schools import TEXT, epc
from tests.agent.scripted_ledger import ledger, say

pytestmark = pytest.mark.anyio

E1, E2 = epc(1), epc(2)


def located(pos: int, t: float, room: str | None, tag: str = E1) -> Located:
    return Located(f"{pos}.0", t, 99.0, tag, room, 0.9)


async def test_a_later_word_with_an_earlier_time_erases_what_was_thought_since(
    tmp_path: Path,
) -> None:
    await say(
        tmp_path,
        located(1, 10.0, "hall"),
        located(2, 20.0, "r1"),
        located(3, 30.0, "hall"),
        located(4, 15.0, "r1"),
        located(5, 12.0, "hall", tag=E2),
    )
    assert rows(tmp_path, "SELECT t, room FROM stays WHERE epc = ? ORDER BY t", [E1]) == [
        (10.0, "hall"),
        (15.0, "r1"),
    ]
    assert rows(tmp_path, "SELECT epc, room, since FROM whereabouts ORDER BY epc") == [
        (E1, "r1", 15.0),
        (E2, "hall", 12.0),
    ]


async def test_presence_is_the_last_word_in_time_that_was_not_taken_back(tmp_path: Path) -> None:
    await say(
        tmp_path,
        Docked("1.0", 10.0, 11.0, E1, "c1", 0.9),
        Undocked("2.0", 20.0, 21.0, E1, "c1", 0.8),
        Docked("3.0", 10.0, 11.0, E2, "c1", 0.7),
        Retracted("4.0", 30.0, 30.0, "2.0"),
    )
    assert rows(tmp_path, "SELECT epc, cart, since, confidence FROM presence ORDER BY epc") == [
        (E1, "c1", 10.0, 0.9),
        (E2, "c1", 10.0, 0.7),
    ]


async def test_alerts_are_closed_or_taken_back(tmp_path: Path) -> None:
    await say(
        tmp_path,
        Alert("1.0", 1.0, 2.0, "left-building", False, epc=E1, doorway="d1"),
        Alert("2.0", 1.0, 2.0, "left-building", True, epc=E2, doorway="d1"),
        Closed("3.0", 5.0, 6.0, "1.0", "returned"),
        Retracted("4.0", 7.0, 8.0, "2.0"),
    )
    query = "SELECT id, late, closed_at, reason, retracted FROM alerts ORDER BY id"
    assert rows(tmp_path, query) == [("1.0", 0, 6.0, "returned", 0), ("2.0", 1, None, None, 1)]


async def test_events_that_were_committed_are_not_written_twice(tmp_path: Path) -> None:
    said: dict[int, list[Event]] = {
        pos: [located(pos, float(pos), "r1"), Docked(f"{pos}.1", 1.0, 2.0, E1, "c1", 0.9)]
        for pos in range(1, 6)
    }
    for reach in (3, 5):  # a crash after position 3, then from the start again
        async with ledger(tmp_path, said) as made:
            for pos in range(1, reach + 1):
                made.feed(pos, [TimeRow(rx=float(pos), pos=pos)])
            await made.commit()
    found = rows(tmp_path, "SELECT pos, count FROM events ORDER BY pos, count")
    assert found == [(pos, n) for pos in range(1, 6) for n in (0, 1)]


def a_read(tag: str, pos: int, gateway: str = "gw-d1") -> ReadRow:
    return ReadRow(rx=50.0, pos=pos, gateway=gateway, antenna=1, epc=tag, t=49.0)


async def test_only_the_schools_tags_at_its_own_antennas_are_remembered(tmp_path: Path) -> None:
    async with ledger(tmp_path, {}) as made:
        made.feed(1, [SchoolRow(rx=1.0, pos=1, text=TEXT)])
        made.feed(2, [a_read(E1, 2), a_read("E2801160", 2), a_read(E2, 2, gateway="gw-x")])
        await made.commit(with_sightings=True)
    assert rows(tmp_path, "SELECT epc, recorded FROM devices") == [(E1, 0)]
    assert rows(tmp_path, "SELECT epc, t, gateway, antenna FROM observed") == [
        (E1, 49.0, "gw-d1", 1)
    ]


async def test_a_record_comes_changes_and_goes(tmp_path: Path) -> None:
    async with ledger(tmp_path, {}) as made:
        made.feed(1, [DeviceRow(rx=1.0, pos=1, epc=E1, cart="c1", number="7")])
        made.feed(2, [DeviceRow(rx=1.0, pos=2, epc=E2, cart="c1", number="8")])
        changes = await made.commit()
        made.feed(3, [DeviceRow(rx=2.0, pos=3, epc=E1, number="9")])
        made.feed(4, [DeviceRow(rx=2.0, pos=4, epc=E2, removed=True)])
        await made.commit()
    assert {(c.topic, c.id) for c in changes} == {
        ("device", E1),
        ("device", E2),
        ("cart", "c1"),
    }
    assert rows(tmp_path, "SELECT epc, recorded, cart, number FROM devices") == [(E1, 1, None, "9")]
