"""`rollcall tag`: one tag at a reader on this machine, read or written, and recorded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from edge.commands.failure import Failure
from edge.commands.stop_flag import stop_flag
from edge.commands.tag_reader import TagReader
from edge.commands.tag_steps import PASSWORD_VARIABLE, FoundTag, find_tag, write_tag
from edge.contracts.devices import normal_epc
from edge.contracts.school import Family, Region

if TYPE_CHECKING:
    from edge.commands.tag_records import DeviceBook
    from edge.firmware import Interpreter

LOW_POWER_DBM = 15.0  # 30 mW: a tag lying on the desk, and seldom one beside it

app = typer.Typer(help="One tag at a reader on this machine.", no_args_is_help=True)

Reader = Annotated[
    str,
    typer.Option(metavar="FAMILY,PORT", help="PORT is a device or socket://HOST:PORT."),
]
RegionName = Annotated[
    str | None,
    typer.Option(help="US EU CN IN JP KR AU; needed unless the school file of --config names it."),
]
AssetTag = Annotated[
    str | None,
    typer.Option("--device", metavar="ASSET_TAG", help="Record the tag with this device."),
]
Config = Annotated[
    Path | None, typer.Option(help="The agent's settings (rollcall.toml), for --device.")
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Also where the device has another tag already.")
]
Power = Annotated[float, typer.Option(metavar="DBM", help="Low, so that no other tag answers.")]
Timeout = Annotated[float, typer.Option(min=0, help="How many seconds to wait for a tag.")]
InterpreterName = Annotated[
    str | None,
    typer.Option(metavar="micropython|cpython", help="Without it MicroPython where it is found."),
]


@app.command()
def read(
    reader: Reader,
    region: RegionName = None,
    device: AssetTag = None,
    config: Config = None,
    replace: Replace = False,
    power: Power = LOW_POWER_DBM,
    timeout: Timeout = 10.0,
    interpreter: InterpreterName = None,
) -> None:
    """Read EPC and TID of the one tag at a reader; with --device record them."""
    family, port = _family_and_port(reader)
    book = _book(config, device)
    chosen = _region(region, book)
    with (
        stop_flag() as stopped,
        TagReader(port, stopped, _interpreter(interpreter)) as open_reader,
    ):
        open_reader.open(family, chosen, power)
        tag = find_tag(open_reader, timeout)
    _show(tag.epc, tag)
    if book is not None and device is not None:
        _record(book, device, tag.epc, tag, replace)


@app.command()
def write(
    reader: Reader,
    region: RegionName = None,
    device: AssetTag = None,
    epc: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="Without it one is made, with --device and --config."),
    ] = None,
    config: Config = None,
    replace: Replace = False,
    power: Power = LOW_POWER_DBM,
    timeout: Timeout = 10.0,
    interpreter: InterpreterName = None,
) -> None:
    """Write an EPC to the one tag at a reader and read it back; with --device record it.

    A made EPC is a GIAI-96 below the school's prefix, numbered as the asset tag where that is a
    free number, else with the next one. The tag's access password, if it has one, is taken from
    ROLLCALL_TAG_PASSWORD (8 hex digits).
    """
    family, port = _family_and_port(reader)
    book = _book(config, device)
    chosen = _region(region, book)
    wanted = _wanted_epc(epc, book, device)
    password = _password()
    if book is not None and device is not None:
        wanted = book.epc_for(device, wanted, replace)
    assert wanted is not None
    with (
        stop_flag() as stopped,
        TagReader(port, stopped, _interpreter(interpreter)) as open_reader,
    ):
        open_reader.open(family, chosen, power)
        tag = find_tag(open_reader, timeout)
        if book is not None and device is not None:
            book.check(device, wanted, tag.tid, replace)
        write_tag(open_reader, tag, wanted, password)
    _show(wanted, tag)
    if book is not None and device is not None:
        _record(book, device, wanted, tag, replace)


def _show(epc: str, tag: FoundTag) -> None:
    from edge.agent.tags.tagging import uri_of

    print(f"EPC {epc}")
    print(f"URI {uri_of(epc)}")
    print(f"TID {tag.tid}")
    if tag.epc != epc:
        print(f"before: EPC {tag.epc}")


def _record(book: DeviceBook, device: str, epc: str, tag: FoundTag, replace: bool) -> None:
    print(book.record(device, epc, tag.tid, replace))


def _family_and_port(text: str) -> tuple[str, str]:
    family, _, port = text.partition(",")
    if family not in get_args(Family) or not port:
        known = ", ".join(get_args(Family))
        raise typer.BadParameter(
            f"{text!r} is not FAMILY,PORT, as in m100,/dev/ttyUSB0; families are {known}",
            param_hint="--reader",
        )
    return family, port


def _book(config: Path | None, device: str | None) -> DeviceBook | None:
    if config is None:
        if device is not None:
            raise typer.BadParameter("needs --config, to be recorded there", param_hint="--device")
        return None
    from edge.commands.tag_records import DeviceBook

    return DeviceBook.open(config)


def _region(given: str | None, book: DeviceBook | None) -> str:
    region = given or (book.school.region if book is not None else None)
    if region is None:
        raise typer.BadParameter("without a region nothing may transmit", param_hint="--region")
    if region not in get_args(Region):
        known = " ".join(get_args(Region))
        raise typer.BadParameter(f"{region!r} is none of {known}", param_hint="--region")
    return region


def _wanted_epc(text: str | None, book: DeviceBook | None, device: str | None) -> str | None:
    if text is None:
        if book is None or device is None:
            raise typer.BadParameter("or --device with --config is needed", param_hint="--epc")
        return None
    epc = normal_epc(text)
    if epc is None:
        raise typer.BadParameter(
            f"{text!r} is not hex of 1 to 31 whole 16-bit words", param_hint="--epc"
        )
    if book is not None and not book.school.accepts(epc):
        raise typer.BadParameter(
            f"{epc} matches none of the school's epc_prefixes: it would be foreign",
            param_hint="--epc",
        )
    return epc


def _password() -> int:
    text = os.environ.get(PASSWORD_VARIABLE, "0")
    try:
        password = int(text, 16)
    except ValueError:
        password = -1
    if not 0 <= password < 1 << 32:
        raise Failure(f"{PASSWORD_VARIABLE} is not a password of 8 hex digits")
    return password


def _interpreter(name: str | None) -> Interpreter | None:
    if name is None or name == "micropython" or name == "cpython":
        return name  # type: ignore[return-value]
    raise typer.BadParameter(f"{name!r} is neither", param_hint="--interpreter")
