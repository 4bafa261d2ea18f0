"""`rollcall gateway flash`, `provision`, `logs` and `selftest`: a board over USB."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure

_HIGHEST_PIN = 48  # of an ESP32-S3
WIFI_VARIABLE = "ROLLCALL_WIFI_PASSWORD"
_TOLD = """
import gc, json, os, sys
def kept(name):
    try:
        with open(name) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None
settings, slots = kept("settings.json") or {}, kept("slots")
stats = os.statvfs(".")
gc.collect()
print(json.dumps({"micropython": sys.version, "platform": sys.platform, "heap_free": gc.mem_free(),
 "flash_free": stats[0] * stats[3], "id": settings.get("id"), "site": settings.get("site"),
 "broker": settings.get("mqtt", {}).get("host"), "update key": "update_key" in settings,
 "wifi": (kept("data/wifi.json") or {}).get("ssid"), "slots": slots}))
"""

Port = Annotated[
    str | None, typer.Option(metavar="DEVICE", help="The board's port, where there are several.")
]


def flash(port: Port = None) -> None:
    """Install the gateway's application, compiled, on a board that runs MicroPython."""
    from edge.provision.application import CannotCompile, compile_application
    from edge.provision.board_files import install

    try:
        application = compile_application()
    except CannotCompile as error:
        raise Failure(str(error)) from error
    with _board(port) as board:
        install(board, application)
    size = sum(len(content) for _, content in application.files)
    print(f"{application.version} installed: {len(application.files)} files, {size} bytes")


def provision(
    gateway: Annotated[str, typer.Argument(help="The gateway's id in the school file.")],
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
    host: Annotated[
        str, typer.Option(metavar="NAME|ADDRESS", help="The broker, as the gateway reaches it.")
    ],
    uart: Annotated[
        list[str],
        typer.Option(
            metavar="uart1:TX,RX[,ENABLE]",
            help="Pins of its modules, in the school file's order (repeatable).",
        ),
    ],
    broker_port: Annotated[int, typer.Option(help="The broker's port, with TLS.")] = 8883,
    led: Annotated[
        str | None,
        typer.Option(metavar="PIN|ws2812:PIN", help="Its LED: a plain one, or a coloured one."),
    ] = None,
    ssid: Annotated[
        str | None, typer.Option(help="The Wi-Fi network; without it the board keeps its own.")
    ] = None,
    wifi_password_file: Annotated[
        Path | None, typer.Option(help=f"The network's password, unless {WIFI_VARIABLE} holds it.")
    ] = None,
    port: Port = None,
) -> None:
    """Make a board this gateway: identity, password, update key, authority, Wi-Fi."""
    from edge.provision import board_files
    from edge.provision.updates import NoKey
    from edge.provision.web import FOLDER as BROKER

    settings = settings_or_failure(config)
    school = school_or_failure(settings.school)
    wifi = None
    if ssid is not None:
        wifi = board_files.Wifi(ssid, _wifi_password(wifi_password_file))
    try:
        made = board_files.settings_of(
            school, settings.data, gateway, host, broker_port, uart, _led(led)
        )
        ca = (settings.data / BROKER / "ca.der").read_bytes()
    except (board_files.NotProvisioned, NoKey) as error:
        raise Failure(str(error)) from error
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from error
    with _board(port) as board:
        board_files.provision(board, made, ca, wifi)
    print(f"this board is {gateway} of {school.site}, at {host}:{broker_port}")


def logs(port: Port = None) -> None:
    """Show what a board says over USB until Ctrl-C; it is not interrupted."""
    from edge.provision.usb_board import BoardError, follow

    try:
        follow(port, lambda line: print(line, flush=True))
    except BoardError as error:
        raise Failure(str(error)) from error
    except KeyboardInterrupt:
        return


def selftest(port: Port = None) -> None:
    """Say what a board is and holds; its readers are asked by the `selftest` command over MQTT."""
    with _board(port) as board:
        told: dict[str, Any] = board.ask(_TOLD)
    for name, value in told.items():
        print(f"{name}: {'-' if value is None else value}")


@contextlib.contextmanager
def _board(port: str | None) -> Iterator[Any]:
    from edge.provision.usb_board import BoardError, usb_board

    try:
        with usb_board(port) as board:
            yield board
    except BoardError as error:
        raise Failure(str(error)) from error


def _led(text: str | None) -> int | str | None:
    if text is None:
        return None
    pin = text.removeprefix("ws2812:")
    if not pin.isdecimal() or int(pin) > _HIGHEST_PIN:
        raise typer.BadParameter(f"{text} is neither a pin nor ws2812:PIN", param_hint="--led")
    return int(pin) if pin == text else text


def _wifi_password(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(WIFI_VARIABLE)
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from error
