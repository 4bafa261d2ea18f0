"""`rollcall gateway run`: the gateway firmware as a process on this machine."""

import os
import ssl
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from edge.commands.failure import Failure
from edge.commands.gateway_update import update
from edge.commands.gateway_usb import flash, logs, provision, selftest
from edge.commands.stoppable_child import StoppableChild
from edge.contracts.broker_url import PASSWORD_VARIABLE, parse_broker_url
from edge.contracts.gateway_settings import GatewayMqtt, GatewaySettings
from edge.contracts.wire import ReaderConfig
from edge.firmware import Interpreter, NoInterpreter, firmware_command

app = typer.Typer(help="Gateways.", no_args_is_help=True)
app.command()(update)
for _usb in (flash, provision, logs, selftest):
    app.command()(_usb)


@app.command()
def run(
    reader: Annotated[
        list[str],
        typer.Option(
            metavar="FAMILY,PORT,ANTENNA[+ANTENNA]",
            help="A reader module; PORT is a device or socket://HOST:PORT (repeatable).",
        ),
    ],
    mqtt: Annotated[str, typer.Option(metavar="URL", help="mqtt://[USER@]HOST[:PORT] or mqtts://")],
    site: Annotated[str, typer.Option(help="The school's site, as in its MQTT topics.")],
    gateway_id: Annotated[str, typer.Option("--id", help="The gateway's id in the school file.")],
    region: Annotated[
        str | None,
        typer.Option(help="US EU CN IN JP KR AU; without one here or in `config` RF stays off."),
    ] = None,
    prefix: Annotated[
        list[str] | None,
        typer.Option(metavar="HEX", help="EPC prefix of our tags (repeatable); none accepts all."),
    ] = None,
    power: Annotated[float | None, typer.Option(metavar="DBM", help="At every antenna.")] = None,
    interpreter: Annotated[
        str | None,
        typer.Option(
            metavar="micropython|cpython", help="Without it MicroPython where it is found."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Stands for the board's flash; without it nothing outlasts the run."),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="Certificate authority of an mqtts:// broker.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help=f"The MQTT password, unless {PASSWORD_VARIABLE} holds it.")
    ] = None,
) -> None:
    """Run the gateway firmware on this machine until SIGINT or SIGTERM."""
    with StoppableChild() as firmware, tempfile.TemporaryDirectory(prefix="rollcall-") as name:
        folder = Path(name)
        readers = [_reader(text) for text in reader]
        settings = GatewaySettings(
            id=gateway_id,
            site=site,
            mqtt=_mqtt(mqtt, ca, password_file, folder),
            readers=readers,
            region=region,
            power_dbm=None if power is None else _at_every_antenna(power, readers),
            epc_prefixes=prefix,
        )
        path = folder / "settings.json"
        path.write_bytes(msgspec.json.encode(settings))
        try:
            words = firmware_command(path, data or folder / "data", _interpreter(interpreter))
        except NoInterpreter as error:
            raise Failure(str(error)) from error
        status = firmware.run([*words, "--until-eof"])
    if status:  # the firmware has said why; 2 where it refuses what stands in the options
        raise typer.Exit(2 if status == 2 else 1)


def _reader(text: str) -> ReaderConfig:
    words = text.split(",")
    antennas = words[-1].split("+")
    if len(words) != 3 or not all(words) or not all(each.isdecimal() for each in antennas):
        raise typer.BadParameter(
            f"{text!r} is not FAMILY,PORT,ANTENNA[+ANTENNA], as in m100,/dev/ttyUSB0,1",
            param_hint="--reader",
        )
    return ReaderConfig(words[0], [int(each) for each in antennas], words[1])


def _at_every_antenna(power_dbm: float, readers: list[ReaderConfig]) -> dict[str, float]:
    return {str(antenna): power_dbm for reader in readers for antenna in reader.antennas}


def _mqtt(url: str, ca: Path | None, password_file: Path | None, folder: Path) -> GatewayMqtt:
    try:
        broker = parse_broker_url(url)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--mqtt") from error
    if broker.tls and ca is None:
        raise typer.BadParameter("mqtts:// needs the broker's CA", param_hint="--ca")
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and password_file is not None:
        password = _read(password_file, "--password-file").decode().strip()
    return GatewayMqtt(
        host=broker.host,
        port=broker.port,
        user=broker.user,
        password=password,
        ca=str(_der(ca, folder)) if broker.tls and ca is not None else None,
    )


def _der(ca: Path, folder: Path) -> Path:
    """The certificate as DER in `folder`: MicroPython reads nothing else."""
    found = _read(ca, "--ca")
    if found.lstrip().startswith(b"-----BEGIN"):
        try:
            found = ssl.PEM_cert_to_DER_cert(found.decode().strip())
        except ValueError as error:
            raise Failure(f"{ca}: not one certificate in PEM or DER ({error})") from error
    path = folder / "ca.der"
    path.write_bytes(found)
    return path


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"{option} {path}: {error.strerror}") from error


def _interpreter(name: str | None) -> Interpreter | None:
    if name is None or name == "micropython" or name == "cpython":
        return name  # type: ignore[return-value]
    raise typer.BadParameter(f"{name!r} is neither", param_hint="--interpreter")
