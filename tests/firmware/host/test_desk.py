"""`firmware/desk.py`: JSON lines in, JSON lines out, under both interpreters."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from edge.firmware import DESK
from tests.commands.tag_desk import FACTORY, TID, TagDesk, factory_tag
from tests.firmware.host.process import interpreter as words_of

BOTH = pytest.mark.parametrize("interpreter", ["micropython", "cpython", "small"])
NEW = "3414257BF4000000000DBBB1"


def answers(
    interpreter: str, micropython: list[str], folder: Path, *lines: str | dict[str, Any]
) -> list[dict[str, Any]]:
    """What it answers to these lines; it must end in order with its input."""
    text = "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines)
    words = [*words_of(interpreter, micropython), str(DESK), "--data", str(folder / "data")]
    done = subprocess.run(
        words, input=text, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def opening(desk: TagDesk, **changes: Any) -> dict[str, Any]:
    request = {"do": "open", "family": "m100", "port": desk.path, "region": "US", "power_dbm": 15}
    return request | changes


@BOTH
def test_a_reader_is_opened_looks_reads_and_writes(
    interpreter: str, micropython_binary: list[str], tmp_path: Path
) -> None:
    epc, tid = FACTORY.hex().upper(), TID.hex().upper()
    one = factory_tag()
    writing = {"do": "write_epc", "epc": epc, "tid": tid, "new": NEW, "password": 0}
    with TagDesk("m100", [one]) as desk:
        said = answers(
            interpreter,
            micropython_binary,
            tmp_path,
            opening(desk),
            {"do": "look", "ms": 100},
            {"do": "read_tid", "epc": epc},
            writing,
            {"do": "look", "ms": 100},
        )
    assert "M100" in said.pop(0)["version"]
    assert said == [
        {"ok": True, "epcs": [epc]},
        {"ok": True, "tid": tid},
        {"ok": True},
        {"ok": True, "epcs": [NEW]},
    ]
    assert one.epc.hex().upper() == NEW


@BOTH
def test_what_it_cannot_do_is_answered_and_the_next_line_is_done(
    interpreter: str, micropython_binary: list[str], tmp_path: Path
) -> None:
    with TagDesk("m100", [factory_tag()]) as desk:
        said = answers(
            interpreter,
            micropython_binary,
            tmp_path,
            "no json",
            "[1]",
            {"do": "dance"},
            {"do": "look", "ms": 100},
            opening(desk, family="z80"),
            opening(desk, power_dbm="much"),
            opening(desk, power_dbm=99),
            opening(desk, region="JP"),
            opening(desk, port="/dev/no-such"),
            opening(desk),
            {"do": "look"},
            {"do": "read_tid", "epc": "xy"},
            {"do": "read_tid", "epc": "ABCD"},
        )
    assert [answer.get("error") for answer in said] == [
        "BadRequest",
        "BadRequest",
        "BadRequest",
        "BadRequest",
        "BadRequest",
        "BadRequest",
        "NotSupported",
        "NotSupported",
        "LinkLost",
        None,
        "BadRequest",
        "BadRequest",
        "TagFault",
    ]
    assert [answer["ok"] for answer in said] == ["error" not in answer for answer in said]
    assert said[8]["errno"] == 2


def test_wrong_usage_is_said_with_exit_status_2(micropython_binary: list[str]) -> None:
    words = [*micropython_binary, str(DESK)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2 and "usage" in done.stderr
