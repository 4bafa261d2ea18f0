"""What a person does to a running demo shows on its page: devices moved, gateways unplugged."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.contracts.school_file import load_school
from simulator.demo.files import DEMO_SCHOOL
from simulator.people.devices import make_devices
from tests.simulator.demo.running import Demo
from tests.support.waiting import wait_for

UP_S = 60.0
SHOWS_S = 120.0  # seen were 15 s: the walk and the engine's 5 s; only "for ever" fails
DEVICES = make_devices(load_school(DEMO_SCHOOL), 1)


class Desk:
    """One who sits before a demo and types."""

    def __init__(self, temporary: Path) -> None:
        self._environment = os.environ | {"TMPDIR": str(temporary)}

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Type `rollcall simulate ...`."""
        return subprocess.run(
            [sys.executable, "-m", "edge.cli", "simulate", *words],
            capture_output=True,
            text=True,
            timeout=UP_S,
            check=False,
            env=self._environment,
        )


@pytest.fixture
def temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rc-") as folder:  # short: sockets' paths have an end
        yield Path(folder)


def test_without_a_demo_one_line_says_so(temporary: Path) -> None:
    (temporary / "rollcall-demo-killed").mkdir()
    desk = Desk(temporary)
    for words in (["move", "c1/17", "--to", "gym"], ["gateway", "gw-d101", "--off"]):
        done = desk.type(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "rollcall: no demo runs; start one with `rollcall demo`\n"
    done = desk.type("move", "c1/17", "--to", "gym", "--demo", str(temporary / "elsewhere"))
    assert done.returncode == 1 and "no demo runs in" in done.stderr


def test_devices_moved_and_gateways_unplugged_show_on_the_page(temporary: Path) -> None:
    # The first lesson begins 25 s after the demo and is long: what is moved here is moved once.
    demo, desk = Demo("--lesson", "600", temporary=temporary), Desk(temporary)
    try:
        wait_for(lambda: _full(demo), UP_S, "full carts")
        out, switched = DEVICES[16], "gw-d104"
        done = desk.type("move", out.epc.lower(), "--to", "outside")
        assert done.returncode == 0, done.stderr
        assert "to Outside through d101, front" in done.stdout

        done = desk.type("gateway", switched, "--off")
        assert (done.returncode, done.stdout) == (0, f"{switched} is off\n")
        boot = _gateway(demo, switched)["boot"]
        wait_for(lambda: _gateway(demo, switched)["state"] == "offline", SHOWS_S, "offline")

        wait_for(lambda: _left(demo, out.epc), SHOWS_S, "the alert")
        done = desk.type("move", "c1/17", "--to", "Cart 1")
        assert "from Outside to Cart 1 in Room 101 through front, d101" in done.stdout
        assert _gateway(demo, switched)["state"] == "offline"  # nobody has started it again
        done = desk.type("gateway", switched, "--on")
        assert done.returncode == 0, done.stderr
        back = wait_for(lambda: _online(demo, switched), SHOWS_S, "online")
        assert back["boot"] > boot
        wait_for(lambda: not _left(demo, out.epc), SHOWS_S, "the alert to close")
    finally:
        demo.stop()


def _full(demo: Demo) -> bool:
    counts = [cart["present"] or 0 for cart in demo.carts()]
    return len(counts) == 3 and min(counts) >= 28


def _left(demo: Demo, epc: str) -> bool:
    alerts = wait_for(lambda: demo.get("alerts"), SHOWS_S)["items"]
    return any(a["rule"] == "left-building" and a["epc"] == epc for a in alerts)


def _gateway(demo: Demo, gateway: str) -> dict[str, Any]:
    found = wait_for(lambda: demo.get("gateways"), SHOWS_S)
    return next(g for g in found if g["id"] == gateway)


def _online(demo: Demo, gateway: str) -> dict[str, Any] | None:
    found = _gateway(demo, gateway)
    return found if found["state"] == "online" else None
