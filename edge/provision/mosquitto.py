"""What mosquitto is told: its configuration, its list of passwords, who may say what. Pure.

Formats as mosquitto's manual pages mosquitto.conf(5) and mosquitto_passwd(1) have them.
"""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from edge.contracts.topics import DOWN_CHANNELS, UP_CHANNELS

HOME_ASSISTANT = "home-assistant"
AGENT = "agent"  # no gateway can be called so: the school file reserves the id

# Passwords are 160 random bits: nobody finds one by trying, however cheap a try is, and 200
# gateways that reconnect at once must not keep a Pi busy hashing.
ITERATIONS = 1000

_CONFIG = """\
# Written by `rollcall broker provision`, which writes it anew: change nothing here.
per_listener_settings false
allow_anonymous false
password_file {passwords}
acl_file {acl}

# Nothing is kept: gateways hold their reads until the agent has them, and say their state again.
persistence false
# 200 gateways with a window of 16 batches each are 3,200 that may wait for the agent.
max_queued_messages 8192
max_inflight_messages 256
# The largest message is 6 KiB and its topic.
max_packet_size 16384
set_tcp_nodelay true

# Gateways: the broker knows each by its user's name, whatever id it gives itself, so that none can
# take another's connection away.
listener {port}{bind}
use_username_as_clientid true
{tls}
# The agent, which has several connections at a time.
listener {agent_port} {agent_bind}
{tls}"""

_TLS = """\
cafile {ca}
certfile {certificate}
keyfile {key}
tls_version tlsv1.2
"""

PORT = 8883
AGENT_PORT = 8884
AGENT_BIND = "127.0.0.1"


class BrokerFiles(msgspec.Struct, frozen=True):
    """Where mosquitto finds what its configuration names."""

    passwords: Path
    acl: Path
    ca: Path
    certificate: Path
    key: Path


class Listeners(msgspec.Struct, frozen=True, kw_only=True):
    """Where mosquitto listens for gateways (`bind` None: everywhere), and where for the agent."""

    port: int = PORT
    bind: str | None = None
    agent_port: int = AGENT_PORT
    agent_bind: str = AGENT_BIND


def configuration(files: BrokerFiles, at: Listeners) -> str:
    """The text of mosquitto.conf: TLS and a password for everybody, no other way in."""
    tls = _TLS.format(ca=files.ca, certificate=files.certificate, key=files.key)
    return _CONFIG.format(
        passwords=files.passwords,
        acl=files.acl,
        tls=tls,
        port=at.port,
        bind=f" {at.bind}" if at.bind else "",
        agent_port=at.agent_port,
        agent_bind=at.agent_bind,
    )


def access_list(site: str) -> str:
    """The text of the ACL: a gateway has its own channels and nothing else; %u is its user name.

    A user that no `topic` line names has the patterns alone, so a new gateway needs no line.
    """
    root = f"rollcall/{site}"
    up = ["reads/+/+", *(channel for channel in UP_CHANNELS if channel != "reads")]
    lines = [
        f"user {AGENT}",
        *(f"topic read {root}/+/{channel}" for channel in up),
        *(f"topic write {root}/+/{channel}" for channel in DOWN_CHANNELS),
        f"topic readwrite {root}/{AGENT}/status",
        "topic readwrite homeassistant/#",
        "",
        f"user {HOME_ASSISTANT}",  # has a password only where discovery is switched on
        "topic read homeassistant/#",
        "topic readwrite homeassistant/status",  # its birth and its will
        "",
        *(f"pattern write {root}/%u/{channel}" for channel in up),
        *(f"pattern read {root}/%u/{channel}" for channel in DOWN_CHANNELS),
        # `pattern` without %u: everybody with a password may know whether the agent is there.
        f"pattern read {root}/{AGENT}/status",
    ]
    return "\n".join(lines) + "\n"


def password_line(user: str, password: str, salt: bytes) -> str:
    """A user's line of the password file: PBKDF2 with SHA-512, mosquitto's `$7$`."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    salt64, digest64 = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{user}:$7${ITERATIONS}${salt64}${digest64}"


def is_line_of(line: str, password: str) -> bool:
    """Whether a line of the password file was made from this password."""
    try:
        _, kind, iterations, salt64, digest64 = line.partition(":")[2].split("$")
        salt, digest = base64.b64decode(salt64), base64.b64decode(digest64)
        found = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, int(iterations))
    except ValueError:
        return False
    return kind == "7" and found == digest


def password_file(lines: Mapping[str, str]) -> str:
    """The text of the password file from each user's line."""
    return "".join(f"{lines[user]}\n" for user in sorted(lines))
