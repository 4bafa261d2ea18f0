"""An M6e behind a port as its reference has it, scripted; runs on CPython and MicroPython."""

from drivers.crc16 import crc16
from drivers.m6e.frames import build, frame_crc

from tests.firmware.scripted import ScriptedPort

METADATA = 0x0016  # RSSI, antenna, timestamp
KEEP_ALIVE = bytes.fromhex("FF0022040084E0")
TEMPERATURE = bytes.fromhex("FF0A22000000031B0282008200011DB771")

_FIXED = {0x23: b"", 0x24: b"", 0x25: b"", 0x2A: b"", 0x72: b"\x23"}


def reply(op, data=b"", status=0):
    """A frame from the module."""
    frame = bytearray(len(data) + 7)
    frame[0] = 0xFF
    frame[1] = len(data)
    frame[2] = op
    frame[3] = status >> 8
    frame[4] = status & 0xFF
    frame[5 : 5 + len(data)] = data
    crc = frame_crc(frame, 1, len(data) + 4)
    frame[-2] = crc >> 8
    frame[-1] = crc & 0xFF
    return bytes(frame)


def tag_bits(epc, crc=None, xpc=b"", pc=None):
    """The number of bits, PC, XPC words, EPC and CRC, as at the end of every record."""
    pc = len(epc + xpc) // 2 << 11 | (0x0200 if xpc else 0) if pc is None else pc
    body = bytes([pc >> 8, pc & 0xFF]) + xpc + epc
    crc = crc16(body, 0, len(body)) if crc is None else crc
    bits = 8 * len(body) + 16
    return bytes([bits >> 8, bits & 0xFF]) + body + bytes([crc >> 8, crc & 0xFF])


def record(epc, rssi_dbm=-55, port=1, time_ms=0, crc=None, xpc=b"", pc=None):
    """RSSI, antenna, timestamp and the tag."""
    head = bytes([rssi_dbm & 0xFF, (port & 15) * 0x11]) + time_ms.to_bytes(4, "big")
    return head + tag_bits(epc, crc, xpc, pc)


def streamed(epc, rssi_dbm=-55, port=1, time_ms=0, crc=None, xpc=b"", pc=None):
    """A tag report of continuous reading."""
    head = bytes([0x10, 0, 0x1B, METADATA >> 8, METADATA & 0xFF, 1])
    return reply(0x22, head + record(epc, rssi_dbm, port, time_ms, crc, xpc, pc))


class ScriptedM6e(ScriptedPort):
    """An M6e behind a port: answers commands, reports what it was told while it reads.

    `mute` makes it silent; `sees` goes out at each start of reading, `late` between a stop and
    its reply. `answers` maps an opcode to data, or to a status to refuse with.
    """

    VERSION = bytes.fromhex("1412080030000002201612130107010200000010")

    def __init__(self, baud=115200, regions="0D0E04050608090B0CFF", silion=False):
        super().__init__(baud)
        self.asleep = False
        self.reading = False
        self.in_boot_loader = False
        self.sees = []
        self.late = []
        self.buffer = []  # records that a single inventory finds
        self.answers = {}
        self.commands = []  # (op, data) understood
        self._regions = bytes.fromhex(regions)
        self._hardware = bytes.fromhex("A3000001") if silion else self.VERSION[4:8]
        # By the command that asks for it, and its data; what sets it has an opcode 30 higher.
        self._kept = {(0x62, b""): b"\x08\xfc", (0x64, b""): b"\x08\xfc"}
        for option in (b"\x01\x0c\x01", b"\x01\x09\x01", b"\x01\x03\x00"):
            self._kept[0x6A, option[:2]] = option
        self._in = b""

    def heard(self, data):
        if self.asleep:
            self.asleep = data.count(b"\xff") < 16
            return
        self._in += data
        self._understand()

    def _understand(self):
        while self._in:
            if len(self._in) > 1 and self._in[:1] == b"\xff" and self._in[1] < 255:
                total = self._in[1] + 5
                if len(self._in) < total:
                    return
                frame, self._in = self._in[:total], self._in[total:]
                assert build(frame[2], frame[3:-2]) == frame, frame
                self._do(frame[2], frame[3:-2])
            elif len(self._in) == 1:
                return
            else:
                self._in = self._in[1:]

    def _do(self, op, data):
        self.commands.append((op, data))
        if op == 0x2F:
            self._continuous(data)
            return
        answer = self.answers.get(op)
        if isinstance(answer, int):
            self.send(reply(op, b"", answer))
        else:
            self.send(reply(op, self._answer(op, data) if answer is None else answer))

    def _continuous(self, data):
        status = self.answers.get(0x2F, 0)
        if data[:3] == b"\x00\x00\x02":
            self.reading = False
            self.send(*self.late)
            self.send(reply(0x2F, b"\x02"))
        elif status:
            self.send(reply(0x2F, b"", status))
        else:
            self.reading = True
            self.send(reply(0x2F))
            self.send(*self.sees)

    def _answer(self, op, data):
        if op in _FIXED:
            return _FIXED[op]
        if op == 0x03 or op == 0x04:
            self.in_boot_loader = self.in_boot_loader and op == 0x03
            return self.VERSION[:4] + self._hardware + self.VERSION[8:]
        if op == 0x0C:
            return b"\x51" if self.in_boot_loader else b"\x52"
        if op == 0x71:
            return self._regions
        if op == 0x62 or op == 0x64:
            return data + self._kept[op, b""] + (b"\x0a\x8c\x00\x00" if data == b"\x01" else b"")
        if op == 0x29:
            taken, self.buffer = self.buffer[:2], self.buffer[2:]
            return data[:3] + bytes([len(taken)]) + b"".join(taken)
        if op == 0x22:
            return data[:3] + len(self.buffer).to_bytes(4, "big")
        if op < 0x90:
            return self._kept[op, data]
        key = {0x91: data[:1], 0x9A: data[:2], 0x9B: data[:2]}.get(op, b"")
        self._kept[op - 0x30, key] = data
        return b""
