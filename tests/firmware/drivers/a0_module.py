"""An A0 board behind a port, as its makers' demos have it: answers commands, plays rounds."""

import asyncio
import time

from drivers.a0 import driver as a0
from drivers.a0 import inventory as a0_inventory
from drivers.a0 import setup as a0_setup
from drivers.a0 import talk as a0_talk
from drivers.a0.frames import FAST_SWITCH, REAL_TIME, SESSION, A0Parser, build
from drivers.crc16 import crc16

from tests.firmware.fakes import Sink
from tests.firmware.scripted import ScriptedPort, feed


class A0Module(ScriptedPort):
    """`rounds` are the answers to the next inventories, each a list of frames; then comes
    `always`, or an empty round where that is None. `mute` makes it silent.
    """

    has_power = False

    def __init__(self, address=1, baud=115200, ports=4):
        super().__init__(baud)
        self.address = address
        self.ports = ports
        self.rounds = []
        self.always = None
        self.commands = []  # (command, data) understood
        self.frames = []  # as they came
        self.answers = {}  # command -> data of the answer; None: no answer
        self.flash_power = bytes((30,))
        self.region = b"\x01\x07\x3b"
        self.detector = 0
        self.work = 0
        self.match = b"\x01"
        self._parser = A0Parser(self)
        self.power = self.flash_power

    def heard(self, data):
        feed(self._parser, data)

    def frame(self, address, command, start, length):
        data = bytes(self._parser.buf[start : start + length])
        if address in (self.address, 0xFF):
            self.commands.append((command, data))
            self.frames.append(build(address, command, data))
            if REAL_TIME <= command <= SESSION:
                self._play(command)
            else:
                self._reply(command, data)
        return True

    def answer(self, command, data):
        self.send(build(self.address, command, data))

    def sent(self, command):
        """The data of each command of this code that came."""
        return [data for code, data in self.commands if code == command]

    def _play(self, command):
        frames = self.rounds.pop(0) if self.rounds else self.always
        for frame in [end(command)] if frames is None else frames:
            self.send(frame)

    def _reply(self, command, data):
        if command in self.answers:
            answer = self.answers[command]
            if answer is not None:
                self.answer(command, answer)
            return
        if command == 0x70:
            return
        self.answer(command, self._state(command, data))

    def _state(self, command, data):
        if command == 0x74:
            if data[0] >= self.ports:
                return b"\x47"
            self.work = data[0]
        elif command in (0x66, 0x76):
            self.power = data
        elif command == 0x78:
            self.region = data
        elif command == 0x62:
            self.detector = data[0]
        elif command == 0x85:
            self.match = data
        told = {
            0x72: b"\x08\x02",
            0x75: bytes((self.work,)),
            0x77: self.power,
            0x79: self.region,
            0x63: bytes((self.detector,)),
            0x7B: b"\x01\x23",
            0x86: self.match,
        }
        return told.get(command, b"\x10")


def record(epc, command=SESSION, port=0, rssi=0x60, frequency=4, phase=b"", pc=None, address=1):
    """A tag's frame in an inventory."""
    pc = len(epc) // 2 << 11 if pc is None else pc
    head = bytes((frequency << 2 | port & 3, pc >> 8, pc & 0xFF))
    return build(address, command, head + epc + bytes((rssi | port >> 2 << 7,)) + phase)


def end(command=SESSION, port=0, rate=0, total=0, took_ms=85, address=1):
    """The frame that closes an inventory."""
    if command == FAST_SWITCH:
        data = total.to_bytes(3, "big") + took_ms.to_bytes(4, "big")
    else:
        data = bytes((port,)) + rate.to_bytes(2, "big") + total.to_bytes(4, "big")
    return build(address, command, data)


def tag_reply(command, epc, data=b"", code=0x10, count=1, crc=None, address=1):
    """A tag's frame in answer to READ (with data), WRITE or LOCK (with a code)."""
    body = (len(epc) // 2 << 11).to_bytes(2, "big") + epc
    crc = crc16(body, 0, len(body)) if crc is None else crc
    body += crc.to_bytes(2, "big") + data
    last = len(data) if command == 0x81 else code
    head = count.to_bytes(2, "big") + bytes((len(body),))
    return build(address, command, head + body + bytes((last, 0, 1)))


class Waiting:
    """The driver's patience while it talks to this module, which answers at once."""

    PATIENCE = (
        (a0, "_PROBE_S", 0.1),
        (a0, "_LONGEST_MS", 200),
        (a0, "_BOOT_S", 0.04),
        (a0_talk, "_REPLY_S", 0.25),
        (a0_talk, "_TAGS_S", 0.25),
        (a0_setup, "_MASK_S", 0.1),
        (a0_inventory, "_SILENT_MS", 40),
        (a0_inventory, "_PATIENCE_MS", 120),
        (a0_inventory, "_PATIENCE_PORT_MS", 0),
        (a0_inventory, "_MUTE_MS", 300),
    )

    def __enter__(self):
        self._real = [getattr(module, name) for module, name, _ in self.PATIENCE]
        for module, name, value in self.PATIENCE:
            setattr(module, name, value)

    def __exit__(self, *error):
        for (module, name, _), value in zip(self.PATIENCE, self._real):  # noqa: B905
            setattr(module, name, value)


class RealClock:
    """Milliseconds since the test began."""

    def __init__(self):
        self._began = _ticks_ms()

    def up_ms(self):
        return _ticks_ms() - self._began


def _ticks_ms():
    if hasattr(time, "ticks_ms"):
        return time.ticks_ms()
    return int(time.monotonic() * 1000)


def driven(work, module=None, antennas=(1,)):
    """Run `work(driver, module, sink)` on an opened driver; returns (module, sink)."""
    module = module or A0Module()
    sink = Sink()

    async def scenario():
        driver = a0.A0(module, list(antennas), sink, RealClock())
        try:
            await driver.open()
            await work(driver, module, sink)
        finally:
            await driver.close()

    with Waiting():
        asyncio.run(scenario())
    return module, sink


def raised(work, kind, module=None, antennas=(1,)):
    """The error of this kind that `work` raises."""
    caught = []

    async def scenario(driver, module, sink):
        try:
            await work(driver, module, sink)
        except kind as error:
            caught.append(error)

    driven(scenario, module, antennas)
    assert caught, "nothing raised"
    return caught[0]
