"""A board on a pty: MicroPython's raw REPL in front of a real MicroPython that runs the code."""

import os
import pty
import subprocess
import threading
import tty
from pathlib import Path

BANNER = b"raw REPL; CTRL-B to exit\r\n>"
# Runs each piece of code it is sent, length first, and tells output and error as a board does.
_RUNNER = r"""
import io, sys
names = {}
class machine:
    WDT = None
    @staticmethod
    def reset():
        print("reset")
sys.modules["machine"] = machine
while True:
    line = sys.stdin.readline()
    if not line:
        break
    code = sys.stdin.read(int(line))
    error = ""
    try:
        exec(code, names)
    except Exception as caught:
        text = io.StringIO()
        sys.print_exception(caught, text)
        error = text.getvalue()
    sys.stdout.write("\x04" + error + "\x04")
"""


class PtyBoard:
    """`folder` is its flash. `restarts` counts the resets it was told to make."""

    def __init__(self, micropython: list[str], folder: Path) -> None:
        self.folder = folder
        self.restarts = 0
        self._micropython = micropython
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    def __enter__(self) -> "PtyBoard":
        script = self.folder.parent / "runner.py"
        script.write_text(_RUNNER)
        self._process = subprocess.Popen(
            [*self._micropython, str(script)],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._slave)  # the last one: the master's read ends
        self._process.kill()
        self._process.wait()
        self._thread.join(5)  # before its pipes are closed: it may be in the middle of a command
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        os.close(self._master)

    def say(self, text: bytes) -> None:
        """What its application prints."""
        os.write(self._master, text)

    def _serve(self) -> None:
        code = b""
        try:
            while data := os.read(self._master, 4096):
                for byte in data:
                    each = bytes([byte])
                    if each == b"\x01":
                        code = b""
                        os.write(self._master, BANNER)
                    elif each == b"\x05":  # raw paste is asked for: ignored, and then "A", Ctrl-A
                        code = b""
                    elif each == b"\x04" and not code.strip():
                        os.write(self._master, b"OK\r\nMPY: soft reboot\r\n" + BANNER)
                        code = b""
                    elif each == b"\x04":
                        self._run(code)
                        code = b""
                    else:
                        code += each
        except OSError:  # the pty is closed
            return

    def _run(self, code: bytes) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self.restarts += b"machine.reset()" in code
        os.write(self._master, b"OK")
        self._process.stdin.write(b"%d\n" % len(code.decode()) + code)
        ends = 0
        while ends < 2:
            told = self._process.stdout.read(4096)
            if not told:
                return
            ends += told.count(b"\x04")
            os.write(self._master, told)
        os.write(self._master, b">")
