"""What the agent keeps published, retained: its own status and each gateway's settings. Pure."""

import hashlib

import msgspec

from edge.contracts.school import School
from edge.contracts.topics import Topics
from edge.contracts.wire import VERSION, AgentStatus, GatewayConfig, ReaderConfig


class Identity(msgspec.Struct, frozen=True):
    """Who this agent is: the database's id, and a name for this run."""

    id: str
    boot: str


def status_payload(
    who: Identity, online: bool, now_ms: int | None, take_over_ms: int | None
) -> bytes:
    """The agent's status; with `online` False its will and its farewell."""
    return msgspec.json.encode(
        AgentStatus(
            v=VERSION, online=online, id=who.id, boot=who.boot, now=now_ms, take_over=take_over_ms
        )
    )


def config_payloads(school: School) -> dict[str, bytes]:
    """The settings of each gateway that the school file names, as they are published."""
    return {gateway: _config(school, gateway) for gateway in school.gateway_ids}


def config_messages(topics: Topics, school: School) -> list[tuple[str, bytes]]:
    """Topic and payload of each gateway's settings."""
    return [(topics.channel(g, "config"), p) for g, p in config_payloads(school).items()]


def config_mark(payload: bytes) -> str:
    """What a gateway says in `status.config` once it runs with this payload."""
    return hashlib.sha256(payload).hexdigest()[:16]


def _config(school: School, gateway: str) -> bytes:
    wanted = school.gateways.get(gateway)
    power = wanted.power_dbm if wanted else None
    readers = wanted.readers if wanted else None
    desk = sorted(a for d in school.desks.values() if d.gateway == gateway for a in d.antennas)
    config = GatewayConfig(
        region=school.region,
        power_dbm=None if power is None else {str(a): dbm for a, dbm in power.items()},
        session=wanted.session if wanted else None,
        epc_prefixes=list(school.epc_prefixes),
        readers=None if readers is None else [ReaderConfig(r.family, r.antennas) for r in readers],
        desk=desk or None,
    )
    return msgspec.json.encode(config)
