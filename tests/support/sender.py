"""A gateway's outbox as a script: sends a fixed list of batches until each is confirmed.

It keeps the rules of a gateway: in order at first, a window of unconfirmed batches, a batch is
freed when an `ack` names it and only then, what stays unconfirmed is sent again after a while, on
reconnecting, and when the agent comes online.
"""

import json
import threading
import time
from collections.abc import Sequence
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

WINDOW = 16
TICK_S = 0.02


class Sender:
    """One gateway's boot. `payloads[seq]` is what it has to say; use it as a context manager."""

    def __init__(
        self,
        port: int,
        site: str,
        gateway: str,
        boot: str,
        payloads: Sequence[dict[str, Any]],
        resend_s: float = 1.0,
        window: int = WINDOW,
    ) -> None:
        self.sent = 0
        self.acks: list[dict[str, Any]] = []
        self._port = port
        self._prefix = f"rollcall/{site}/{gateway}"
        self._agent_status = f"rollcall/{site}/agent/status"
        self._boot = boot
        self._payloads = list(payloads)
        self._resend_s = resend_s
        self._window = window
        self._lock = threading.Lock()
        self._held = set(range(len(payloads)))
        self._on_wire: dict[int, float] = {}
        self._agent_boot: str | None = None
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._client = self._make_client(f"rollcall-{site}-{gateway}")
        self._thread = threading.Thread(target=self._run, name=f"sender-{gateway}", daemon=True)

    @property
    def empty(self) -> bool:
        """Whether every batch was confirmed."""
        with self._lock:
            return not self._held

    @property
    def confirmed(self) -> int:
        """How many batches were confirmed."""
        with self._lock:
            return len(self._payloads) - len(self._held)

    def add(self, payloads: Sequence[dict[str, Any]]) -> None:
        """Have more to say."""
        with self._lock:
            self._held |= set(range(len(self._payloads), len(self._payloads) + len(payloads)))
            self._payloads += payloads

    def __enter__(self) -> Self:
        self._client.connect_async("127.0.0.1", self._port, keepalive=10)
        self._client.loop_start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5.0)
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self, client_id: str) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        client.reconnect_delay_set(1, 1)
        client.will_set(f"{self._prefix}/status", self._status(online=False), 1, retain=True)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        return client

    def _status(self, online: bool) -> bytes:
        status: dict[str, Any] = {"v": 1, "online": online, "boot": self._boot}
        if online:
            status |= {"hw": f"hw-{self._prefix[-8:]}", "firmware": "test", "reset": "power"}
        return json.dumps(status).encode()

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe([(f"{self._prefix}/ack", 0), (self._agent_status, 1)])
        client.publish(f"{self._prefix}/status", self._status(online=True), 1, retain=True)
        self._send_all_again()

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        said = json.loads(message.payload)
        if message.topic == self._agent_status:
            if said["online"] and said["boot"] != self._agent_boot:
                self._agent_boot = said["boot"]
                self._send_all_again()
            elif not said["online"]:
                self._agent_boot = None
            return
        self.acks.append(said)
        with self._lock:
            for boot, first, last in said["got"]:
                if boot == self._boot:
                    freed = set(range(first, last + 1))
                    self._held -= freed
                    for seq in freed:
                        self._on_wire.pop(seq, None)

    def _send_all_again(self) -> None:
        with self._lock:
            for seq in self._on_wire:
                self._on_wire[seq] = 0.0

    def _run(self) -> None:
        while not self._stop.wait(TICK_S):
            if self._client.is_connected():
                for seq in self._due():
                    self._send(seq)

    def _due(self) -> list[int]:
        now = time.monotonic()
        with self._lock:
            due = [seq for seq, at in self._on_wire.items() if now - at >= self._resend_s]
            for seq in sorted(self._held):
                if len(self._on_wire) >= self._window:
                    break
                if seq not in self._on_wire:
                    self._on_wire[seq] = now
                    due.append(seq)
            for seq in due:
                self._on_wire[seq] = now
            return due

    def _send(self, seq: int) -> None:
        with self._lock:
            base = min(self._held, default=seq)
        payload = self._payloads[seq] | {
            "base": min(base, seq),
            "sent": round((time.monotonic() - self._started) * 1000) + 10_000,
        }
        self._client.publish(
            f"{self._prefix}/reads/{self._boot}/{seq}", json.dumps(payload).encode(), 1
        )
        self.sent += 1
