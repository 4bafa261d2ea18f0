"""`rollcall simulate module`: serve one emulated reader module until stopped."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from pathlib import Path
from typing import Annotated

import typer

from edge.commands.failure import Failure
from simulator.modules.families import FAMILIES, UnknownFamily, find_family
from simulator.modules.faults import parse_faults
from simulator.modules.field import FixedField, make_tags
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, TcpPort, serve_pty, serve_tcp
from simulator.modules.quirks import UnknownQuirk

# The same tags lie before every port, so that a client finds them wherever it looks.
ALL_PORTS = range(1, 17)
# Of the tags, at 20 dBm: so near that all are read at 5 dBm, where many programs' examples begin.
LEVEL_DBM = -45.0


def module(
    family: Annotated[str, typer.Argument(help=f"One of {', '.join(FAMILIES)}.")],
    pty: Annotated[bool, typer.Option("--pty", help="Serve on a new pseudo-terminal.")] = False,
    tcp: Annotated[
        int | None,
        typer.Option(help="Serve on this TCP port of 127.0.0.1; 0 takes a free one."),
    ] = None,
    tags: Annotated[int, typer.Option(min=0, help="How many tags lie before the antenna.")] = 1,
    epc: Annotated[
        list[str] | None,
        typer.Option(help="EPC of a tag, hex (repeatable); --tags adds more."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Tag reads a second, instead of the air's own timing."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Makes tags, fading, slots and faults repeat.")] = 0,
    quirk: Annotated[
        list[str] | None,
        typer.Option(help="An oddity of real modules (repeatable); `help` lists them."),
    ] = None,
    fault: Annotated[
        str,
        typer.Option(
            help="lost-byte=P,flip-bit=P (chance for each byte), stall=MS (before one frame in 50)."
        ),
    ] = "",
    baud: Annotated[int | None, typer.Option(min=300, help="Baud rate it starts with.")] = None,
    pacing: Annotated[
        bool,
        typer.Option("--pacing/--no-pacing", help="Send at the speed of the baud rate."),
    ] = True,
    stats: Annotated[
        Path | None, typer.Option(help="Write the counters here as JSON when stopped.")
    ] = None,
) -> None:
    """Serve a byte-exact reader module. The first line printed is its address."""
    try:
        known = find_family(family).quirks
    except UnknownFamily as error:
        raise typer.BadParameter(str(error), param_hint="FAMILY") from None
    if quirk and "help" in quirk:
        for name, says in known.items():
            typer.echo(f"{name}: {says}")
        return
    if pty == (tcp is not None):
        raise typer.BadParameter("give either --pty or --tcp PORT")
    if rate is not None and rate <= 0:
        raise typer.BadParameter("a rate is above 0", param_hint="--rate")
    rng = random.Random(seed)
    epcs = [_parse_epc(text) for text in epc or ()]
    # An EPC given stands for the one default tag; --tags counts them in.
    made = make_tags(max(len(epcs), tags), rng, epcs=epcs)
    try:
        emulated = EmulatedModule(
            family,
            FixedField(made, rng, level_dbm=LEVEL_DBM),
            antennas=ALL_PORTS,
            rng=rng,
            quirks=quirk or (),
            faults=parse_faults(fault),
            baud=baud,
            rate_hz=rate,
            pacing=pacing,
        )
    except UnknownQuirk as error:
        raise typer.BadParameter(str(error), param_hint="--quirk") from None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None
    try:
        asyncio.run(_serve(emulated, tcp))
    except OSError as error:
        raise Failure(f"cannot serve the module: {error}") from None
    _report(emulated, stats)


async def _serve(emulated: EmulatedModule, tcp: int | None) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    port: TcpPort | PtyPort
    port = serve_pty(emulated) if tcp is None else await serve_tcp(emulated, port=tcp)
    try:
        typer.echo(port.address)
        await stop.wait()
    finally:
        port.close()


def _report(emulated: EmulatedModule, stats: Path | None) -> None:
    counters = emulated.stats.as_json()
    if stats is None:
        typer.echo(" ".join(f"{name}={value}" for name, value in counters.items()), err=True)
        return
    try:
        stats.write_text(json.dumps(counters) + "\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {stats}: {error.strerror}") from None


def _parse_epc(text: str) -> bytes:
    try:
        epc = bytes.fromhex(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not hex", param_hint="--epc") from None
    if len(epc) % 2 or len(epc) > 62:
        raise typer.BadParameter(
            f"{text!r} is not 0 to 31 whole words (4 hex digits each)",
            param_hint="--epc",
        )
    return epc
