"""The task that keeps the agent on the broker: connects, looks for another agent, stays, retries.

On each connection the agent first looks whether another one is active, without a will; only an
active one connects with its will, subscribes, and then announces itself. So a gateway that sends
anew when it sees the announcement is heard.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import structlog

from edge.agent.link.backoff import full_jitter
from edge.agent.link.mqtt_link import LinkError, MqttLink, Will
from edge.agent.link.publisher import Identity, config_messages, status_payload
from edge.agent.link.standby import RENEW_S, Standby
from edge.agent.process.clock import Clock
from edge.contracts.school import School
from edge.contracts.settings import MqttSettings
from edge.contracts.topics import Topics
from edge.contracts.wire import Ack, AgentStatus

log = structlog.get_logger()

TICK_S = 1.0  # paho's keep-alive and the standby clock are looked at this often

_status_decoder = msgspec.json.Decoder(AgentStatus)


class Broker:
    """The connection, for as long as the agent runs. `receive(topic, payload)` gets the rest."""

    def __init__(
        self,
        settings: MqttSettings,
        topics: Topics,
        who: Identity,
        school: Callable[[], School],
        receive: Callable[[str, bytes], None],
        clock: Clock,
        take_over_ms: int | None = None,
        rng: random.Random | None = None,
        besides: Sequence[str] = (),
    ) -> None:
        """Listen to the gateways' channels, and to the topics `besides`."""
        self.connects = 0
        self._besides = besides
        self._settings = settings
        self._topics = topics
        self._who = who
        self._school = school
        self._receive = receive
        self._clock = clock
        self._rng = rng or random.Random()
        self._standby = Standby(who.id, take_over_ms, clock.monotonic())
        self._link: MqttLink | None = None
        self._heard = asyncio.Event()
        self._attempt = 0

    @property
    def active(self) -> bool:
        """Whether this agent is connected, and the one that confirms."""
        return self._link is not None and self._standby.state == "active"

    @property
    def passive_because_of(self) -> str | None:
        """The database id of the agent that keeps this one passive, if one does."""
        return self._standby.other_id if self._standby.state == "passive" else None

    async def run(self) -> None:
        """Stay connected until cancelled. Never raises for what a broker does."""
        while True:
            try:
                await self._one_connection()
            except LinkError as error:
                delay = full_jitter(self._attempt, self._rng)
                self._attempt += 1
                log.warning(
                    "broker not reachable",
                    url=self._settings.url,
                    reason=str(error),
                    retry_in_s=round(delay, 1),
                )
                await asyncio.sleep(delay)

    def confirm(self, acks: Iterable[tuple[str, Ack]]) -> None:
        """Send confirmations; one that is lost is sent again when the batch is."""
        if self._link is None or self._standby.state != "active":
            return
        for gateway, ack in acks:
            self._link.publish(self._topics.channel(gateway, "ack"), msgspec.json.encode(ack))

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """Publish at QoS 1 as the active agent; False when that is not possible now."""
        if self._link is None or self._standby.state != "active":
            return False
        self._link.publish(topic, payload, qos=1, retain=retain)
        return True

    def publish_config(self) -> None:
        """Publish every gateway's settings anew, where connected; each connect does so too."""
        for topic, payload in config_messages(self._topics, self._school()):
            self.publish(topic, payload, retain=True)

    async def close(self) -> None:
        """Say that the agent goes, and disconnect."""
        link = self._link
        if link is None:
            return
        if self.active:
            link.publish(self._topics.agent_status(), self._status(online=False), 1, retain=True)
        self._link = None
        await link.close()

    async def _one_connection(self) -> None:
        self._standby.connected(self._clock.monotonic())
        await self._look()
        link = self._new_link(Will(self._topics.agent_status(), self._status(online=False)))
        try:
            await link.connect()
            own = [*self._topics.subscriptions(), self._topics.agent_status()]
            await link.subscribe([*own, *self._besides])
            self._link = link
            self.connects += 1
            self._attempt = 0
            log.info("broker connected", url=self._settings.url, agent=self._who.id)
            self.publish_config()
            await self._stay_active(link)
        except LinkError:
            self._link = None
            link.abandon()
            raise
        except asyncio.CancelledError:
            if self._link is None:  # else `close` says farewell
                link.abandon()
            raise
        self._link = None
        log.warning("another agent took over", other=self._standby.other_id)
        await link.close()

    async def _look(self) -> None:
        """Wait, without a will and without confirming, until this agent is the active one."""
        link = self._new_link(None)
        said = False
        try:
            await link.connect()
            await link.subscribe([self._topics.agent_status()])
            self._standby.connected(self._clock.monotonic())
            while self._standby.decide(self._clock.monotonic()) != "active":
                if self._standby.state == "passive" and not said:
                    said = True
                    log.warning("another agent is active; staying passive until --take-over")
                await self._pause(link, 0.1 if self._standby.state == "looking" else TICK_S)
        finally:
            await link.close()

    async def _stay_active(self, link: MqttLink) -> None:
        """Renew the status until the connection is lost (LinkError) or another takes over."""
        renew_at = self._clock.monotonic()
        while self._standby.decide(self._clock.monotonic()) == "active":
            if self._clock.monotonic() >= renew_at:
                status = self._status(online=True)
                link.publish(self._topics.agent_status(), status, qos=1, retain=True)
                renew_at = self._clock.monotonic() + RENEW_S
            await self._pause(link, TICK_S)

    async def _pause(self, link: MqttLink, seconds: float) -> None:
        """Wait until another agent is heard, the connection is lost, or the time is over."""
        self._heard.clear()
        heard = asyncio.create_task(self._heard.wait(), name="broker-heard")
        try:
            waited: set[asyncio.Future[Any]] = {heard, link.lost}
            await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()
        link.keep_alive()
        if link.lost.done():
            link.lost.result()

    def _new_link(self, will: Will | None) -> MqttLink:
        client_id = f"rollcall-{self._topics.site}-agent-{self._who.id[:8]}"
        return MqttLink(self._settings, client_id, self._on_message, will)

    def _on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        if topic != self._topics.agent_status():
            self._receive(topic, payload)
            return
        try:
            status = _status_decoder.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            if payload:
                log.warning("agent status not understood", topic=topic)
            return
        self._standby.heard(status, retained, self._clock.monotonic())
        self._heard.set()

    def _status(self, online: bool) -> bytes:
        now_ms = self._clock.now_ms() if online else None
        return status_payload(self._who, online, now_ms, self._standby.take_over_ms)
