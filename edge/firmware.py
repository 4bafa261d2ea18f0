"""Where the gateway firmware stands, and how to start it on this machine."""

import sys
from pathlib import Path
from typing import Literal

from edge.micropython import find_micropython

_FOLDER = Path(__file__).resolve().parent.parent / "firmware"
MAIN = _FOLDER / "main.py"
DESK = _FOLDER / "desk.py"

Interpreter = Literal["micropython", "cpython"]


class NoInterpreter(Exception):
    """The interpreter asked for is not on this machine; the text says what to do."""


def firmware_command(
    settings: Path, data: Path, interpreter: Interpreter | None = None
) -> list[str]:
    """Return the command that runs a gateway with these settings; `data` stands for its flash.

    Without `interpreter` MicroPython is taken where it is found, else this Python.

    Raises:
        NoInterpreter: MicroPython was asked for and is not here.
    """
    return [*_interpreter(interpreter), str(MAIN), str(settings), "--data", str(data)]


def desk_command(data: Path, interpreter: Interpreter | None = None) -> list[str]:
    """Return the command that runs one reader for a desk; the rest is as for a gateway.

    Raises:
        NoInterpreter: MicroPython was asked for and is not here.
    """
    return [*_interpreter(interpreter), str(DESK), "--data", str(data)]


def _interpreter(wanted: Interpreter | None) -> list[str]:
    micropython = find_micropython() if wanted != "cpython" else None
    if micropython is None and wanted == "micropython":
        raise NoInterpreter("MicroPython is not on this machine; `make tools` installs it")
    return micropython or [sys.executable]
