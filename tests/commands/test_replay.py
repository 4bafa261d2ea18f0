"""`rollcall replay`: a log in, events out, bad lines told."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from edge.commands.failure import Failure
from edge.commands.replay import replay
from edge.contracts.events import decode_event
from edge.contracts.readlog import encode_row
from tests.engine.scenes import NOON, SCHOOL_TEXT, crossings, numbered, run, walk

app = typer.Typer()
app.command()(replay)

WALKS = [*walk("d1", NOON, 1), *walk("front", NOON + 20, 2)]


@pytest.fixture
def school_file(tmp_path: Path) -> Path:
    path = tmp_path / "school.toml"
    path.write_text(SCHOOL_TEXT)
    return path


def replayed(log: Path, school: Path, *options: str) -> tuple[Result, list[bytes]]:
    out = log.parent / "events.jsonl"
    arguments = [str(log), "--school", str(school), "--out", str(out), *options]
    result = CliRunner().invoke(app, arguments)
    return result, out.read_bytes().splitlines() if out.exists() else []


def written(folder: Path, lines: list[bytes]) -> Path:
    log = folder / "reads.jsonl"
    log.write_bytes(b"\n".join(lines) + b"\n")
    return log


def test_a_log_gives_its_events_and_the_speed(tmp_path: Path, school_file: Path) -> None:
    log = written(tmp_path, [encode_row(row) for row in numbered(WALKS)])
    result, lines = replayed(log, school_file)
    assert result.exit_code == 0
    assert [decode_event(line) for line in lines] == run(WALKS)
    assert "48 reads in " in result.stderr
    assert result.stderr.strip().endswith("reads/s")


def test_lines_as_any_tool_may_write_them_are_read(tmp_path: Path, school_file: Path) -> None:
    lines = [
        json.dumps(
            {"t": r.t, "gateway": r.gateway, "antenna": r.antenna, "epc": r.epc, "rssi": None}
            | {"n": None, "span": None, "peak": None, "phase": 1.5}
        ).encode()
        for r in walk("d1", NOON, 2, rssi=False)
    ]
    _, events = replayed(written(tmp_path, lines), school_file)
    assert crossings([decode_event(line) for line in events]) == [("d1", "hall", "r1")]


def test_without_flush_what_is_undecided_stays_unsaid(tmp_path: Path, school_file: Path) -> None:
    log = written(tmp_path, [encode_row(row) for row in numbered(walk("d1", NOON, 1))])
    assert replayed(log, school_file, "--no-flush")[1] == []
    assert replayed(log, school_file)[1] != []


def test_bad_lines_are_told_once_a_kind_and_cost_nothing(tmp_path: Path, school_file: Path) -> None:
    good = [encode_row(row) for row in WALKS]
    lines = [b"{not json", *good[:10], b"", b'{"t":1,"gateway":"g"}', *good[10:], b"{not json"]
    result, events = replayed(written(tmp_path, lines), school_file)
    assert result.exit_code == 0
    assert len(events) == len(run(WALKS))
    assert result.stderr.count("line 1:") == 1
    assert "line 13:" in result.stderr
    assert "3 bad lines skipped" in result.stderr


def test_reads_that_move_nothing_are_counted(tmp_path: Path, school_file: Path) -> None:
    rows = [encode_row(row) for row in numbered(walk("d9", NOON, 1))]
    result, events = replayed(written(tmp_path, rows), school_file)
    assert events == []
    assert "moved nothing: 24 unknown antenna" in result.stderr


def test_the_devices_are_hints_and_their_bad_lines_are_told(
    tmp_path: Path, school_file: Path
) -> None:
    devices = tmp_path / "devices.csv"
    devices.write_text(f"epc,home\n{WALKS[0].epc},r1\nnonsense,r1\n")
    log = written(tmp_path, [encode_row(row) for row in numbered(WALKS)])
    result, events = replayed(log, school_file, "--devices", str(devices))
    assert result.exit_code == 0
    assert "line 3" in result.stderr
    assert events


def test_a_log_without_any_row_fails(tmp_path: Path, school_file: Path) -> None:
    result, _ = replayed(written(tmp_path, [b"a,b,c", b"1,2,3"]), school_file)
    assert isinstance(result.exception, Failure)


def test_an_empty_log_gives_no_events(tmp_path: Path, school_file: Path) -> None:
    result, events = replayed(written(tmp_path, []), school_file)
    assert (result.exit_code, events) == (0, [])


@pytest.mark.parametrize("option", ["log", "--school", "--devices", "--out"])
def test_a_file_that_is_not_there_fails_in_one_sentence(
    tmp_path: Path, school_file: Path, option: str
) -> None:
    log = written(tmp_path, [encode_row(row) for row in numbered(WALKS)])
    nowhere = tmp_path / "nowhere" / "file"
    files = {"--school": school_file, "--out": tmp_path / "events.jsonl"}
    if option == "log":
        log = nowhere
    else:
        files[option] = nowhere
    arguments = [str(log), *(str(part) for pair in files.items() for part in pair)]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, Failure)
    assert "nowhere" in str(result.exception)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_with_what_it_has(
    tmp_path: Path, school_file: Path, number: signal.Signals
) -> None:
    log = tmp_path / "endless.jsonl"
    os.mkfifo(log)
    command = [sys.executable, "-m", "edge.cli", "replay", str(log), "--school"]
    command += [str(school_file), "--out", str(tmp_path / "events.jsonl")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    lines = os.open(log, os.O_WRONLY)  # waits until the command has opened it
    os.write(lines, b"".join(encode_row(row) + b"\n" for row in numbered(WALKS)))
    process.send_signal(number)
    try:
        while process.poll() is None:
            os.write(lines, b"\n" * 4096)  # it looks at the flag between lines
    except BrokenPipeError:
        pass  # it stopped reading
    finally:
        os.close(lines)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "stopped after" in said
