"""A UHFReader18 or 288M behind a port as its manual has it, scripted; runs on both interpreters."""

from drivers.uhfreader18.frames import ANYBODY, build, crc_of

from tests.firmware.scripted import ScriptedPort

READER18, READER288M = 0x09, 0x0C
_PORTS = 4


def reply(command, status=0, data=b"", address=0):
    """A frame from the module."""
    frame = bytes([len(data) + 5, address, command, status]) + data
    crc = crc_of(frame, 0, len(frame))
    return frame + bytes([crc & 0xFF, crc >> 8])


def tags_18(epcs, status=1):
    """An inventory reply of a UHFReader18."""
    data = bytes([len(epcs)]) + b"".join([bytes([len(epc)]) + epc for epc in epcs])
    return reply(0x01, status, data)


def tags_288(records, port=1, status=1, address=0):
    """An inventory reply of a 288M; records are (EPC, RSSI in dBm[, TID])."""
    data = bytes([1 << (port - 1), len(records)])
    for record in records:
        tid = record[2] if len(record) > 2 else b""
        fast_id = 0x80 if tid else 0
        epc = record[0] + tid
        data += bytes([len(epc) | fast_id]) + epc + bytes([record[1] + 130])
    return reply(0x01, status, data, address)


class FakeUhf(ScriptedPort):
    """Answers commands from `answers` (command -> (status, data), or frames) or by itself.

    `sees` holds, for each port, the frames of its next inventories; a port without any has no
    tags. `mute` makes it silent.
    """

    def __init__(self, kind=READER288M, baud=57600, address=0):
        super().__init__(baud)
        self.kind = kind
        self.address = address
        self.answers = {}
        self.commands = []  # (command, data) understood
        self.sees = {}
        self.region = b"\x31\x80"
        self.powers = [30] * _PORTS
        self.ports = 1
        self.beep = 1
        self.scan = 10

    def heard(self, data):
        if data[1] not in (self.address, ANYBODY):
            return
        command, rest = data[2], data[3:-2]
        assert data == build(data[1], command, rest)
        self.commands.append((command, rest))
        answer = self.answers.get(command)
        if answer is None:
            answer = self._by_itself(command, rest)
        if isinstance(answer, tuple):
            answer = reply(0 if answer[0] == 0xFE else command, *answer, address=self.address)
        self.send(answer)

    def info(self):
        one = self.powers[0] if len(set(self.powers)) == 1 else 0xFF
        body = bytes([3, 1, self.kind, 2]) + self.region + bytes([one, self.scan])
        return body if self.kind == READER18 else body + bytes([self.ports, self.beep, 0, 0])

    def _by_itself(self, command, data):
        if command == 0x21:
            return 0, self.info()
        if command == 0x01:
            port = data[-2] & 0x7F if data else 0
            waiting = self.sees.get(port + 1)
            if waiting:
                return waiting.pop(0)
            return (1, b"\x00") if self.kind == READER18 else (1, bytes([1 << port, 0]))
        if command == 0x22:
            self.region = data
        elif command == 0x25:
            self.scan = data[0]
        elif command == 0x2F:
            self.powers = list(data) if len(data) > 1 else [data[0]] * _PORTS
        elif command == 0x94:
            return 0, bytes(self.powers)
        elif command == 0x40:
            self.beep = data[0]
        return 0, b""
