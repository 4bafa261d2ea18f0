"""What a Raspberry Pi needs to run Rollcall by itself: files and commands, as a plan. Pure."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from edge.provision.mosquitto import AGENT, AGENT_PORT, BrokerFiles, Listeners, configuration

USER = "rollcall"
PACKAGES = {  # what Debian's packages bring, and what they are for
    "mosquitto": "usr/sbin/mosquitto",
    "chrony": "usr/sbin/chronyd",
    "avahi-daemon": "usr/sbin/avahi-daemon",
}
CONFIG = Path("/etc/rollcall/rollcall.toml")
DATA = Path("/var/lib/rollcall")
SCHOOL = DATA / "school.toml"  # the agent's own: its page changes it
BROKER = DATA / "broker"  # what `broker provision` makes; the agent's own
UNIT = Path("/etc/systemd/system/rollcall.service")
MOSQUITTO = Path("/etc/mosquitto/rollcall")  # mosquitto's own copies: it runs as another user

# What mosquitto reads of the broker's folder, and with which permissions.
BROKER_COPIES = {
    "passwords": 0o600,
    "acl": 0o600,
    "broker.key": 0o600,
    "broker.crt": 0o644,
    "ca.crt": 0o644,
}


class File(msgspec.Struct, frozen=True):
    """A file to write. `owner` is a user and its group; `keep` leaves one that is there."""

    path: Path
    content: bytes
    mode: int = 0o644
    owner: str = "root"
    keep: bool = False


class Command(msgspec.Struct, frozen=True):
    """A command to run, on the machine itself only; `why` for people."""

    words: tuple[str, ...]
    why: str


class Plan(msgspec.Struct, frozen=True):
    """Files first, then commands, in this order."""

    files: list[File]
    commands: list[Command]


def machine_plan(program: Path, school_text: bytes, hostname: str, *, replace_school: bool) -> Plan:
    """Everything but the broker's folder, which is made from the school file on the machine."""
    files = [
        File(Path("/etc/sysusers.d/rollcall.conf"), _SYSUSERS.encode()),
        File(CONFIG, _config().encode(), 0o640, f"root:{USER}", keep=True),
        File(SCHOOL, school_text, 0o640, USER, keep=not replace_school),
        File(UNIT, unit(program).encode()),
        File(Path("/etc/mosquitto/conf.d/rollcall.conf"), _broker_configuration().encode()),
        File(Path("/etc/chrony/conf.d/rollcall.conf"), _CHRONY.encode()),
        File(Path("/etc/avahi/services/rollcall.service"), _AVAHI.encode()),
    ]
    commands = [
        Command(("systemctl", "daemon-reload"), "read the unit"),
        Command(("systemctl", "enable", "rollcall"), "start it with the machine"),
        Command(
            ("systemctl", "restart", "mosquitto", "chrony", "avahi-daemon", "rollcall"),
            "let all take up what was written",
        ),
    ]
    if hostname:
        name = Command(("hostnamectl", "set-hostname", hostname), f"be http://{hostname}.local")
        commands.insert(0, name)
    return Plan(files, commands)


def unit(program: Path) -> str:
    """The systemd unit that runs this `rollcall`."""
    return _UNIT.format(program=program, config=CONFIG, user=USER, data=DATA.name)


def program_of(unit_text: str) -> Path | None:
    """Which `rollcall` a unit of ours runs; None where it says none."""
    for line in unit_text.splitlines():
        if line.startswith("ExecStart="):
            return Path(line.removeprefix("ExecStart=").split(" agent ")[0])
    return None


def broker_copies(folder: Path) -> list[File]:
    """Mosquitto's copies of the broker's files in `folder`."""
    return [
        File(MOSQUITTO / name, (folder / name).read_bytes(), mode, "mosquitto")
        for name, mode in BROKER_COPIES.items()
    ]


def missing_packages(root: Path) -> Sequence[str]:
    """Which of the packages that are needed are not there."""
    return [name for name, file in PACKAGES.items() if not (root / file).exists()]


def _broker_configuration() -> str:
    files = BrokerFiles(
        MOSQUITTO / "passwords",
        MOSQUITTO / "acl",
        MOSQUITTO / "ca.crt",
        MOSQUITTO / "broker.crt",
        MOSQUITTO / "broker.key",
    )
    return configuration(files, Listeners())


def _config() -> str:
    return _CONFIG.format(
        school=json.dumps(str(SCHOOL)),
        data=json.dumps(str(DATA)),
        ca=json.dumps(str(BROKER / "ca.crt")),
        password=json.dumps(str(BROKER / "users" / AGENT)),
        agent=AGENT,
        port=AGENT_PORT,
    )


_SYSUSERS = f'u {USER} - "Rollcall agent" {DATA}\n'

_CONFIG = """\
# The agent's settings; docs/contracts.md of Rollcall lists them all.
school = {school}
data = {data}
[mqtt]
url = "mqtts://localhost:{port}"
ca = {ca}
username = "{agent}"
password_file = {password}
[http]
host = "0.0.0.0"
port = 80
tls_port = 443
"""

# 30 s: the agent's longest work without a pause, a snapshot of 40,000 devices, takes some seconds.
# A start works the journal through, which after a change of the engine takes minutes.
_UNIT = """\
[Unit]
Description=Rollcall, the roll of a school's devices
After=network-online.target mosquitto.service time-sync.target
Wants=network-online.target mosquitto.service

[Service]
Type=notify
NotifyAccess=main
ExecStart={program} agent --config {config}
ExecReload=/bin/kill -HUP $MAINPID
User={user}
Group={user}
StateDirectory={data}
StateDirectoryMode=0750
WatchdogSec=30
TimeoutStartSec=30min
TimeoutStopSec=10
Restart=always
RestartSec=2
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
PrivateDevices=true
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectControlGroups=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
RestrictSUIDSGID=true
LockPersonality=true
UMask=0077

[Install]
WantedBy=multi-user.target
"""

_CHRONY = """\
# Gateways ask this machine for the time where the agent does not tell it.
allow 10.0.0.0/8
allow 172.16.0.0/12
allow 192.168.0.0/16
# Without the internet its own clock goes on being told.
local stratum 10
# A Pi without a battery starts years behind: set it at once, not by slewing.
makestep 1.0 3
"""

_AVAHI = """\
<?xml version="1.0" standalone='no'?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name>Rollcall</name>
  <service><type>_http._tcp</type><port>80</port></service>
  <service><type>_secure-mqtt._tcp</type><port>8883</port></service>
</service-group>
"""
