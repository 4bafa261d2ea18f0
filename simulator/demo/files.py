"""The files a demo runs on, in a folder of its own that goes with it."""

import re
from pathlib import Path

import msgspec

from edge.contracts.gateway_settings import GatewaySettings

DEMO_SCHOOL = Path(__file__).parent.parent / "schools" / "demo.toml"

# The demo alone has a desk: nothing happens at it by itself, so that no log has anything of it.
DEMO_DESK = """
[desks.library-desk]
name = "Library desk"
room = "library"
gateway = "gw-desk"
antennas = [1]

[gateways.gw-desk]
readers = [{ family = "m100", antennas = [1] }]
power_dbm = { 1 = 15 }
"""


class DemoFolder:
    """The demo's folder: which file stands where."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.school = path / "school.toml"
        self.devices = path / "devices.csv"
        self.settings = path / "rollcall.toml"

    def log(self, name: str) -> Path:
        """Return where a process's words go."""
        return self.path / f"{name}.log"

    def gateway(self, gateway: str) -> Path:
        """Return where a gateway's own settings stand."""
        return self.path / f"{gateway}.json"

    def flash(self, gateway: str) -> Path:
        """Return the folder that stands for a gateway's flash."""
        return self.path / "flash" / gateway

    def write_gateway(self, settings: GatewaySettings) -> None:
        """Plug a gateway in: write what it needs to know."""
        self.flash(settings.id).mkdir(parents=True, exist_ok=True)
        self.gateway(settings.id).write_bytes(msgspec.json.encode(settings))

    def write_agent(self, broker_url: str, host: str, port: int) -> None:
        """Write the agent's settings; its page is served on `host` and `port`."""
        self.settings.write_text(
            f'school = "{self.school.name}"\n'
            f'devices = "{self.devices.name}"\n'
            f'[mqtt]\nurl = "{broker_url}"\n'
            f'[http]\nhost = "{host}"\nport = {port}\ntls_port = 0\n'  # nobody signs in here
        )


def without_bells(school: str) -> str:
    """Return a school file without its `[bells]`: the demo's lessons last a minute or so."""
    return re.sub(r"(?ms)^\[bells\].*?(?=^\[|\Z)", "", school)
