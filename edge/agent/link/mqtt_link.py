"""One MQTT connection on the event loop: paho-mqtt does the protocol, asyncio the waiting.

A link is used for one connection and thrown away: the session is clean, so nothing of it is worth
keeping. It has no thread except while it connects, which paho can only do by blocking.
"""

import asyncio
import contextlib
import os
import ssl
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from edge.contracts.settings import MqttSettings

KEEPALIVE_S = 20
ANSWER_S = 10.0  # a broker that takes longer to answer is frozen
FAREWELL_S = 0.5  # what the broker has not taken by then is given up: the agent is to stop
# Packets read before other tasks have their turn: some 2 ms of work.
BURST = 64

OnMessage = Callable[[str, bytes, bool], None]


class LinkError(Exception):
    """The broker cannot be reached, refused the agent, or went away. Try again later."""


class Will(msgspec.Struct, frozen=True):
    """What the broker publishes, retained, when this connection breaks."""

    topic: str
    payload: bytes


class MqttLink:
    """One connection. `on_message(topic, payload, retained)` is called for each message."""

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str,
        on_message: OnMessage,
        will: Will | None = None,
    ) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settings = settings
        self._on_message = on_message
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._subscribed: dict[int, asyncio.Future[None]] = {}
        self._received = 0
        self._fd = -1  # kept apart: paho closes its socket inside a read
        self._written = asyncio.Event()
        self._written.set()
        self._client = self._make_client(client_id, will)

    async def connect(self) -> None:
        """Connect and wait until the broker agrees.

        Raises:
            LinkError: with one sentence on what is wrong.
        """
        await self._in_thread(self._connect_blocking)
        sock = self._client.socket()
        if sock is None:
            raise LinkError("the broker closed the connection at once")
        self._fd = sock.fileno()
        asyncio.get_running_loop().add_reader(self._fd, self._readable)
        await self._answer(self._connected, "the broker accepts connections but does not answer")

    async def subscribe(self, topics: Sequence[str]) -> None:
        """Subscribe at QoS 1 and wait until the broker agrees; raises `LinkError`."""
        result, mid = self._client.subscribe([(topic, 1) for topic in topics])
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS or mid is None:
            raise LinkError("the connection broke while subscribing")
        agreed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._subscribed[mid] = agreed
        self._flush()
        await self._answer(agreed, "the broker does not answer a subscription")

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Send; nothing is kept when the connection is gone."""
        if not self.lost.done():
            self._client.publish(topic, payload, qos, retain)
            self._flush()

    def keep_alive(self) -> None:
        """Ping when it is time, and notice a broker that no longer answers. Call each second."""
        if not self.lost.done():
            self._check(self._client.loop_misc())
            self._flush()

    async def close(self) -> None:
        """Take leave: the will is not published. Waits shortly for what is still to be sent."""
        if self._fd >= 0 and not self.lost.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._written.wait()
            self._client.disconnect()
            self._flush()
        self.abandon()

    def abandon(self) -> None:
        """Drop the connection without a word; the will, if there is one, is published."""
        self._fail(LinkError("closed"))

    def _make_client(self, client_id: str, will: Will | None) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=True,
            protocol=MQTTv311,
            reconnect_on_failure=False,
        )
        settings = self._settings
        client.connect_timeout = 5.0
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        if settings.username is not None:
            client.username_pw_set(settings.username, read_password(settings.password_file))
        if urlsplit(settings.url).scheme == "mqtts":
            try:
                client.tls_set_context(ssl.create_default_context(cafile=settings.ca))
            except OSError as error:
                raise LinkError(f"{settings.ca}: no usable certificate: {error}") from error
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_paho_message
        return client

    def _connect_blocking(self) -> None:
        parts = urlsplit(self._settings.url)
        default = 8883 if parts.scheme == "mqtts" else 1883
        self._client.connect(str(parts.hostname), parts.port or default, KEEPALIVE_S)

    async def _in_thread(self, work: Callable[[], None]) -> None:
        """Run in a daemon thread: a stop must not wait for a TCP timeout."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def settle(error: Exception | None) -> None:
            if done.done():  # the waiting task was cancelled
                self.abandon()
            elif error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def run() -> None:
            try:
                work()
            except (OSError, ValueError) as error:
                outcome: Exception | None = LinkError(str(error) or type(error).__name__)
            else:
                outcome = None
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
                loop.call_soon_threadsafe(settle, outcome)

        threading.Thread(target=run, name="mqtt-connect", daemon=True).start()
        await done

    async def _answer(self, answer: asyncio.Future[None], otherwise: str) -> None:
        done, _ = await asyncio.wait(
            {answer, self.lost}, timeout=ANSWER_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            self.abandon()
            raise LinkError(otherwise)
        for future in (answer, self.lost):
            if future in done:
                future.result()

    def _readable(self) -> None:
        try:
            for _ in range(BURST):
                before = self._received
                self._check(self._client.loop_read())
                if self.lost.done():
                    return
                if self._received == before and not self._pending():
                    break
            else:  # TLS may hold more that the loop does not see: come back
                asyncio.get_running_loop().call_soon(self._readable_again)
            self._flush()
        except Exception as error:  # noqa: BLE001 - paho hands on any bug of a callback; so do we
            self._fail(error)

    def _readable_again(self) -> None:
        if not self.lost.done():
            self._readable()

    def _pending(self) -> bool:
        sock = self._client.socket()
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    def _flush(self) -> None:
        """Send what paho holds, now or when the socket takes more."""
        if self.lost.done() or self._fd < 0:
            return
        if self._client.want_write():
            self._check(self._client.loop_write())
        if self._client.socket() is None:
            self._fail(LinkError("the connection to the broker broke"))
            return
        loop = asyncio.get_running_loop()
        if self._client.want_write() and self._written.is_set():
            self._written.clear()
            loop.add_writer(self._fd, self._flush)
        elif not self._client.want_write() and not self._written.is_set():
            self._written.set()
            loop.remove_writer(self._fd)

    def _check(self, result: MQTTErrorCode) -> None:
        if result not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN):
            self._fail(LinkError("the connection to the broker broke"))

    def _fail(self, error: Exception) -> None:
        if self._fd >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._fd)
            loop.remove_writer(self._fd)
            self._fd = -1
        sock = self._client.socket()
        if sock is not None:
            sock.close()
        if not self.lost.done():
            self.lost.set_exception(error)
            self.lost.exception()  # whoever waits gets it; unwaited it is no complaint

    def _on_connect(
        self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        if self._connected.done():
            return
        if reason.is_failure:
            self._connected.set_exception(LinkError(f"the broker refuses the agent: {reason}"))
        else:
            self._connected.set_result(None)

    def _on_subscribe(
        self, client: Client, userdata: Any, mid: int, reasons: Any, properties: Any
    ) -> None:
        agreed = self._subscribed.pop(mid, None)
        if agreed is None or agreed.done():
            return
        if any(reason.is_failure for reason in reasons):
            agreed.set_exception(LinkError("the broker refuses a subscription; see its ACL"))
        else:
            agreed.set_result(None)

    def _on_paho_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self._received += 1
        self._on_message(message.topic, bytes(message.payload), message.retain)


def read_password(file: Path | None) -> str | None:
    """Return the password from ROLLCALL_MQTT_PASSWORD or the file, never the command line.

    Raises:
        LinkError: the file cannot be read.
    """
    given = os.environ.get("ROLLCALL_MQTT_PASSWORD")
    if given is not None or file is None:
        return given
    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise LinkError(f"{file}: no password: {error.strerror}") from error
