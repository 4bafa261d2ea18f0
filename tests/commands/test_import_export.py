"""`rollcall import devices` and `rollcall export`, whether the agent runs or not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME
from edge.contracts.settings import load_settings
from tests.agent.running import rows, running
from tests.agent.schools import TEXT, epc
from tests.support.waiting import eventually

CSV = f"number,epc,cart,colour\n1,{epc(1)},c1,red\n2,{epc(2)},c1,\n3,nonsense,c1,\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "school.toml").write_text(TEXT)
    (tmp_path / "devices.csv").write_text(CSV)
    path = tmp_path / "rollcall.toml"
    path.write_text('[mqtt]\nurl = "mqtt://127.0.0.1:1"\n')
    return path


def rollcall(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def import_devices(config: Path, *more: str) -> subprocess.CompletedProcess[str]:
    csv = config.parent / "devices.csv"
    return rollcall("import", "devices", csv, "--config", config, *more)


def name_devices(config: Path) -> None:
    """Let the settings name the CSV."""
    config.write_text('devices = "devices.csv"\n' + config.read_text())


def test_wrong_lines_are_listed_and_the_right_ones_go_in(config: Path) -> None:
    done = import_devices(config)
    assert done.returncode == 0
    assert "2 devices imported, 1 line wrong" in done.stdout
    assert 'line 4: epc "nonsense"' in done.stderr
    assert "colour" in done.stderr
    assert rows(config.parent, "SELECT count(*) FROM inbox") == [(2,)]


def test_all_or_nothing_takes_none_when_a_line_is_wrong(config: Path) -> None:
    done = import_devices(config, "--all-or-nothing")
    assert done.returncode == 1
    assert "nothing imported" in done.stderr
    assert not (config.parent / "data").exists()


@pytest.mark.anyio
async def test_an_import_reaches_an_agent_that_runs_and_one_that_starts_later(config: Path) -> None:
    assert import_devices(config).returncode == 0
    async with running(Agent(load_settings(config)), connected=False) as agent:

        async def labels() -> list[str]:
            return [device.label for device in (await agent.queries.devices()).items]

        async def first_two() -> bool:
            return await labels() == ["1", "2"]

        async def third() -> bool:
            return await labels() == ["1", "2", "9"]

        await eventually(first_two, 5.0, "the first import")
        (config.parent / "devices.csv").write_text(f"epc,number,cart\n{epc(9)},9,c1\n")
        assert import_devices(config).returncode == 0
        await eventually(third, 5.0, "the second import")
        (cart,) = await agent.queries.carts(0.0)
        assert (cart.expected, cart.present, cart.state) == (3, None, "unreadable")
    assert rows(config.parent, "SELECT count(*) FROM inbox") == [(0,)]


@pytest.mark.anyio
async def test_the_devices_of_the_settings_are_imported_once(config: Path) -> None:
    name_devices(config)
    for _ in range(2):
        async with running(Agent(load_settings(config)), connected=False) as agent:
            assert (await agent.queries.devices()).total == 2
    query = "SELECT kind, count(*) FROM journal GROUP BY kind ORDER BY kind"
    found = dict(rows(config.parent, query))
    assert (found["device"], found["school"]) == (2, 1)


@pytest.mark.anyio
async def test_an_export_is_a_read_log_of_the_whole_journal(config: Path) -> None:
    name_devices(config)
    out = config.parent / "reads.jsonl"
    async with running(Agent(load_settings(config)), connected=False):
        done = rollcall("export", "reads", "--config", config, "--out", out)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(line["pos"], line["kind"]) for line in lines] == [
        (1, "school"),
        (2, "device"),
        (3, "device"),
    ]
    assert lines[0]["text"] == TEXT


def test_exporting_before_there_is_a_database_says_so_in_one_line(config: Path) -> None:
    out = config.parent / "reads.jsonl"
    done = rollcall("export", "reads", "--config", config, "--out", out)
    assert done.returncode == 1
    assert "start the agent once" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("content", [b"", b"no database " * 500])
@pytest.mark.parametrize("what", ["reads", "events"])
def test_exporting_what_is_no_database_of_rollcall_is_said_in_one_line(
    config: Path, content: bytes, what: str
) -> None:
    (config.parent / "data").mkdir()
    (config.parent / "data" / FILE_NAME).write_bytes(content)
    done = rollcall("export", what, "--config", config, "--out", config.parent / "out.jsonl")
    assert done.returncode == 1
    assert "database" in done.stderr and "internal" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(config.parent.glob("out.jsonl*"))


def test_an_export_to_a_pipe_leaves_the_pipe_where_it_is(config: Path) -> None:
    assert import_devices(config).returncode == 0
    pipe = config.parent / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        done = rollcall("export", "reads", "--config", config, "--out", pipe)
    finally:
        os.close(reader)
    assert done.returncode == 0, done.stderr
    assert pipe.is_fifo()
