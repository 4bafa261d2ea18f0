"""Somebody on a secured broker, as paho does it."""

import ssl
import threading
from pathlib import Path

from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

WAIT_S = 10.0


class Person:
    """Somebody on the broker: what came, and what the broker answered to the connection."""

    def __init__(
        self, port: int, ca: Path | None, user: str | None, password: str | None, claims: str = ""
    ):
        """`claims`: the client id it gives itself."""
        self.heard: list[str] = []
        self.refused: str | None = None
        self.lost = 0  # connections
        self._let_in = threading.Event()
        self._agreed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, claims, protocol=MQTTv311)
        self._client.connect_timeout = WAIT_S
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._gone
        self._client.on_message = lambda _client, _data, message: self.heard.append(message.topic)
        self._client.on_subscribe = lambda *_: self._agreed.set()
        if user is not None:
            self._client.username_pw_set(user, password)
        if ca is not None:
            self._client.tls_set_context(ssl.create_default_context(cafile=ca))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._let_in.wait(WAIT_S)

    def hear(self, *topics: str) -> None:
        self._agreed.clear()
        self._client.subscribe([(topic, 1) for topic in topics])
        assert self._agreed.wait(WAIT_S)

    def say(self, topic: str, retain: bool = False, payload: bytes = b"{}") -> None:
        """Publish, and return once the broker has taken it (it does not say whether it dropped)."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(WAIT_S)

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: object, data: object, flags: object, reason: object, _: object):
        self.refused = str(reason) if reason.is_failure else None  # type: ignore[attr-defined]
        self._let_in.set()

    def _gone(self, *_: object) -> None:
        self.lost += 1
