"""`rollcall simulate move` and `simulate gateway`: try something on a running demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.commands.failure import Failure

if TYPE_CHECKING:
    from simulator.demo.control import Request

DemoOption = Annotated[
    Path | None, typer.Option("--demo", help="Folder of the demo, where several run.")
]


def move(
    device: Annotated[
        str,
        typer.Argument(metavar="EPC", help="EPC, asset tag, CART/NUMBER, such as c1/17, or blank."),
    ],
    to: Annotated[
        str, typer.Option(metavar="ROOM|CART|DESK|outside", help="Where to, by its id or its name.")
    ],
    demo: DemoOption = None,
) -> None:
    """Carry a device of the running demo to a room, into a cart, to a desk, or out of the building.

    It walks through every doorway on the way, so it takes its time; where it is put it stays until
    it is moved again, or until it is back where it lives and the school's day takes it on. "blank"
    is a tag fresh from the factory, which a desk's page can write.
    """
    from simulator.demo.control import SCHOOL_SOCKET, Move

    _ask(demo, SCHOOL_SOCKET, Move(device, to))


def switch_gateway(
    gateway: Annotated[str, typer.Argument(metavar="GW", help="The gateway's id.")],
    on: Annotated[bool, typer.Option("--on/--off", help="Give it power, or pull its plug.")],
    demo: DemoOption = None,
) -> None:
    """Pull the plug of a gateway of the running demo, or put it in again.

    What it had kept on its flash is delivered once it is back.
    """
    from simulator.demo.control import DEMO_SOCKET, Switch

    _ask(demo, DEMO_SOCKET, Switch(gateway, on))


def _ask(folder: Path | None, socket: str, request: Request) -> None:
    from simulator.demo.control import NoDemo, Refused, ask, find_demo, runs

    try:
        if folder is not None and not runs(folder):
            raise NoDemo(f"no demo runs in {folder}")
        typer.echo(ask(folder or find_demo(), socket, request))
    except (NoDemo, Refused) as error:
        raise Failure(str(error)) from error
