"""What to do with a message from the broker: batches to the intake, the rest to its keeper."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import structlog

from edge.agent.gateways.known import Gateways
from edge.agent.intake.queue import Fact, Intake, Message
from edge.agent.ledger.store import Ledger
from edge.agent.ledger.told import AgentAlert, Start
from edge.agent.process.clock import Clock
from edge.contracts.topics import BadTopic, Topics
from edge.contracts.wire import MAX_PAYLOAD_BYTES, VERSION, Health, LogMessage, Reply, Status

log = structlog.get_logger()

T = TypeVar("T", bound=Status | Health | LogMessage | Reply)

_status = msgspec.json.Decoder(Status)
_health = msgspec.json.Decoder(Health)
_log = msgspec.json.Decoder(LogMessage)
_reply = msgspec.json.Decoder(Reply)


class Reception:
    """Sorts messages by channel. Called on the event loop for each message; never waits."""

    def __init__(
        self,
        topics: Topics,
        intake: Intake,
        gateways: Gateways,
        ledger: Ledger,
        clock: Clock,
        on_reply: Callable[[str, Reply], None] | None = None,
    ) -> None:
        self._topics = topics
        self._intake = intake
        self._gateways = gateways
        self._ledger = ledger
        self._clock = clock
        self._on_reply = on_reply

    def receive(self, topic: str, payload: bytes) -> None:
        """Take one message."""
        now = self._clock.now()
        parts = topic.split("/")
        if len(parts) > 3 and parts[3] == "reads":
            self._intake.offer(Message(topic, payload, parts[2], now))
            return
        try:
            parsed = self._topics.parse(topic)
        except BadTopic as error:
            self._refuse(topic, payload, parts[2] if len(parts) > 2 else "", "topic", str(error))
            return
        if not payload:  # somebody cleared a retained message
            return
        gateway, channel = parsed.gateway, parsed.channel
        try:
            if channel == "status":
                self._take_status(gateway, _understood(_status, payload), now)
            elif channel == "health":
                self._gateways.health(gateway, _understood(_health, payload), now)
            elif channel == "log":
                self._take_log(gateway, _understood(_log, payload), now)
            elif channel == "reply" and self._on_reply is not None:
                self._on_reply(gateway, _reply.decode(payload))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            self._refuse(topic, payload, gateway, channel, str(error))

    def _take_status(self, gateway: str, status: Status, now: float) -> None:
        boards = self._gateways.new_board(gateway, status)
        row = self._gateways.status(gateway, status, now)
        if status.online and (boards is not None or row is not None):
            hw = status.hw or ""
            self._ledger.started(
                Start(gateway, status.boot, hw, status.reset, status.firmware, now)
            )
            self._intake.hurry()
        if boards is not None and len(boards) > 1:
            log.error("two boards use one gateway id", gateway=gateway, boards=boards)
            alert_id = f"agent.two-boards.{gateway}.{status.hw}"
            why = {"boards": boards}
            self._ledger.raise_alert(AgentAlert(alert_id, now, "two-boards", gateway, why))
        if row is not None and self._intake.offer_fact(Fact(row)):
            self._gateways.came_or_went(row)
            log.info("gateway", gateway=gateway, online=row.online, reset=status.reset)

    def _take_log(self, gateway: str, message: LogMessage, now: float) -> None:
        self._gateways.log(gateway, message, now)
        log.info("gateway says", gateway=gateway, level=message.level, text=message.text)

    def _refuse(self, topic: str, payload: bytes, gateway: str, channel: str, reason: str) -> None:
        self._intake.offer(
            Message(topic, payload, gateway, self._clock.now(), channel=channel, refused=reason)
        )


def _understood(decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"{len(payload)} bytes; a payload has at most {MAX_PAYLOAD_BYTES}")
    message = decoder.decode(payload)
    version = getattr(message, "v", VERSION)
    if version != VERSION:
        raise ValueError(f"version {version}; this agent understands {VERSION}")
    return message
