"""`firmware/main.py` as a process under one of the two interpreters."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.firmware import MAIN
from tests.firmware.host.agent import GATEWAY, SITE


@contextmanager
def firmware(
    interpreter: list[str],
    folder: Path,
    ports: list[str],
    broker_port: int,
    **settings: object,
) -> Iterator["subprocess.Popen[bytes]"]:
    """One reader on each port, antennas from 1; stopped in order at the end."""
    fields = {
        "id": GATEWAY,
        "site": SITE,
        "mqtt": {"host": "127.0.0.1", "port": broker_port},
        "readers": [
            {"family": "m100", "port": port, "antennas": [antenna]}
            for antenna, port in enumerate(ports, 1)
        ],
        "region": "US",
        **settings,
    }
    path = folder / "gateway.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    main = [] if "-c" in interpreter else [str(MAIN)]
    words = [*interpreter, *main, str(path), "--data", str(folder / "flash"), "--until-eof"]
    with (folder / "gateway.log").open("ab") as log:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=log, stderr=log)
    try:
        yield process
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> int:
    """End its input and wait; killed where that does not help within 5 s."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        return process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait(5.0)


def interpreter(name: str, micropython: list[str]) -> list[str]:
    """The words for "cpython", "micropython" or "small": MicroPython with a board's heap."""
    small = [*micropython, "-X", "heapsize=128wk"]
    return {"cpython": [sys.executable], "micropython": micropython, "small": small}[name]
