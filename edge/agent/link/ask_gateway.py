"""Asks a gateway to do something: one command on its `cmd`, and the reply that names it."""

import asyncio
import secrets
import time
from typing import Any

import msgspec

from edge.agent.link.mqtt_link import LinkError, MqttLink
from edge.contracts.settings import MqttSettings
from edge.contracts.topics import Topics

LATE_S = 30.0  # what a gateway has not heard by then it does not do


class NoReply(Exception):
    """The gateway did not answer in time; the text says what that may mean."""


async def ask_gateway(
    settings: MqttSettings, site: str, gateway: str, do: str, args: dict[str, Any], wait_s: float
) -> dict[str, Any]:
    """Send a command and return the fields of its reply, `ok` among them.

    Raises:
        LinkError: the broker is not reached or lets nobody do this.
        NoReply: nothing came within `wait_s` seconds.
    """
    name = secrets.token_hex(8)
    reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def heard(topic: str, payload: bytes, retained: bool) -> None:
        try:
            fields = msgspec.json.decode(payload, type=dict[str, Any])
        except msgspec.DecodeError:
            return  # another's; ours comes, or `wait_s` ends
        if fields.get("id") == name and not reply.done():
            reply.set_result(fields)

    topics = Topics(site)
    link = MqttLink(settings, f"rollcall-{site}-ask-{name}", heard)
    await link.connect()
    try:
        await link.subscribe([topics.channel(gateway, "reply")])
        expires = int((time.time() + LATE_S) * 1000)
        command = {"id": name, "exp": expires, "do": do, "args": args}
        link.publish(topics.channel(gateway, "cmd"), msgspec.json.encode(command), qos=1)
        return await _first(reply, link, wait_s, gateway)
    finally:
        await link.close()


async def _first(
    reply: asyncio.Future[dict[str, Any]], link: MqttLink, wait_s: float, gateway: str
) -> dict[str, Any]:
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        waited: set[asyncio.Future[Any]] = {reply, link.lost}
        await asyncio.wait(waited, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        if reply.done():
            return reply.result()
        if link.lost.done():
            raise LinkError("the broker went away before the gateway answered")
        link.keep_alive()
    raise NoReply(f"{gateway} did not answer within {wait_s:.0f} s: is it online?")
