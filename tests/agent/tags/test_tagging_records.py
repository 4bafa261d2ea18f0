"""What may be recorded of a tag and its device, and what the ledger says of it afterwards."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.agent.inbox import leave
from edge.agent.service import Agent
from edge.agent.storage import database
from edge.agent.storage.database import FILE_NAME, migrations, prepare
from edge.agent.tags.tagging_ledger import read_records
from edge.agent.tags.tagging_records import Conflict, Records, rows_to_record
from edge.contracts.readlog import DeviceRow
from tests.agent.running import rows, running
from tests.agent.schools import epc, settings
from tests.support.waiting import eventually

TID, OTHER_TID = "E2801160200000010000ABCD", "E2801160200000010000ABCE"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def device(number: int, **more: str | None) -> DeviceRow:
    return DeviceRow(rx=1.0, epc=epc(number), asset_tag=f"A{number}", **more)  # type: ignore[arg-type]


def recorded(
    records: Records, number: int, tag_epc: int, tid: str, replace: bool = False
) -> Records:
    for row in rows_to_record(records, f"A{number}", epc(tag_epc), tid, replace=replace, now=9.0):
        records.take(row)
    return records


def test_a_device_without_a_record_gets_one() -> None:
    records = recorded(Records(), 7, 1, TID)
    assert records.of("A7") == DeviceRow(rx=9.0, epc=epc(1), asset_tag="A7", tid=TID)


def test_a_device_keeps_all_else_that_is_known_of_it() -> None:
    records = recorded(Records([device(7, model="Chromebook", cart="c1")]), 7, 7, TID)
    row = records.of("A7")
    assert row is not None and (row.model, row.cart, row.tid) == ("Chromebook", "c1", TID)


def test_another_epc_is_refused_unless_it_may_replace() -> None:
    records = Records([device(7, model="iPad", tid=TID)])
    with pytest.raises(Conflict, match=f"has the EPC {epc(7)} already.*--replace"):
        recorded(records, 7, 8, OTHER_TID)
    row = recorded(records, 7, 8, OTHER_TID, replace=True).of("A7")
    assert row is not None and (row.epc, row.tid, row.model) == (epc(8), OTHER_TID, "iPad")
    assert epc(7) not in records.by_epc


def test_another_tag_with_the_same_epc_is_refused_unless_it_may_replace() -> None:
    records = Records([device(7, tid=TID)])
    with pytest.raises(Conflict, match="another tag"):
        recorded(records, 7, 7, OTHER_TID)
    row = recorded(records, 7, 7, OTHER_TID, replace=True).of("A7")
    assert row is not None and row.tid == OTHER_TID


@pytest.mark.parametrize("replace", [False, True])
def test_the_epc_of_another_device_is_always_refused(replace: bool) -> None:
    with pytest.raises(Conflict, match="that of device A8"):
        recorded(Records([device(8)]), 7, 8, TID, replace)


def test_the_tag_of_another_device_is_refused_unless_it_may_replace() -> None:
    records = Records([device(8, tid=TID)])
    with pytest.raises(Conflict, match="that of device A8"):
        recorded(records, 7, 1, TID)
    assert recorded(records, 7, 1, TID, replace=True).of("A7")


def test_an_asset_tag_on_two_devices_names_both() -> None:
    twins = Records([device(1), DeviceRow(rx=1.0, epc=epc(2), asset_tag="A1")])
    with pytest.raises(Conflict, match=f"{epc(1)}, {epc(2)}"):
        twins.of("A1")


@pytest.mark.anyio
async def test_records_are_read_while_the_agent_runs_and_while_it_does_not(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    path = chosen.data / FILE_NAME
    assert not (await read_records(path)).by_epc
    await leave(path, [device(1, tid=TID), device(2)])
    for _ in range(2):  # in the inbox, then in the tables
        found = (await read_records(path)).by_epc
        assert {number: row.tid for number, row in found.items()} == {epc(1): TID, epc(2): None}
        async with running(Agent(chosen), connected=False):

            async def taken() -> bool:
                return len(rows(tmp_path, "SELECT epc FROM devices")) == 2

            await eventually(taken, 5.0, "the devices")
            await leave(path, [device(1, cart="c1")])
            row = (await read_records(path)).of("A1")
            assert row is not None and (row.cart, row.tid) == ("c1", TID)

            async def in_cart() -> bool:
                return rows(tmp_path, "SELECT cart, tid FROM devices WHERE cart = 'c1'") == [
                    ("c1", TID)
                ]

            await eventually(in_cart, 5.0, "the later record")


@pytest.mark.anyio
async def test_a_removed_device_is_no_record_before_the_agent_took_it_and_after(
    tmp_path: Path,
) -> None:
    chosen = settings(tmp_path)
    path = chosen.data / FILE_NAME
    await leave(path, [device(1, tid=TID), DeviceRow(rx=2.0, epc=epc(1), removed=True), device(2)])
    assert list((await read_records(path)).by_epc) == [epc(2)]
    async with running(Agent(chosen), connected=False):

        async def taken() -> bool:
            return rows(tmp_path, "SELECT epc FROM devices") == [(epc(2),)]

        await eventually(taken, 5.0, "the removal")
    assert list((await read_records(path)).by_epc) == [epc(2)]


def test_a_database_from_before_tids_keeps_its_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / FILE_NAME
    before = [step for step in migrations() if step[0] < 3]
    with monkeypatch.context() as patched:
        patched.setattr(database, "migrations", lambda: before)
        prepare(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO devices (epc, recorded, asset_tag) VALUES ('AB', 1, 'A1')")
    records = asyncio.run(read_records(path))
    assert [(row.epc, row.asset_tag, row.tid) for row in records.by_epc.values()] == [
        ("AB", "A1", None)
    ]
