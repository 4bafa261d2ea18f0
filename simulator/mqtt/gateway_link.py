"""One simulated gateway on MQTT: status with last will, health, batches up, confirmations down."""

from __future__ import annotations

import hashlib
import os
import queue
import ssl

import msgspec
from msgspec.structs import replace
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.contracts.broker_url import PASSWORD_VARIABLE, BrokerUrl
from edge.contracts.topics import Channel, Topics
from edge.contracts.wire import (
    VERSION,
    Ack,
    AgentStatus,
    Batch,
    Health,
    Looks,
    Status,
    WireRead,
)
from simulator.gateways.batching import SentBatch, rssi_dbm
from simulator.mqtt.window import Window

KEEPALIVE_S = 30
RETRY_S = 15  # at most so long between two attempts to connect
HEALTH_S = 30.0

_CONNECTED, _GONE = "connected", "gone"  # stand among topics, which have slashes in them


class GatewayLink:
    """A gateway and its own connection. Paho's thread only queues what comes; `step` works."""

    def __init__(
        self,
        broker: BrokerUrl,
        topics: Topics,
        gateway: str,
        boot: str,
        families: list[str],
        epcs: list[str],
        zero_unix_ms: int,
    ) -> None:
        self.window = Window()
        self.connected = False
        self.misunderstood = 0  # messages of the agent that were none
        self._boot = boot
        self._numbered_boot = ""
        self._first_seq = self._next_seq = 0
        self._epcs = epcs
        self._zero_unix_ms = zero_unix_ms
        self._topics, self._gateway = topics, gateway
        self._came: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._config: str | None = None
        self._families = families
        self._agent: tuple[bool, str] | None = None
        self._health_due_s = 0.0
        self._reads = 0
        self._client = self._make_client(broker)
        self._client.connect_async(broker.host, broker.port, KEEPALIVE_S)
        self._client.loop_start()

    def put(self, batch: SentBatch) -> None:
        """Take a batch to deliver.

        The link is one boot, whatever becomes of the simulated gateway behind it: batches of a
        new boot of that one are numbered on.
        """
        self._reads += sum(read[4] for read in batch.reads)
        if batch.boot != self._numbered_boot:
            self._numbered_boot, self._first_seq = batch.boot, self._next_seq
        seq = self._first_seq + batch.seq
        self._next_seq = max(self._next_seq, seq + 1)
        self.window.put(replace(batch, seq=seq))

    def step(self, up_s: float) -> None:
        """Take in what came, send what is due at `up_s` seconds after the boot."""
        while not self._came.empty():
            topic, payload = self._came.get()
            try:
                self._take(topic, payload)
            except msgspec.DecodeError:
                self.misunderstood += 1
        if not self.connected:
            return
        for batch in self.window.due(up_s):
            topic = self._topics.reads(self._gateway, self._boot, batch.seq)
            self._client.publish(topic, self._payload(batch, up_s), qos=1)
        if up_s >= self._health_due_s:
            self._health_due_s = up_s + HEALTH_S
            health = Health(
                v=VERSION,
                up=int(up_s * 1000),
                reads=self._reads,
                outbox=len(self.window),
                outbox_lost=self.window.dropped,
            )
            self._publish("health", msgspec.json.encode(health), qos=0)

    def close(self) -> None:
        """Say that it goes, and go."""
        offline = Status(v=VERSION, online=False, boot=self._boot)
        said = self._client.publish(self._status_topic(), msgspec.json.encode(offline), 1, True)
        if self.connected:
            said.wait_for_publish(1.0)
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self, broker: BrokerUrl) -> Client:
        client_id = f"rollcall-{self._topics.site}-{self._gateway}"
        client = Client(CallbackAPIVersion.VERSION2, client_id, True, protocol=MQTTv311)
        if broker.user:
            client.username_pw_set(broker.user, os.environ.get(PASSWORD_VARIABLE))
        if broker.tls:
            client.tls_set_context(ssl.create_default_context())
        will = Status(v=VERSION, online=False, boot=self._boot)
        client.will_set(self._status_topic(), msgspec.json.encode(will), qos=1, retain=True)
        client.reconnect_delay_set(1, RETRY_S)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self,
        client: Client,
        userdata: object,
        flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            return
        own = [self._topics.channel(self._gateway, "ack")]
        own += [self._topics.channel(self._gateway, "config"), self._topics.agent_status()]
        client.subscribe([(topic, 1) for topic in own])
        self._came.put((_CONNECTED, b""))

    def _on_disconnect(
        self,
        client: Client,
        userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._came.put((_GONE, b""))

    def _on_message(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        self._came.put((message.topic, bytes(message.payload)))

    def _take(self, topic: str, payload: bytes) -> None:
        if topic in (_CONNECTED, _GONE):
            self.connected = topic == _CONNECTED
            self.window.send_again()
            if self.connected:
                self._say_status()
        elif topic == self._topics.agent_status():
            agent = msgspec.json.decode(payload, type=AgentStatus)
            before, self._agent = self._agent, (agent.online, agent.boot)
            if agent.online and before is not None and before != self._agent:
                self.window.send_again()
        elif topic == self._topics.channel(self._gateway, "config"):
            self._config = hashlib.sha256(payload).hexdigest()[:16]
            self._say_status()
        else:
            for got in msgspec.json.decode(payload, type=Ack).got:
                if got.boot == self._boot:
                    self.window.confirm(got.first, got.last)

    def _say_status(self) -> None:
        status = Status(
            v=VERSION,
            online=True,
            boot=self._boot,
            hw=hashlib.sha256(self._gateway.encode()).hexdigest()[:12],
            firmware="simulated",
            readers=self._families,
            reset="power",
            config=self._config,
        )
        self._publish("status", msgspec.json.encode(status), qos=1, retain=True)

    def _publish(self, channel: Channel, payload: bytes, qos: int, retain: bool = False) -> None:
        self._client.publish(self._topics.channel(self._gateway, channel), payload, qos, retain)

    def _status_topic(self) -> str:
        return self._topics.channel(self._gateway, "status")

    def _payload(self, batch: SentBatch, up_s: float) -> bytes:
        reads = [
            WireRead(self._epcs[tag], antenna, rssi_dbm(rssi), first - batch.up_ms, n, span, peak)
            for tag, antenna, rssi, first, n, span, peak in batch.reads
        ]
        base = self.window.base()
        return msgspec.json.encode(
            Batch(
                v=VERSION,
                t=self._zero_unix_ms + batch.up_ms,
                up=batch.up_ms,
                sent=int(up_s * 1000),
                sync=batch.up_ms // 1000,
                base=batch.seq if base is None else base,
                looks={str(antenna): Looks(*looks) for antenna, looks in batch.looks.items()},
                reads=reads,
            )
        )
