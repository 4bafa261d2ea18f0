"""Two events under one id, as only a fault brings them: both stand, it is told, all goes on."""

import json
from pathlib import Path

import pytest

from edge.contracts.events import Event, Located
from edge.contracts.readlog import TimeRow
from tests.agent.running import rows
from tests.agent.schools import epc
from tests.agent.scripted_ledger import ledger, say

pytestmark = pytest.mark.anyio


def at(room: str, event_id: str = "1.0", tag: int = 1) -> Located:
    return Located(event_id, 10.0, 11.0, epc(tag), room, 0.9)


def written(folder: Path) -> list[tuple[int, int, str, str]]:
    found = rows(folder, "SELECT pos, count, body FROM events ORDER BY pos, count")
    said = [(pos, count, json.loads(body)) for pos, count, body in found]
    return [(pos, count, event["id"], event["room"]) for pos, count, event in said]


def told(folder: Path) -> list[tuple[int, str]]:
    return rows(folder, "SELECT pos, kind FROM set_aside")


async def test_the_second_of_one_id_stands_under_the_next_that_is_free(tmp_path: Path) -> None:
    await say(tmp_path, at("hall"), at("r1", tag=2), at("hall", "3.0"))
    assert written(tmp_path) == [(1, 0, "1.0", "hall"), (1, 1, "1.1", "r1"), (3, 0, "3.0", "hall")]
    assert rows(tmp_path, "SELECT epc, room FROM whereabouts ORDER BY epc") == [
        (epc(1), "hall"),
        (epc(2), "r1"),
    ]
    assert told(tmp_path) == [(1, "event")]
    assert rows(tmp_path, "SELECT rule FROM alerts") == [("set-aside",)]


async def test_so_does_one_whose_id_was_taken_in_an_earlier_run(tmp_path: Path) -> None:
    await say(tmp_path, at("hall"))
    said: dict[int, list[Event]] = {5: [at("r1")]}
    async with ledger(tmp_path, said) as made:
        made.feed(5, [TimeRow(rx=5.0, pos=5)])
        changes = await made.commit()
    assert written(tmp_path)[1] == (1, 1, "1.1", "r1")
    assert "1.1" in [change.id for change in changes]
    assert told(tmp_path) == [(1, "event")]


async def test_an_event_that_stands_there_already_is_not_written_twice(tmp_path: Path) -> None:
    await say(tmp_path, at("hall"), at("hall"))
    assert written(tmp_path) == [(1, 0, "1.0", "hall")]
    assert told(tmp_path) == []
