"""A board over USB: found, interrupted, its files written and read back, started again.

mpremote's transport does the talking (MicroPython's raw REPL); this says what went wrong, and
what to do about it.
"""

import contextlib
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

import serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport
from serial.tools import list_ports

OLDEST = (1, 25)
# Of boards and of the USB chips on them: Espressif, Silicon Labs, WCH, FTDI.
_MAKERS = (0x303A, 0x10C4, 0x1A86, 0x0403)
_PIECE = 1024
_ANSWER_S = 5.0
# The gateway's watchdog runs on while it is interrupted; only another limit can be set.
_HOLD_WATCHDOG = "try:\n import machine\n machine.WDT(timeout=600000)\nexcept Exception:\n pass\n"
_REMOVE = """
import os
def clear(path):
    try:
        names = os.listdir(path)
    except OSError:
        return
    for name in names:
        inner = path + "/" + name
        if os.stat(inner)[0] & 0x4000:
            clear(inner)
            os.rmdir(inner)
        else:
            os.remove(inner)
"""


class BoardError(Exception):
    """No board, or one that does not do as it should; the text says what to do."""


def find_port(named: str | None) -> str:
    """Return the port named, or the only one at which a board can be.

    Raises:
        BoardError: there is none, or more than one.
    """
    if named is not None:
        return named
    found: list[str] = sorted(port.device for port in list_ports.comports() if port.vid in _MAKERS)
    if not found:
        raise BoardError("no board on USB: plug it in with a cable that carries data, or --port")
    if len(found) > 1:
        raise BoardError(f"more than one board on USB: --port {' or '.join(found)}")
    return found[0]


@contextlib.contextmanager
def usb_board(named: str | None) -> Iterator["UsbBoard"]:
    """Open a board whose application is interrupted; it starts again in the end, if all went well.

    Raises:
        BoardError: it is not there, does not answer, or a step failed.
    """
    port = find_port(named)
    with _told(port):
        transport = SerialTransport(port, timeout=_ANSWER_S)
        try:
            # mpremote prints what it did not understand.
            with contextlib.redirect_stdout(io.StringIO()):
                transport.enter_raw_repl(soft_reset=True)
            board = UsbBoard(transport)
            board.check()
            yield board
            board.restart()
        finally:
            transport.close()


class UsbBoard:
    """Its files are named from the root of its flash, without a leading slash."""

    def __init__(self, transport: SerialTransport) -> None:
        self._transport = transport
        self._made: set[str] = set()

    def check(self) -> None:
        """Raise BoardError where its MicroPython is not what the application is compiled for."""
        self.run(_HOLD_WATCHDOG)
        told = self.ask("import sys, json\nprint(json.dumps(list(sys.implementation[1])))")
        if tuple(told[:2]) < OLDEST:
            version = ".".join(map(str, told[:2]))
            raise BoardError(f"the board runs MicroPython {version}; it needs 1.25")

    def run(self, code: str) -> str:
        """Run code on the board and return what it printed."""
        return str(self._transport.exec(code).decode())

    def ask(self, code: str) -> Any:
        """Run code that prints JSON."""
        return json.loads(self.run(code))

    def write(self, path: str, content: bytes) -> None:
        """Write a file, its folders made, and read it back."""
        self._make_folders(path)
        self._transport.fs_writefile(path, content, chunk_size=_PIECE)
        if self._transport.fs_hashfile(path, "sha256") != hashlib.sha256(content).digest():
            raise BoardError(f"{path}: the board read back something else; try again")

    def replace(self, path: str, content: bytes) -> None:
        """Write a file so that a plug pulled early leaves the old one."""
        self.write(f"{path}.new", content)
        self.run(f"import os\nos.rename({path + '.new'!r}, {path!r})")

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        self.run(f"import os\ntry:\n os.remove({path!r})\nexcept OSError:\n pass")

    def clear(self, folder: str) -> None:
        """Empty a folder, if it is there."""
        self.run(f"{_REMOVE}clear({folder!r})")

    def restart(self) -> None:
        """Let its application begin."""
        self._transport.exec_raw_no_follow("import machine\nmachine.reset()")

    def _make_folders(self, path: str) -> None:
        for folder in reversed(PurePosixPath(path).parents):
            if str(folder) != "." and str(folder) not in self._made:
                self.run(f"import os\ntry:\n os.mkdir({str(folder)!r})\nexcept OSError:\n pass")
                self._made.add(str(folder))


def follow(named: str | None, show: Callable[[str], None]) -> None:
    """Hand on each line that the board prints, without interrupting it, until interrupted itself.

    Raises:
        BoardError: it is not there, or was unplugged.
    """
    port = find_port(named)
    with _told(port), serial.Serial(port, 115200, timeout=0.5) as line:
        kept = b""
        while True:
            kept += line.read(max(1, line.in_waiting))
            *whole, kept = kept.split(b"\n")
            for each in whole:
                show(each.decode(errors="replace").rstrip("\r"))


@contextlib.contextmanager
def _told(port: str) -> Iterator[None]:
    """Errors of the serial line and of mpremote, in words."""
    try:
        yield
    except serial.SerialException as error:
        raise BoardError(f"{port}: {error.strerror or error}; is another program at it?") from error
    except TransportError as error:
        raise BoardError(
            f"{port}: no MicroPython answers ({error}); press the board's reset, or install it"
        ) from error
    except OSError as error:
        raise BoardError(f"{port}: {error.strerror or error}") from error
