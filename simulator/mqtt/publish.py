"""Plays a run in real time onto a broker, as its gateways would: the wire format, QoS 1."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Event

import msgspec

from edge.contracts.broker_url import parse_broker_url
from edge.contracts.topics import Topics
from simulator.air.antennas import readers_of
from simulator.coalescer.shapes import TICK_MS
from simulator.mqtt.gateway_link import GatewayLink
from simulator.run import Run

FAREWELL_S = 5.0  # at the end, for the agent to confirm what is on the wire
SAY_AFTER_MS = 20 * TICK_MS  # 5 s without a broker; pieces end at ticks


class MqttError(Exception):
    """A broker URL that cannot be used; its text says why."""


class Published(msgspec.Struct):
    """What was published, and what nobody confirmed."""

    batches: int = 0
    resent: int = 0
    unconfirmed: int = 0
    dropped: int = 0
    misunderstood: int = 0

    def line(self) -> str:
        """Say it in a sentence."""
        return (
            f"{self.batches:,} batches published, {self.resent:,} sent again, "
            f"{self.unconfirmed:,} not confirmed by an agent, {self.dropped:,} dropped"
            + (f"; {self.misunderstood} answers were not understood" if self.misunderstood else "")
        )


def publish(run: Run, url: str, stopped: Event, say: Callable[[str], None]) -> Published:
    """Publish a run until it is over or `stopped` is set.

    The run's start is now: a log's ten minutes before the bell begin when this is called. An
    unreachable broker is tried again; batches wait meanwhile. `say` takes what a user should know.

    Raises:
        MqttError: the URL is no broker's.
    """
    try:
        broker = parse_broker_url(url)
    except ValueError as error:
        raise MqttError(str(error)) from error
    told = Published()
    chain = run.chain()
    # A new boot each time, above any before: a batch's name is never used for another's content.
    boot = f"{int(time.time()):08x}{secrets.token_hex(4)}"
    zero_unix_ms, zero_s = int(time.time() * 1000), time.monotonic()
    topics = Topics(run.school.site)
    links = {
        gateway: GatewayLink(
            broker,
            topics,
            gateway,
            boot,
            [reader.family for reader in readers_of(run.school, gateway)],
            run.tags.epcs,
            zero_unix_ms,
        )
        for gateway in chain.gateways.boots()
    }
    try:
        for piece in chain.pieces(run.length_ms, TICK_MS):
            _wait(zero_s + piece.until_ms / 1000, stopped)
            if stopped.is_set():
                break
            for batch in piece.batches:
                told.batches += 1
                links[batch.gateway].put(batch)
            _step(links, time.monotonic() - zero_s)
            alone = not any(link.connected for link in links.values())
            if alone and piece.until_ms == SAY_AFTER_MS:
                say(f"no broker at {url} yet; trying again")
        deadline_s = time.monotonic() + FAREWELL_S
        while any(len(link.window) for link in links.values()) and not stopped.is_set():
            if time.monotonic() > deadline_s:
                break
            _wait(time.monotonic() + 0.05, stopped)
            _step(links, time.monotonic() - zero_s)
    finally:
        for link in links.values():
            link.close()
    told.unconfirmed = sum(len(link.window) for link in links.values())
    told.resent = sum(link.window.resent for link in links.values())
    told.misunderstood = sum(link.misunderstood for link in links.values())
    told.dropped = sum(link.window.dropped for link in links.values())
    return told


def _step(links: dict[str, GatewayLink], up_s: float) -> None:
    for link in links.values():
        link.step(up_s)


def _wait(until_s: float, stopped: Event) -> None:
    stopped.wait(max(0.0, until_s - time.monotonic()))
