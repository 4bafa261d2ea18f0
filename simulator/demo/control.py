"""How `rollcall simulate` speaks to a running demo: one line of JSON each way over a Unix socket.

The sockets lie in the demo's folder, which is its user's alone: `demo.sock` is the supervisor's,
which holds the gateways, and `school.sock` that of the process in which the tags move.
"""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

FOLDER_PREFIX = "rollcall-demo-"  # of a demo's folder among the temporary files
DEMO_SOCKET = "demo.sock"
SCHOOL_SOCKET = "school.sock"
LONGEST_PATH = 103  # bytes of a socket's path, on the narrowest system (sockaddr_un)
ANSWER_S = 10.0  # a loaded machine answers in well under one


class Move(msgspec.Struct, frozen=True, tag="move"):
    """Carry a device, named as a person would, to a room, a cart or `outside`."""

    device: str
    to: str


class Switch(msgspec.Struct, frozen=True, tag="gateway"):
    """Cut a gateway's power, or give it back."""

    gateway: str
    on: bool


Request = Move | Switch


class Answer(msgspec.Struct, frozen=True):
    """What was done, or why nothing was."""

    done: bool
    text: str


class Refused(Exception):
    """A request that cannot be done; its text says why and what would do."""


class NoDemo(Exception):
    """No demo can be asked; the text says what to do."""


async def serve_control(path: Path, act: Callable[[Request], str]) -> asyncio.Server | None:
    """Answer requests by `act`, which returns what it did or raises Refused.

    Returns None where the path is too long for a socket: a demo does without.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        return None

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line:  # one that only looks whether anybody is here sends nothing
                writer.write(msgspec.json.encode(_answer(line, act)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # it went, or sent a line without an end: nobody is there to be told
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, path)


def ask(folder: Path, name: str, request: Request) -> str:
    """Put a request to a demo; return what it did.

    Raises:
        NoDemo: it does not answer.
        Refused: it cannot.
    """
    try:
        with _connected(folder / name) as line, line.makefile("rwb") as stream:
            stream.write(msgspec.json.encode(request) + b"\n")
            stream.flush()
            answer = msgspec.json.decode(stream.readline(), type=Answer)
    except (OSError, msgspec.DecodeError) as error:
        raise NoDemo(f"the demo in {folder} does not answer") from error
    if not answer.done:
        raise Refused(answer.text)
    return answer.text


def find_demo() -> Path:
    """Return the folder of the one demo that runs.

    Raises:
        NoDemo: none runs, or several do.
    """
    folders = sorted(Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"))
    running = [folder for folder in folders if runs(folder)]
    if not running:
        raise NoDemo("no demo runs; start one with `rollcall demo`")
    if len(running) > 1:
        these = ", ".join(str(folder) for folder in running)
        raise NoDemo(f"{len(running)} demos run; choose one with --demo: {these}")
    return running[0]


def runs(folder: Path) -> bool:
    """Whether a demo runs in this folder; one that was killed leaves folder and sockets behind."""
    try:
        with _connected(folder / DEMO_SOCKET):
            return True
    except OSError:
        return False


def _answer(line: bytes, act: Callable[[Request], str]) -> Answer:
    try:
        return Answer(True, act(msgspec.json.decode(line, type=Request)))
    except Refused as refused:
        return Answer(False, str(refused))
    except msgspec.DecodeError as error:
        return Answer(False, f"no request: {error}")


def _connected(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(ANSWER_S)
    try:
        line.connect(os.fspath(path))
    except OSError:
        line.close()
        raise
    return line
