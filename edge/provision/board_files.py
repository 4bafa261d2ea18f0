"""What goes onto a gateway's board: the application, and what makes it this gateway."""

from pathlib import Path

import msgspec

from edge.contracts.gateway_settings import GatewayMqtt, GatewaySettings
from edge.contracts.school import School
from edge.contracts.wire import ReaderConfig
from edge.provision.application import FOLDER, ROOT_FILES, Application
from edge.provision.broker import password_of
from edge.provision.updates import update_key
from edge.provision.usb_board import UsbBoard
from edge.provision.web import FOLDER as BROKER

START = b"import boot\n\nboot.start()\n"  # main.py at the root of the flash
SETTINGS, WIFI, CA = "settings.json", "data/wifi.json", "ca.der"
_NOBODYS_KEY = bytes(32)  # over USB nobody asks whose application it is


class NotProvisioned(Exception):
    """Something that comes first is missing; the text says what."""


class Wifi(msgspec.Struct, frozen=True):
    """A network; without a password it is an open one."""

    ssid: str
    password: str | None = None


def install(board: UsbBoard, application: Application) -> None:
    """Put the application into slot a, as the good one; what is in b goes."""
    for slot in ("a", "b"):
        board.remove(f"{slot}/manifest")
    for slot in ("a", "b"):
        board.clear(slot)
    for path, content in application.files:
        board.write(f"a/{path}", content)
    for name in ROOT_FILES:
        board.replace(name, (FOLDER / name).read_bytes())
    board.remove("slots")
    board.replace("main.py", START)
    board.write("a/manifest", application.manifest(_NOBODYS_KEY))


def settings_of(
    school: School,
    data: Path,
    gateway: str,
    host: str,
    port: int,
    uarts: list[str],
    led: int | str | None = None,
) -> GatewaySettings:
    """Return a gateway's own settings; its update key is made at the first time.

    Raises:
        NotProvisioned: the school file or the broker does not know it.
    """
    if gateway not in school.gateway_ids:
        raise NotProvisioned(f"the school file names no gateway {gateway}")
    known = school.gateways.get(gateway)
    if known is None or known.readers is None:
        raise NotProvisioned(f"school file: gateways.{gateway}.readers: say what modules it has")
    if len(uarts) < len(known.readers):
        raise NotProvisioned(f"{gateway} has {len(known.readers)} modules: give --uart for each")
    try:
        password = password_of(data / BROKER, gateway).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise NotProvisioned(
            f"{gateway} has no password yet: `rollcall broker provision` comes first"
        ) from error
    readers = [
        ReaderConfig(reader.family, list(reader.antennas), uart)
        for reader, uart in zip(known.readers, uarts, strict=False)
    ]
    return GatewaySettings(
        id=gateway,
        site=school.site,
        mqtt=GatewayMqtt(host, port, gateway, password, f"/{CA}"),
        readers=readers,
        region=school.region,
        update_key=update_key(data, gateway, make=True).hex(),
        led=led,
    )


def provision(board: UsbBoard, settings: GatewaySettings, ca: bytes, wifi: Wifi | None) -> None:
    """Write identity, broker, keys, authority and, where it is given, the network."""
    board.replace(CA, ca)
    if wifi is not None:
        board.replace(WIFI, msgspec.json.encode(wifi))
    board.replace(SETTINGS, msgspec.json.encode(settings))
