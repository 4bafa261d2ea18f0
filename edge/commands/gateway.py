"""`rollcall gateway run`: the gateway firmware as a process on this machine."""

import json
import os
import signal
import ssl
import subprocess
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

import typer

from edge.commands.failure import Failure
from edge.firmware import Interpreter, NoInterpreter, firmware_command

app = typer.Typer(help="Gateways.", no_args_is_help=True)

PASSWORD = "ROLLCALL_MQTT_PASSWORD"
STOP_S = 2.5  # the firmware itself needs about one to hand over what it holds
_POLL_S = 0.1


@app.callback()
def _gateways() -> None:
    """Gateways."""  # keeps `run` a command of its own while it is the only one


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
        Path | None, typer.Option(help=f"The MQTT password, unless {PASSWORD} holds it.")
    ] = None,
) -> None:
    """Run the gateway firmware on this machine until SIGINT or SIGTERM."""
    with _Supervisor() as supervisor, tempfile.TemporaryDirectory(prefix="rollcall-") as name:
        folder = Path(name)
        readers = [_reader(text) for text in reader]
        settings: dict[str, Any] = {
            "id": gateway_id,
            "site": site,
            "mqtt": _mqtt(mqtt, ca, password_file, folder),
            "readers": readers,
            "epc_prefixes": prefix or [],
        }
        if region is not None:
            settings["region"] = region
        if power is not None:
            antennas = [antenna for each in readers for antenna in each["antennas"]]
            settings["power_dbm"] = {str(antenna): power for antenna in antennas}
        path = folder / "settings.json"
        path.write_text(json.dumps(settings), encoding="utf-8")
        try:
            words = firmware_command(path, data or folder / "data", _interpreter(interpreter))
        except NoInterpreter as error:
            raise Failure(str(error)) from error
        status = supervisor.run([*words, "--until-eof"])
    if status:
        raise typer.Exit(1)  # the firmware has said why


class _Supervisor:
    """Stops a child by closing its standard input, and by force where that does not help.

    As a context manager it takes SIGINT and SIGTERM for its own, also where SIGINT came ignored,
    and from the beginning: a signal that comes while the child is prepared counts too.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._kill_at: float | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, words: list[str]) -> int:
        """Run the child to its end; returns its status, 0 also where it had to be killed."""
        # A session of its own: Ctrl-C in a terminal must reach only us. If we are killed, the
        # end of its input tells the child.
        with subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True) as child:
            self._child = child
            if self._stopping():
                self._close_input()
            try:
                while child.poll() is None:
                    if self._overdue():
                        child.kill()
                    time.sleep(_POLL_S)
            finally:
                if child.poll() is None:
                    child.kill()
        return 0 if self._stopping() else child.returncode

    def _stopping(self) -> bool:
        return self._kill_at is not None

    def _overdue(self) -> bool:
        return self._kill_at is not None and time.monotonic() > self._kill_at

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._kill_at is None:
            self._kill_at = time.monotonic() + STOP_S
            self._close_input()

    def _close_input(self) -> None:
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()


def _reader(text: str) -> dict[str, Any]:
    words = text.split(",")
    antennas = words[-1].split("+")
    if len(words) != 3 or not all(words) or not all(each.isdecimal() for each in antennas):
        raise typer.BadParameter(
            f"{text!r} is not FAMILY,PORT,ANTENNA[+ANTENNA], as in m100,/dev/ttyUSB0,1",
            param_hint="--reader",
        )
    return {"family": words[0], "port": words[1], "antennas": [int(each) for each in antennas]}


def _mqtt(url: str, ca: Path | None, password_file: Path | None, folder: Path) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise typer.BadParameter(f"{url!r}: {error}", param_hint="--mqtt") from error
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise typer.BadParameter(f"{url!r} is not mqtt://HOST or mqtts://", param_hint="--mqtt")
    if parts.password is not None:
        raise typer.BadParameter(
            f"a password does not belong on the command line; set {PASSWORD} or --password-file",
            param_hint="--mqtt",
        )
    tls = parts.scheme == "mqtts"
    fields: dict[str, Any] = {"host": parts.hostname, "port": port or (8883 if tls else 1883)}
    if parts.username:
        fields["user"] = parts.username
    password = os.environ.get(PASSWORD)
    if password is None and password_file is not None:
        password = _read(password_file, "--password-file").decode().strip()
    if password is not None:
        fields["password"] = password
    if tls:
        if ca is None:
            raise typer.BadParameter("mqtts:// needs the broker's CA", param_hint="--ca")
        fields["ca"] = str(_der(ca, folder))
    return fields


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
