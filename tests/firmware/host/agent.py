"""A stand-in for the agent: keeps every batch of one gateway, and confirms when it is told to."""

import json
import threading
import time
from collections import Counter
from typing import Self

import paho.mqtt.client as paho

from edge.contracts.wire import Batch, decode_batch

SITE, GATEWAY = "lincoln", "gw-d101"
OWN = f"rollcall/{SITE}/{GATEWAY}/"

Name = tuple[str, int]  # boot and seq


class FakeAgent:
    """Subscribes to a gateway's channels on a real broker; `confirming` may be switched."""

    def __init__(self, port: int, confirming: bool = True) -> None:
        self.confirming = confirming
        self.batches: dict[Name, Batch] = {}
        self.arrivals: list[Name] = []
        self.others: list[tuple[str, dict[str, object]]] = []
        self.lock = threading.Lock()
        self._port = port
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, "an-agent")
        self._connections = 0
        self._client.on_connect = self._begin
        self._client.on_message = self._take
        self._client.reconnect_delay_set(0.1, 0.2)

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def confirm(self, *ranges: tuple[str, int, int]) -> None:
        now = int(time.time() * 1000)
        self.publish(OWN + "ack", {"v": 1, "agent": "x", "now": now, "got": ranges})

    def says_it_is(self, boot: str, retain: bool = False) -> None:
        status = {"v": 1, "online": True, "id": "x", "boot": boot}
        self.publish(f"rollcall/{SITE}/agent/status", status, retain)

    def publish(self, topic: str, fields: object, retain: bool = False) -> None:
        self._client.publish(topic, json.dumps(fields), 1, retain)

    def repeats(self) -> list[Name]:
        """Names that arrived more than once."""
        with self.lock:
            return [name for name, count in Counter(self.arrivals).items() if count > 1]

    def sum_n(self) -> int:
        with self.lock:
            return sum(read.n for batch in self.batches.values() for read in batch.reads)

    def seqs(self) -> list[int]:
        with self.lock:
            return sorted(seq for _, seq in self.batches)

    def said(self, channel: str) -> list[dict[str, object]]:
        with self.lock:
            return [fields for name, fields in self.others if name == channel]

    def _begin(self, client: paho.Client, *_: object) -> None:
        self._connections += 1
        client.subscribe(OWN + "+/#", 1)
        self.says_it_is(f"connection {self._connections}", retain=True)

    def _take(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        words = message.topic.removeprefix(OWN).split("/")
        if words[0] == "reads":
            batch, bad = decode_batch(message.payload)
            assert not bad
            name = (words[1], int(words[2]))
            with self.lock:
                self.arrivals.append(name)
                assert self.batches.setdefault(name, batch).reads == batch.reads
            if self.confirming:
                self.confirm((name[0], name[1], name[1]))
        elif words[0] not in ("ack", "config", "cmd"):
            with self.lock:
                self.others.append((words[0], json.loads(message.payload)))
