"""On MicroPython: what a family's driver does with the bytes of its module; see `drivers.py`.

Listens to a module for a while and keeps the bytes; then, with the driver waiting for more in the
middle of a slot, gives it the same bytes again and again. Prints a JSON object.
"""

import asyncio
import gc
import json
import time

import board.compact  # noqa: F401 - first, as in the firmware
from board.host_ports import TcpPort
from drivers.families import driver_of
from drivers.reader import Radio

_CHUNK = 64  # what a board's UART hands over at a time
_SLOT_MS = 100


class Sink:
    """Counts records and keeps nothing; `heard` is set by each record while `listening`."""

    def __init__(self):
        self.records = 0
        self.listening = False
        self.heard = asyncio.Event()

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.records += 1
        if self.listening:
            self.heard.set()

    def looked(self, antenna, rounds, on_air_ms):
        pass


class Clock:
    def up_ms(self):
        return time.ticks_ms()


class TappedPort(TcpPort):
    """Keeps the first bytes that come once `tapping`."""

    def __init__(self, address, size):
        super().__init__(address)
        self.tapped = bytearray(size)
        self.count = 0
        self.tapping = False

    @property
    def is_full(self):
        return self.count == len(self.tapped)

    async def readinto(self, view):
        count = await super().readinto(view)
        if self.tapping:
            kept = min(count, len(self.tapped) - self.count)
            for place in range(kept):
                self.tapped[self.count + place] = view[place]
            self.count += kept
        return count


class Copying:
    """The least a parser could do: nothing."""

    def __init__(self):
        self._view = memoryview(bytearray(_CHUNK))

    def space(self):
        return self._view

    def feed(self, count):
        pass


def run(family, address, antennas, size, passes):
    asyncio.run(_run(family, address, antennas, size, passes))


async def _run(family, address, antennas, size, passes):
    sink = Sink()
    port = TappedPort(address, size)
    driver = driver_of(family)(port, antennas, sink, Clock())
    await driver.open()
    await driver.configure(Radio("US", dict.fromkeys(antennas, 20)))
    port.tapping = True
    while not port.is_full:
        await driver.stream(_SLOT_MS)
    port.tapping = False
    sink.listening = True
    streaming = asyncio.create_task(driver.stream(_SLOT_MS))
    await sink.heard.wait()  # the driver now waits for what else its module hears
    sink.listening = False
    result = measure(driver, sink, port.tapped, passes)
    streaming.cancel()
    print(json.dumps(result))


def measure(driver, sink, data, passes):
    """For one pass over the whole frames: microseconds, the best of `passes`, and records; and the
    bytes of heap that all passes took."""
    parser, copying = driver._parser, Copying()
    size = whole_frames(parser, data)
    parsing_us = copying_us = 1 << 29
    gc.collect()
    gc.disable()
    before, heap = sink.records, gc.mem_alloc()
    for _ in range(passes):
        began = time.ticks_us()
        feed(parser, data, size)
        parsing_us = min(parsing_us, time.ticks_diff(time.ticks_us(), began))
    heap = gc.mem_alloc() - heap
    records = sink.records - before
    for _ in range(passes):
        began = time.ticks_us()
        feed(copying, data, size)
        copying_us = min(copying_us, time.ticks_diff(time.ticks_us(), began))
    gc.enable()
    return {
        "records": records // passes,
        "bytes": size,
        "heap_per_record": heap / records,
        "parsing_us": parsing_us,
        "copying_us": copying_us,
        "damaged": driver.crc_errors,
        "free": gc.mem_free(),
    }


def whole_frames(parser, data):
    """How many of the bytes are whole frames; also the first pass, which may still allocate."""
    size = 0
    for at in range(len(data)):
        parser.space()[0] = data[at]
        parser.feed(1)
        if parser._start == parser._end:
            size = at + 1
    parser.forget()
    return size


def feed(parser, data, size):
    at = 0
    while at < size:
        view = parser.space()
        count = min(_CHUNK, size - at)
        for place in range(count):
            view[place] = data[at + place]
        parser.feed(count)
        at += count
