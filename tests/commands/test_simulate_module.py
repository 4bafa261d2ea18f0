"""`rollcall simulate module` as a process: address first, serves until stopped, and counts."""

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial
import typer
from typer.testing import CliRunner

from edge.commands.failure import Failure
from edge.commands.simulate_module import module

PROGRAM = (
    "import typer; from edge.commands.simulate_module import module;"
    "app = typer.Typer(); app.command()(module); app()"
)
ROOT = Path(__file__).parents[2]
POLL = bytes.fromhex("bb00220000227e")

app = typer.Typer()
app.command()(module)


@contextmanager
def running(*arguments: str, **options: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command; give the process and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        **options,
    )
    watchdog = threading.Timer(30, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def poll(address: str, size: int) -> bytes:
    with serial.serial_for_url(address, baudrate=115200, timeout=5) as port:
        port.write(POLL)
        return port.read(size)


def test_over_tcp_it_prints_its_socket_answers_and_stops_in_order_on_sigterm(tmp_path):
    stats = tmp_path / "stats.json"
    epc = "3414257bf4000000000dbbb1"
    with running("m100", "--tcp", "0", "--epc", epc, "--seed", "1", "--stats", str(stats)) as (
        process,
        line,
    ):
        assert re.fullmatch(r"socket://127\.0\.0\.1:\d+\n", line)
        assert epc in poll(line.strip(), 24).hex()
        process.send_signal(signal.SIGTERM)
        rest, complaints = process.communicate(timeout=10)
        assert (process.returncode, rest, complaints) == (0, "", "")
    assert json.loads(stats.read_text())["notices_sent"] == 1


def test_over_a_pty_it_stops_on_sigint_even_where_that_came_ignored():
    ignore = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    with running("m100-aa", "--pty", "--tags", "0", **ignore) as (process, line):
        assert re.fullmatch(r"/dev/pts/\d+\n", line)
        with serial.Serial(line.strip(), 115200, timeout=5) as port:
            port.write(bytes.fromhex("aa0022000022dd"))
            assert port.read(8).hex() == "aa01ff00011516dd"
        process.send_signal(signal.SIGINT)
        _, report = process.communicate(timeout=10)
        assert process.returncode == 0
        assert report.count("\n") == 1
        assert report.startswith("notices_sent=0 frames_sent=1 ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["z80", "--pty"], "known are m100, m100-aa"),
        (["m100"], "--pty or --tcp"),
        (["m100", "--pty", "--tcp", "0"], "--pty or --tcp"),
        (["m100", "--pty", "--quirk", "nonsense"], "boot-noise"),
        (["m100", "--pty", "--fault", "gremlin=1"], "unknown fault"),
        (["m100", "--pty", "--fault", "lost-byte=2"], "between 0 and 1"),
        (["m100", "--pty", "--epc", "xyz"], "not hex"),
        (["m100", "--pty", "--epc", "34"], "whole words"),
        (["m100", "--pty", "--rate", "0"], "above 0"),
    ],
)
def test_wrong_usage_is_said_with_exit_status_2(arguments, sentence):
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "400", "TERM": "dumb"})
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())


def test_quirk_help_lists_them():
    result = CliRunner().invoke(app, ["m100", "--quirk", "help"])
    assert result.exit_code == 0
    assert "26dbm: " in result.output


def test_a_taken_port_is_a_failure():
    with running("m100", "--tcp", "0") as (_, line):
        result = CliRunner().invoke(app, ["m100", "--tcp", line.strip().rpartition(":")[2]])
        assert isinstance(result.exception, Failure)
