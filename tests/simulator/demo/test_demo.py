"""`rollcall demo` brings the whole system up, says what it cannot do, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.demo.running import Demo
from tests.support.ports import free_port
from tests.support.waiting import wait_for

# Promised are 20 s to the first counts, two minutes to a change and 3 s to the end; seen were about
# 9 s, 40 s and 1 s. A busy machine may take longer: here only "for ever" fails.
UP_S = 60.0
CHANGE_S = 120.0
STOP_S = 10.0


@pytest.fixture
def demo() -> Iterator[Demo]:
    running = Demo("--lesson", "20")
    try:
        yield running
    finally:
        running.stop()


def gone(pids: list[int]) -> bool:
    """Whether none of these processes runs any more (one that nobody waited for does not)."""
    return not any(is_running(pid) for pid in pids)


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_counts_show_and_change_and_ctrl_c_leaves_no_process(demo: Demo) -> None:
    def counted() -> list[int]:
        carts = demo.carts()
        return [cart["present"] for cart in carts if cart["present"] is not None]

    def full() -> int:
        counts = counted()  # of three carts: one alone would never be more than all of them later
        return sum(counts) if len(counts) == 3 and min(counts) >= 25 else 0

    first = wait_for(full, UP_S, "full counts")
    wait_for(lambda: sum(counted()) < first - 10, CHANGE_S, "the carts to empty")
    children = demo.children()
    assert len(children) >= 3 + 8 + 3  # broker, modules, agent, doorways, carts
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(STOP_S) == 0
    assert gone(children)


def test_a_killed_demo_takes_its_processes_with_it(demo: Demo) -> None:
    wait_for(lambda: len(demo.children()) >= 3 + 8 + 3, UP_S, "all processes")
    children = demo.children()
    demo.process.kill()
    demo.process.wait()
    wait_for(lambda: gone(children), 10.0, "the end of all processes")


@pytest.mark.parametrize("option", ["--port", "--broker-port"])
def test_a_taken_port_is_one_line_that_names_the_option(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"--port": free_port(), "--broker-port": free_port()}
        ports[option] = taken.getsockname()[1]
        words = [word for name, port in ports.items() for word in (name, str(port))]
        done = subprocess.run(
            [sys.executable, "-m", "edge.cli", "demo", *words],
            capture_output=True,
            text=True,
            timeout=UP_S,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert option in done.stderr
    assert os.strerror(98) in done.stderr
