"""On MicroPython: how fast batches leave for a broker, confirmed; see `gateway.py` above.

Both clients make each payload anew from the same packed batch. Prints a JSON object.
"""

import asyncio
import gc
import json
import time

import board.compact  # noqa: F401 - first, as in the firmware
from board.here import TICKS_PERIOD
from gateway.clock import Clock
from gateway.encode import reads_payload
from gateway.inbox import Inbox
from gateway.mqtt import Client, MqttSettings
from gateway.outbox import Outbox
from gateway.packed import pack
from gateway.uplink import Uplink

SITE, GATEWAY = "bench", "gw-0"
_READS = "rollcall/" + SITE + "/" + GATEWAY + "/reads/"
_HELD = 24  # batches: the window, and some that wait
_TICK_S = 0.05  # as in main.py
_LOOKS = 10  # at the heap in a run: a collection takes longer than a message


def batch(reads):
    """A packed batch of so many reads, of ten tags on two antennas."""
    epcs = [bytes.fromhex("3414257BF4") + bytes(6) + bytes([at]) for at in range(10)]
    found = [(epcs[at % 10], 1 + at % 2, -575 - at, 10 * at, 3, 30, 10) for at in range(reads)]
    return pack(1000, {1: (14, 980), 2: (13, 910)}, found, [])


class Heap:
    """The most that was alive above what was before, looked at now and then."""

    def __init__(self, messages):
        self._each = max(messages // _LOOKS, 1)
        gc.collect()
        self._before = gc.mem_alloc()
        self._count = 0
        self.most = 0

    def look(self):
        self._count += 1
        if self._count % self._each == 0:
            gc.collect()
            self.most = max(self.most, gc.mem_alloc() - self._before)


class Ours:
    """The firmware's outbox, uplink and client, wired as in main.py."""

    def __init__(self, port, boot, packed, messages, broker_confirms, window, outgoing):
        self._packed = packed
        self._left = messages
        self._broker_confirms = broker_confirms
        self._heap = Heap(messages)
        self._done = asyncio.Event()
        self._began = None
        self._error = None
        clock = Clock(time.ticks_ms, TICKS_PERIOD)
        self._outbox = Outbox(boot, 64 * 1024, clock)
        settings = MqttSettings("127.0.0.1", port, "bench-" + boot, [], None)
        self._client = Client(settings, self, clock, bytes, outgoing)
        self._uplink = Uplink(self._outbox, self._client, clock, _READS, broker_confirms, window)
        self._inbox = Inbox(SITE, GATEWAY, clock, self._uplink, None, lambda _: None, print)
        if not broker_confirms:
            settings.topics = self._inbox.topics

    async def run(self):
        running = asyncio.create_task(self._client.run())
        while not self._done.is_set():
            self._go_on()
            await asyncio.sleep(_TICK_S)
        if self._error:
            raise self._error
        self._client.stop()
        await running
        return {"ms": self._ms, "heap": self._heap.most, "connections": self._client.connections}

    def link_up(self):
        self._began = time.ticks_ms()
        self._go_on()

    def link_down(self, why):
        self.failed(OSError(why))

    def failed(self, error):
        self._error = error
        self._done.set()

    def message(self, topic, payload, retained):
        self._inbox.message(topic, payload, retained)
        self._go_on()

    def published(self, packet_id):
        self._uplink.broker_acked(packet_id)
        if self._broker_confirms:
            self._go_on()

    def _go_on(self):
        if self._began is None or self._done.is_set():
            return
        while self._left and len(self._outbox.entries) < _HELD:
            self._outbox.put(self._packed)
            self._heap.look()
            self._left -= 1
        self._uplink.step()
        if not self._outbox.entries:
            self._ms = time.ticks_diff(time.ticks_ms(), self._began)
            self._done.set()


def ours(port, boot, reads, messages, broker_confirms, window, outgoing):
    """Send so many batches, and print how long it took until the last was confirmed."""
    gateway = Ours(port, boot, batch(reads), messages, broker_confirms, window, outgoing)
    print(json.dumps(asyncio.run(gateway.run())))


def umqtt(port, boot, reads, messages):
    """The same by umqtt.simple, which waits for each PUBACK."""
    from umqtt.simple import MQTTClient

    heap = Heap(messages)
    packed = batch(reads)
    client = MQTTClient("bench-" + boot, "127.0.0.1", port)
    client.connect()
    began = time.ticks_ms()
    for seq in range(messages):
        payload = reads_payload(packed, None, 1000 + seq, None, seq)
        client.publish(_READS + boot + "/" + str(seq), payload, qos=1)
        heap.look()
    ms = time.ticks_diff(time.ticks_ms(), began)
    client.disconnect()
    print(json.dumps({"ms": ms, "heap": heap.most, "connections": 1}))
