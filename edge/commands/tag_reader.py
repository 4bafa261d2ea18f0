"""One reader on this machine, by the firmware's own drivers in a process of their own."""

import contextlib
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Event
from typing import BinaryIO, Self

import msgspec

from edge.commands.failure import Failure
from edge.firmware import Interpreter, NoInterpreter, desk_command

_OPEN_S = 25.0  # a module is sought at five rates, and one that has hung takes seconds to say so
_ANSWER_S = 10.0  # a write with its retries and a module that turns mute take 6 s at most
_CLOSE_S = 5.0
_POLL_S = 0.1


class TagRefused(Failure):
    """The tag, not the reader, is why it did not work."""


class _Answer(msgspec.Struct):
    ok: bool
    error: str = ""
    text: str = ""
    errno: int | None = None
    version: str = ""
    epcs: list[str] = []
    tid: str = ""


class TagReader:
    """A context manager: the program is started on entering and stopped in order on leaving.

    Every method raises `Failure`, in the words of the driver, also when `stopped` was set.
    """

    def __init__(self, port: str, stopped: Event, interpreter: Interpreter | None) -> None:
        self._port = port
        self._stopped = stopped
        self._interpreter = interpreter
        self._rest = b""
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._cleanup as cleanup:
            folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-")))
            self._errors: BinaryIO = cleanup.enter_context((folder / "errors").open("w+b"))
            try:
                words = desk_command(folder / "data", self._interpreter)
            except NoInterpreter as error:
                raise Failure(str(error)) from error
            # A session of its own: Ctrl-C in a terminal must not break into a write. The end of
            # its input tells the program that we are gone.
            self._child = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
            cleanup.callback(self._stop)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def open(self, family: str, region: str, power_dbm: float) -> None:
        """Find the module and bring the settings into it."""
        self._ask(
            {
                "do": "open",
                "family": family,
                "port": self._port,
                "region": region,
                "power_dbm": power_dbm,
            },
            _OPEN_S,
        )

    def look(self, ms: int) -> list[str]:
        """The EPCs (hex) of the tags that answer within so many milliseconds."""
        return self._ask({"do": "look", "ms": ms}, _ANSWER_S + ms / 1000).epcs

    def read_tid(self, epc: str) -> str:
        """The TID (hex) of the tag with this EPC."""
        return self._ask({"do": "read_tid", "epc": epc}, _ANSWER_S).tid

    def write_epc(self, epc: str, tid: str, new: str, password: int) -> None:
        """Write a new EPC to the tag with this EPC and TID."""
        self._ask(
            {"do": "write_epc", "epc": epc, "tid": tid, "new": new, "password": password},
            _ANSWER_S,
        )

    def _ask(self, request: dict[str, str | float], seconds: float) -> _Answer:
        if self._stopped.is_set():
            raise Failure("stopped")
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(msgspec.json.encode(request) + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError as error:
            raise self._died() from error
        answer = msgspec.json.decode(self._line(time.monotonic() + seconds), type=_Answer)
        if not answer.ok:
            kind = TagRefused if answer.error == "TagFault" else Failure
            raise kind(_sentence(self._port, answer))
        return answer

    def _line(self, until: float) -> bytes:
        assert self._child.stdout is not None
        while b"\n" not in self._rest:
            if self._stopped.is_set():
                raise Failure("stopped")
            if time.monotonic() > until:
                raise Failure(f"{self._port}: the reader program does not answer; try again")
            if select.select([self._child.stdout], [], [], _POLL_S)[0]:
                part = self._child.stdout.read1(65536)  # type: ignore[attr-defined]
                if not part:
                    raise self._died()
                self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _died(self) -> Failure:
        self._child.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return Failure(f"{self._port}: the reader program ended: {said[-1] if said else 'no word'}")

    def _stop(self) -> None:
        with self._child as child:
            assert child.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
            try:
                child.wait(_CLOSE_S)
            except subprocess.TimeoutExpired:
                child.kill()


def _sentence(port: str, answer: _Answer) -> str:
    if answer.errno is not None:
        return f"{port}: cannot be opened: {os.strerror(answer.errno)}"
    return f"{port}: {answer.text.removeprefix(f'{port}: ')}"
