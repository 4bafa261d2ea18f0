"""An MQTT 3.1.1 client for asyncio: QoS 0 and 1, publishing without waiting, a last will.

One connection at a time, with three tasks: one reads (never under a timeout, which could lose
bytes), one writes, one watches the pulse. The first of them to fail ends the connection. What
was published at QoS 1 is not sent again by this client: its caller knows better what still
matters after a break.
"""

import asyncio

from gateway import mqtt_packets as packets
from gateway.tasks import cancel

KEEPALIVE_S = 15
PING_MS = 6_000
SILENCE_MS = 15_000  # two pings unanswered: the link is dead
CONNECT_S = 10
BACKOFF_FIRST_MS = 500
BACKOFF_MOST_MS = 15_000
MOST_INCOMING = 8 * 1024  # a payload has at most 6 KiB
# Publishes not yet handed to the network. The uplink's window (16 KiB) fits with all else;
# beyond it `publish` refuses, and the caller keeps what it has. A small heap has room for less:
# a window sent twice over, because link and agent are both new, must not fill it.
MOST_OUTGOING = 64 * 1024


class LinkDown(Exception):
    """The connection is over; the text says why."""


class Client:
    """Keeps one connection to a broker.

    `listener` has `link_up()`, `link_down(why)`, `message(topic, payload, retained)`,
    `published(packet_id)` and `failed(error)` (a bug of ours), all called without waiting.
    `random_bytes(n)` spreads the retries.
    """

    def __init__(self, settings, listener, clock, random_bytes, most_outgoing=MOST_OUTGOING):
        self.settings = settings
        self._listener = listener
        self._clock = clock
        self._random_bytes = random_bytes
        self._most_outgoing = most_outgoing
        self._outgoing = []
        self._outgoing_bytes = 0
        self._wake_writer = asyncio.Event()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()  # the connection has failed, or is to be stopped
        self._awake = asyncio.Event()
        self._awake.set()
        self._closed = asyncio.Event()  # no connection is open, nor being opened
        self._closed.set()
        self._why = None  # how it failed
        self._packet_id = 0
        self._heard_ms = 0
        self._greeted = asyncio.Event()
        self._reader = packets.PacketReader(MOST_INCOMING)
        self.connected = False
        self.connections = 0

    def publish(self, topic, payload, qos=0, retain=False):
        """Queue a message. Returns its packet id (0 at QoS 0), or None: not connected, or full."""
        size = len(payload)
        room = self._most_outgoing - self._outgoing_bytes
        if not self.connected or (size > room and self._outgoing):
            return None
        packet_id = self._next_packet_id() if qos else 0
        self._queue(packets.publish(topic, payload, qos, retain, packet_id))
        return packet_id

    async def run(self):
        """Connect, and connect again, until `stop()`."""
        failures = 0
        while not self._stop.is_set():
            self._closed.clear()
            try:
                await self._connection()
                self.connected = False
            except (OSError, LinkDown, packets.ProtocolError, asyncio.TimeoutError) as error:
                failures = 0 if self.connected else failures + 1
                self.connected = False
                self._listener.link_down(_in_words(error) or "timed out")
            self._closed.set()
            await self._pause(self._backoff_ms(failures))
            await self._awake.wait()

    def stop(self):
        """Let `run` send what is queued, disconnect and return."""
        self._stop.set()
        self._ended.set()
        self._awake.set()

    async def rest(self):
        """Hang up in order and stay away until `wake()`: TLS memory for two is not there."""
        self._awake.clear()
        self._ended.set()
        await self._closed.wait()

    def wake(self):
        self._awake.set()

    async def _connection(self):
        """One connection, from opening to its end; returns when `stop` ended it in order."""
        settings = self.settings
        self._ended.clear()
        self._greeted.clear()
        self._why = None
        self._outgoing = []
        self._outgoing_bytes = 0
        self._reader = packets.PacketReader(MOST_INCOMING)
        # The name is resolved anew each time: the Pi's address may have changed.
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(settings.host, settings.port, ssl=settings.tls), CONNECT_S
        )
        tasks = []
        try:
            self._heard_ms = self._clock.up_ms()
            self._queue(
                packets.connect(
                    settings.client_id,
                    KEEPALIVE_S,
                    settings.user,
                    settings.password,
                    settings.will,
                )
            )
            for work in (self._read(reader), self._write(writer), self._watch_pulse()):
                tasks.append(asyncio.create_task(self._guard(work)))
            await asyncio.wait_for(self._greeted.wait(), CONNECT_S)
            if self._why is None:
                self._start_session()
                if not self._stop.is_set():
                    await self._ended.wait()
            if self._why is not None:
                raise LinkDown(self._why)
            self._queue(packets.DISCONNECT_BYTES)
            await asyncio.wait_for(self._drained(), 1)
        finally:
            for task in tasks:
                await cancel(task)
            writer.close()
            try:
                await writer.wait_closed()
            except OSError:  # it is closed all the more
                pass

    async def _drained(self):
        while self._outgoing and self._why is None:
            await asyncio.sleep(0.01)

    def _start_session(self):
        self.connected = True
        self.connections += 1
        if self.settings.topics:
            self._queue(packets.subscribe(self._next_packet_id(), self.settings.topics))
        self._listener.link_up()

    async def _guard(self, work):
        try:
            await work
        except (OSError, LinkDown, packets.ProtocolError) as error:
            self._fail(_in_words(error) or "the link failed")
        except ValueError as error:  # how an ESP32 says that it does not trust a certificate
            if self._greeted.is_set() or not self.settings.tls:
                self._listener.failed(error)
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - reported, and the link begins anew
            self._listener.failed(error)
            self._fail(repr(error))

    def _fail(self, why):
        self._why = why
        self._ended.set()
        self._greeted.set()

    async def _read(self, reader):
        while True:
            data = await reader.read(1024)
            if not data:
                raise LinkDown("closed by the broker")
            self._heard_ms = self._clock.up_ms()
            for kind, flags, body in self._reader.feed(data):
                self._packet(kind, flags, body)

    async def _write(self, writer):
        """The only one that writes: MicroPython's drain drops what is added while it waits."""
        while True:
            if not self._outgoing:
                self._wake_writer.clear()
                await self._wake_writer.wait()
            packet = self._outgoing[0]
            writer.write(packet)
            await writer.drain()
            self._outgoing.pop(0)
            self._outgoing_bytes -= len(packet)

    async def _watch_pulse(self):
        pinged = self._clock.up_ms()
        while True:
            await asyncio.sleep(1)
            now = self._clock.up_ms()
            if now - self._heard_ms >= SILENCE_MS:
                raise LinkDown("the broker has been silent for {} s".format(SILENCE_MS // 1000))
            if self.connected and now - pinged >= PING_MS:
                pinged = now
                self._queue(packets.PINGREQ_BYTES)

    def _packet(self, kind, flags, body):
        if kind == packets.CONNACK:
            if len(body) != 2 or body[1]:
                raise LinkDown("the broker refuses: " + _refusal(body))
            self._greeted.set()
        elif kind == packets.PUBLISH:
            topic, payload, qos, retained, packet_id = packets.parse_publish(flags, body)
            if qos:
                self._queue(packets.puback(packet_id))
            self._listener.message(topic, payload, retained)
        elif kind == packets.PUBACK and len(body) == 2:
            self._listener.published(body[0] << 8 | body[1])
        elif kind == packets.SUBACK and 0x80 in body[2:]:
            raise LinkDown("the broker refuses a subscription")

    def _queue(self, packet):
        self._outgoing.append(packet)
        self._outgoing_bytes += len(packet)
        self._wake_writer.set()

    def _next_packet_id(self):
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id

    async def _pause(self, most_ms):
        """Wait so long, or until `stop`."""
        try:
            await asyncio.wait_for(self._stop.wait(), most_ms / 1000)
        except asyncio.TimeoutError:
            pass

    def _backoff_ms(self, failures):
        """Half to all of a wait that doubles with each failure, up to 15 s."""
        longest = min(BACKOFF_FIRST_MS << min(failures, 5), BACKOFF_MOST_MS)
        return longest // 2 + longest // 2 * self._random_bytes(1)[0] // 255


class MqttSettings:
    """Where and as whom to connect. `will` is (topic, payload); `topics` are subscribed to."""

    def __init__(self, host, port, client_id, topics, will, user=None, password=None, tls=None):
        self.host = host
        self.port = port
        self.client_id = client_id
        self.topics = topics
        self.will = will
        self.user = user
        self.password = password
        self.tls = tls


_UNTRUSTED = -9984  # MBEDTLS_ERR_X509_CERT_VERIFY_FAILED, where the port has no words for it


def _in_words(error):
    if error.args and error.args[0] == _UNTRUSTED:
        return "its certificate is not of our authority, expired, or for another name"
    return str(error)


_REFUSALS = {1: "protocol version", 2: "client id", 3: "unavailable", 4: "wrong user or password"}


def _refusal(body):
    code = body[1] if len(body) == 2 else -1
    return _REFUSALS.get(code, "not authorised" if code == 5 else "code {}".format(code))
