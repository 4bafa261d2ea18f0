"""The broker: does it let the agent in, is its certificate good, whom does it know?"""

import asyncio
import random
import socket
import ssl
import time
from pathlib import Path

import msgspec

from edge.agent.link.mqtt_link import LinkError, MqttLink
from edge.contracts.broker_url import BrokerUrl, parse_broker_url
from edge.contracts.school import School
from edge.contracts.settings import MqttSettings
from edge.contracts.topics import BadTopic, Topics
from edge.contracts.wire import Status
from edge.doctor.finding import Finding

_LISTEN_S = 1.0  # what is retained comes at once
_CONNECT_S = 5.0
_SOON_DAYS = 30


async def check_broker(settings: MqttSettings, school: School) -> list[Finding]:
    """Connect as a guest beside the agent, and listen to what is retained."""
    heard: dict[str, bytes] = {}
    topics = Topics(school.site)
    guest = f"rollcall-{school.site}-doctor-{random.getrandbits(32):08x}"
    try:
        link = MqttLink(settings, guest, lambda topic, payload, _: _keep(heard, topic, payload))
        await link.connect()
        await link.subscribe([topics.channel("+", "status")])
        await asyncio.sleep(_LISTEN_S)
        await link.close()
    except LinkError as error:
        says = f"{settings.url}: {error}; see that it runs and takes this user and password"
        return [Finding("broker", "bad", says)]
    found = [Finding("broker", "good", f"{settings.url}: lets the agent in")]
    return [*found, _gateways(heard, topics, school)]


async def check_certificate(settings: MqttSettings) -> Finding | None:
    """Look how long the broker's certificate is good; None where there is no TLS."""
    url = parse_broker_url(settings.url)
    if not url.tls:
        return None
    try:
        ends = await asyncio.to_thread(_ends, url, settings.ca)
    except (OSError, ssl.SSLError) as error:
        return Finding("certificate", "bad", f"{settings.url}: {error}; renew it, or name its CA")
    days = (ends - time.time()) / 86_400
    says = f"good for {days:.0f} days"
    if days < _SOON_DAYS:
        return Finding("certificate", "odd", says + "; renew it")
    return Finding("certificate", "good", says)


def _keep(heard: dict[str, bytes], topic: str, payload: bytes) -> None:
    heard[topic] = payload


def _gateways(heard: dict[str, bytes], topics: Topics, school: School) -> Finding:
    online: set[str] = set()
    for topic, payload in heard.items():
        try:
            gateway = topics.parse(topic).gateway
            if msgspec.json.decode(payload, type=Status).online:
                online.add(gateway)
        except (BadTopic, msgspec.DecodeError):
            continue  # the agent's own state, and what the quarantine tells of
    named = set(school.gateway_ids)
    away, new = sorted(named - online), sorted(online - named)
    says = f"{len(named & online)} of {len(named)} online"
    if new:
        says += f"; not in the school file: {', '.join(new)}"
    if away:
        says += f"; offline: {', '.join(away)}: check their power and network"
    return Finding("gateways", "odd" if away or new else "good", says)


def _ends(url: BrokerUrl, ca: Path | None) -> float:
    context = ssl.create_default_context(cafile=ca)
    with (
        socket.create_connection((url.host, url.port), _CONNECT_S) as plain,
        context.wrap_socket(plain, server_hostname=url.host) as secured,
    ):
        certificate = secured.getpeercert() or {}
    return ssl.cert_time_to_seconds(str(certificate["notAfter"]))
