"""`rollcall demo`: the whole system on this machine."""

import asyncio
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from edge.commands.failure import Failure


def demo(
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8000,
    broker_port: Annotated[int, typer.Option(help="Port of the broker.", min=1, max=65535)] = 1883,
    lesson: Annotated[int, typer.Option(help="Seconds a lesson lasts.", min=20, max=3600)] = 75,
    listen: Annotated[str, typer.Option(help="Address the page is served on.")] = "127.0.0.1",
) -> None:
    """Run the whole system: broker, simulated school, real gateway firmware, agent, page."""
    from simulator.demo.control import FOLDER_PREFIX
    from simulator.demo.run import run_demo
    from simulator.demo.supervisor import DemoError

    _must_be_free(listen, port, "--port")
    _must_be_free("127.0.0.1", broker_port, "--broker-port")
    with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX) as folder:
        try:
            asyncio.run(run_demo(Path(folder), listen, port, broker_port, lesson, _say))
        except DemoError as error:
            raise Failure(str(error)) from error


def _must_be_free(address: str, port: int, option: str) -> None:
    try:
        with socket.create_server((address, port)):
            pass
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        reason = f"{address}:{port} cannot be used ({why})"
        raise Failure(f"{reason}; choose another with {option}") from error


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
