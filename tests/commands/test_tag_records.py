"""`rollcall tag --device`: the EPC it makes, what it records, and what it refuses."""

from pathlib import Path

import pytest

from edge.agent.service import Agent
from edge.commands.failure import Failure
from edge.commands.tag_records import DeviceBook
from edge.contracts.settings import load_settings
from tests.agent.running import rows, running
from tests.agent.schools import TEXT, epc
from tests.commands.tag_desk import FACTORY, TID, TagDesk, factory_tag, tag
from tests.support.waiting import eventually


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "school.toml").write_text(TEXT)
    path = tmp_path / "rollcall.toml"
    path.write_text('[mqtt]\nurl = "mqtt://127.0.0.1:1"\n')
    return path


@pytest.mark.anyio
async def test_a_made_epc_is_written_and_recorded_also_while_the_agent_runs(config: Path) -> None:
    one = factory_tag()
    words = ["--config", str(config), "--device"]
    with TagDesk("m100", [one]) as desk:
        done = tag("write", "--reader", desk.reader, *words, "900017")  # the region is the school's
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "device 900017: recorded, as a new device"
        assert one.epc.hex().upper() == epc(900017)
        async with running(Agent(load_settings(config)), connected=False) as agent:

            async def devices() -> list[str | None]:
                return [device.asset_tag for device in (await agent.queries.devices()).items]

            async def first() -> bool:
                return await devices() == ["900017"]

            async def second() -> bool:
                return await devices() == ["CB-7"]

            await eventually(first, 5.0, "the first record")
            done = tag("write", "--reader", desk.reader, *words, "CB-7")
            assert "TID" in done.stderr and "device 900017" in done.stderr
            assert one.epc.hex().upper() == epc(900017)
    assert rows(config.parent, "SELECT epc, asset_tag, tid FROM devices") == [
        (epc(900017), "900017", TID.hex().upper())
    ]


def test_a_tag_that_is_the_schools_already_is_recorded_by_reading_it(config: Path) -> None:
    one = factory_tag()
    words = ["--config", str(config), "--device", "CB-7"]
    with TagDesk("m100", [one]) as desk:
        foreign = tag("read", "--reader", desk.reader, *words)
        assert foreign.returncode == 1 and "tag write" in foreign.stderr
        assert FACTORY.hex().upper() in foreign.stdout  # it was read, and is shown
        one.write(1, 2, bytes.fromhex(epc(5)), secured=False)
        done = tag("read", "--reader", desk.reader, *words)
    assert done.stdout.splitlines()[-1] == "device CB-7: recorded, as a new device"


def test_the_next_number_is_above_those_that_still_wait_in_the_inbox(config: Path) -> None:
    for device, number in (("12", 12), ("CB-7", 13), ("CB-8", 14)):
        book = DeviceBook.open(config)
        made = book.epc_for(device, None, replace=False)
        assert made == epc(number)
        assert book.record(device, made, f"E280{number:020X}", False).endswith("new device")


def test_a_device_that_has_an_epc_is_refused_unless_replaced(config: Path) -> None:
    first = DeviceBook.open(config)
    first.record("CB-7", epc(1), "E2801111", False)
    book = DeviceBook.open(config)
    with pytest.raises(Failure, match=f"{epc(1)} already.*--epc.*--replace"):
        book.epc_for("CB-7", None, replace=False)
    assert book.epc_for("CB-7", epc(1), replace=False) == epc(1)
    made = book.epc_for("CB-7", None, replace=True)
    assert book.record("CB-7", made, "E2802222", True) == (
        f"device CB-7: recorded, in place of EPC {epc(1)}"
    )


def test_a_replaced_sticker_of_a_numbered_device_gets_the_same_epc(config: Path) -> None:
    DeviceBook.open(config).record("900017", epc(900017), "E2801111", False)
    book = DeviceBook.open(config)
    assert book.epc_for("900017", None, replace=True) == epc(900017)
    with pytest.raises(Failure, match="another tag"):
        book.check("900017", epc(900017), "E2802222", replace=False)
    assert book.record("900017", epc(900017), "E2802222", True) == "device 900017: recorded"


def test_an_epc_that_would_be_foreign_is_not_written(config: Path) -> None:
    done = tag(
        *("write", "--reader", "m100,/dev/x", "--config", str(config), "--device", "7"),
        *("--epc", "E28011606000020000000001"),
    )
    assert done.returncode == 2 and "foreign" in done.stderr


def test_a_school_without_a_company_prefix_says_what_is_missing(config: Path) -> None:
    (config.parent / "school.toml").write_text(TEXT.replace('["3414257BF4"]', "[]"))
    with pytest.raises(Failure, match=r"epc_prefixes hold no company prefix.*--epc"):
        DeviceBook.open(config).epc_for("7", None, replace=False)


def test_a_database_that_cannot_be_used_is_a_failure_in_a_line(config: Path) -> None:
    (config.parent / "data").mkdir()
    (config.parent / "data" / "rollcall.db").write_bytes(b"no database " * 500)
    with pytest.raises(Failure, match="restore a backup"):
        DeviceBook.open(config)
