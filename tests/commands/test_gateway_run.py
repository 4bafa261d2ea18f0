"""`rollcall gateway run`: starts the firmware, stops in order, leaves nothing behind."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from edge.commands.gateway import app
from tests.chain.modules import Modules
from tests.firmware.host.agent import GATEWAY, SITE, FakeAgent
from tests.support.broker import Broker
from tests.support.waiting import wait_for

RUN = [sys.executable, "-m", "edge.cli", "gateway", "run"]
BOTH = pytest.mark.parametrize("interpreter", ["micropython", "cpython"])


def words(broker: Broker, port: str, *more: str) -> list[str]:
    """The command for one reader."""
    named = ["--mqtt", broker.url, "--site", SITE, "--id", GATEWAY]
    return [*RUN, "--reader", f"m100,{port},1", *named, *more]


@contextmanager
def started(command: list[str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def child_of(process: "subprocess.Popen[bytes]") -> psutil.Process:
    """The firmware's process, once it is there."""

    def found() -> list[psutil.Process]:
        children = psutil.Process(process.pid).children()
        return [child for child in children if is_firmware(child)]

    return wait_for(found, 10, "the firmware")[0]


def is_firmware(process: psutil.Process) -> bool:
    try:
        return "--until-eof" in process.cmdline()
    except psutil.NoSuchProcess:  # it only looked which interpreter there is, and has ended
        return False


def usage_error(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["run", *arguments], env={"COLUMNS": "200"})
    assert done.exit_code == 2, done.output
    return done.output


@pytest.mark.parametrize(
    ("interpreter", "number"), [("micropython", signal.SIGTERM), ("cpython", signal.SIGINT)]
)
def test_a_signal_stops_it_in_order_and_the_last_reads_arrive(
    interpreter: str,
    number: signal.Signals,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
) -> None:
    with Modules(1, 8, 3, "3414257BF4") as modules, FakeAgent(broker.port) as agent:
        command = words(broker, modules.paths[0], "--region", "US", "--interpreter", interpreter)
        with started(command, tmp_path / "log") as process:
            wait_for(lambda: agent.sum_n() > 10, 15, "reads")
            child = child_of(process)
            process.send_signal(number)
            assert process.wait(5) == 0
            assert not child.is_running()
        wait_for(lambda: agent.sum_n() >= modules.notices_sent(), 3, "the last reads")
        assert agent.sum_n() == modules.notices_sent()
        assert agent.said("status")[-1]["online"] is False


def test_sigint_stops_it_also_where_it_came_ignored(
    broker: Broker, tmp_path: Path, micropython_binary: list[str]
) -> None:
    ignoring = ["sh", "-c", 'trap "" INT; exec "$0" "$@"', *words(broker, "/dev/nothing")]
    with started(ignoring, tmp_path / "log") as process:
        child = child_of(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        assert not child.is_running()


@BOTH
def test_the_firmware_ends_when_its_supervisor_is_killed(
    interpreter: str, broker: Broker, tmp_path: Path, micropython_binary: list[str]
) -> None:
    command = words(broker, "/dev/nothing", "--interpreter", interpreter)
    with started(command, tmp_path / "log") as process:
        child = child_of(process)
        process.kill()
        wait_for(lambda: not child.is_running(), 5, "the end of the firmware")


def test_without_a_region_it_starts_and_says_so(
    broker: Broker, tmp_path: Path, micropython_binary: list[str]
) -> None:
    log = tmp_path / "log"
    with Modules(1, 8, 3, "3414257BF4") as modules:
        with started(words(broker, modules.paths[0]), log) as process:
            wait_for(lambda: b"no region" in log.read_bytes(), 10, "the warning")
            child_of(process)
        assert modules.notices_sent() == 0


def test_power_prefix_and_data_reach_the_firmware(
    broker: Broker, tmp_path: Path, micropython_binary: list[str]
) -> None:
    flash = tmp_path / "flash"
    options = ["--region", "US", "--power", "15", "--prefix", "E280", "--data", str(flash)]
    with Modules(1, 8, 3, "3414257BF4") as modules, FakeAgent(broker.port) as agent:
        with started(words(broker, modules.paths[0], *options), tmp_path / "log") as process:
            settings = json.loads(Path(child_of(process).cmdline()[-4]).read_bytes())
            wait_for(lambda: agent.said("status"), 10, "a status")
            wait_for(lambda: (flash / "boot").exists(), 5, "the boot counter")
        assert settings["power_dbm"] == {"1": 15.0} and settings["epc_prefixes"] == ["E280"]


@pytest.mark.parametrize(
    ("port", "option", "said"),
    [
        ("/dev/nothing", ["--region", "MOON"], "region: MOON"),
        ("/dev/nothing", ["--prefix", "XYZ"], "epc_prefixes: XYZ"),
        ("socket://127.0.0.1", [], "socket://HOST:PORT"),
    ],
)
def test_options_that_the_firmware_refuses_are_wrong_usage(
    port: str, option: list[str], said: str, broker: Broker
) -> None:
    command = words(broker, port, *option)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


def test_wrong_usage_is_said_with_status_2() -> None:
    named = ["--site", SITE, "--id", GATEWAY]
    assert "FAMILY,PORT,ANTENNA" in usage_error("--reader", "m100", "--mqtt", "mqtt://h", *named)
    reader = ["--reader", "m100,/dev/ttyUSB0,1+2", *named]
    assert "mqtt://" in usage_error(*reader, "--mqtt", "http://h")
    assert "command line" in usage_error(*reader, "--mqtt", "mqtt://user:secret@h")
    assert "CA" in usage_error(*reader, "--mqtt", "mqtts://h")
    assert "neither" in usage_error(*reader, "--mqtt", "mqtt://h", "--interpreter", "pypy")
