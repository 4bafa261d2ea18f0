"""Stand-ins for a board, a module, a broker's client; they run on CPython and MicroPython."""

import asyncio
import json

from drivers.m100 import talk as m100_talk
from drivers.m100.frames import BB_7E, M100Parser, build

from tests.firmware.scripted import ScriptedPort, feed


def vectors(name):
    """The content of `tests/vectors/<name>.json`."""
    folder = __file__.rsplit("/", 2)[0]
    with open(folder + "/vectors/" + name + ".json") as file:
        return json.load(file)


class FakeClock:
    """Time that a test moves: `ms` since boot; `unix` is Unix ms at boot, None while not set."""

    def __init__(self, ms=0, unix=None):
        self.ms = ms
        self.unix = unix

    def up_ms(self):
        return self.ms

    def unix_ms(self, up=None):
        if self.unix is None:
            return None
        return self.unix + (self.ms if up is None else up)

    def sync_s(self):
        return None if self.unix is None else 12

    def set_unix_ms(self, now):
        self.unix = now - self.ms


class MemoryFiles:
    """A board's files as the dict `files`, name to bytes."""

    def read_file(self, name):
        return self.files.get(name)

    def write_file(self, name, data):
        self.files[name] = bytes(data)

    def read_into(self, name, buf):
        data = self.files[name][: len(buf)]
        buf[: len(data)] = data
        return len(data)

    def append_file(self, name, data):
        self.files[name] = self.files.get(name, b"") + bytes(data)

    def remove_file(self, name):
        self.files.pop(name, None)

    def list_files(self):
        return list(self.files)


class FakeBoard(MemoryFiles):
    """Files in memory, and random bytes that count up."""

    def __init__(self):
        self.files = {}

    def random_bytes(self, count):
        return bytes(range(1, count + 1))


class Sink:
    """Keeps what a driver hands over, and checks each record as it is valid: at once."""

    def __init__(self):
        self.records = []
        self.looks = []

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.records.append((bytes(buf[start : start + length]), antenna, rssi_tenths, at_ms))

    add = take  # as an intake's coalescer

    def looked(self, antenna, rounds, on_air_ms):
        self.looks.append((antenna, rounds, on_air_ms))


class FakeClient:
    """Keeps what is published. `accepts` False stands for a full queue."""

    def __init__(self):
        self.connected = True
        self.accepts = True
        self.published = []
        self._packet_id = 0

    def publish(self, topic, payload, qos=0, retain=False):
        if not (self.connected and self.accepts):
            return None
        self._packet_id += 1
        self.published.append((topic, payload))
        return self._packet_id

    def take(self):
        taken, self.published = self.published, []
        return taken


class ScriptedModule(ScriptedPort):
    """An M100 behind a port, as its manual has it: answers commands, polls what it was told to.

    `mute` makes it silent; `late` frames go out after the answer to a stop.
    """

    def __init__(self, framing=BB_7E, baud=115200):
        super().__init__(baud)
        self.framing = framing
        self.version = b"M100 V1.00"
        self.polling = False
        self.sees = []  # frames sent at each start of polling
        self.late = []
        self.answers = {}  # command -> params of the answer, or a code to fail with
        self.commands = []  # (command, params) understood
        self._parser = M100Parser(framing, self)
        self._region = b"\x00"
        self._power = b"\x07\xd0"
        self._query = b"\x10\x20"
        self._select = b""

    def heard(self, data):
        feed(self._parser, data)

    def frame(self, kind, command, start, length):
        params = bytes(self._parser.buf[start : start + length])
        self.commands.append((command, params))
        if command == 0x27:
            self.polling = True
            for frame in self.sees:
                self.send(frame)
            return
        answer = self.answers.get(command)
        if isinstance(answer, int):
            self.answer(0xFF, bytes([answer]))
            return
        if command == 0x07:
            self._region = params
        elif command == 0xB6:
            self._power = params
        elif command == 0x0E:
            self._query = params
        elif command == 0x0C:
            self._select = params
        if answer is None:
            held = {
                0x03: b"\x00" + self.version,
                0x08: self._region,
                0x0B: self._select,
                0x0D: self._query,
                0xB7: self._power,
            }
            answer = held.get(command, b"\x00")
        self.answer(0x0C if command == 0x12 else command, answer)
        if command == 0x28:
            self.polling = False
            for frame in self.late:
                self.send(frame)

    def answer(self, command, params):
        self.send(response(command, params, self.framing))


def run_scripted(coroutine):
    """Run what talks to a `ScriptedModule`: that one answers at once, so no probe need wait."""
    real, m100_talk._PROBE_S = m100_talk._PROBE_S, 0.05
    try:
        asyncio.run(coroutine)
    finally:
        m100_talk._PROBE_S = real


def response(command, params, framing=BB_7E):
    """A frame from the module: a response."""
    return _typed(1, command, params, framing)


def notice(epc, rssi_dbm=-55, pc=None, crc=None, framing=BB_7E):
    """A tag notice with the CRC that a real tag sends."""
    from drivers.crc16 import crc16

    pc = len(epc) // 2 << 11 if pc is None else pc
    body = bytes([pc >> 8, pc & 0xFF]) + epc
    crc = crc16(body, 0, len(body)) if crc is None else crc
    return _typed(2, 0x22, bytes([rssi_dbm & 0xFF]) + body + bytes([crc >> 8, crc & 0xFF]), framing)


def _typed(kind, command, params, framing):
    frame = bytearray(build(framing, command, params))
    frame[1] = kind
    frame[-2] = (frame[-2] + kind) & 0xFF
    return bytes(frame)
