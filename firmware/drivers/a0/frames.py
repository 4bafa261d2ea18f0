"""Frames of the A0 family: building commands, a parser, and what a frame of an inventory is.

A0 LEN ADDRESS CMD data CHK; LEN counts the bytes behind it, all bytes of a frame sum to 0 mod
256. Commands and replies look alike, nothing is escaped, and A0 occurs in data. So weak a sum
lets every 256th piece of noise pass; what the bytes of a frame say of each other stands beside it.
"""

from drivers.framing import FrameParser

BROADCAST = 0xFF  # every module listens to it and answers from its own address
REAL_TIME, FAST_SWITCH, SESSION = 0x89, 0x8A, 0x8B  # the inventories, with the same records

RECORD, END, FAULT, NONSENSE = 1, 2, 3, 0

_HEAD = 0xA0
_AROUND = 5  # bytes of a frame around its data
# The longest reply: count, length, PC, EPC of 31 words, CRC, 32 words of memory, three bytes.
_MAX_DATA = 3 + 2 + 62 + 2 + 64 + 3
_END_FRAME = 12
_PORTS = 8
_FREQUENCIES = 60


def build(address, command, data=b""):
    """A frame as bytes."""
    frame = bytearray(len(data) + _AROUND)
    frame[0] = _HEAD
    frame[1] = len(data) + 3
    frame[2] = address
    frame[3] = command
    frame[4:-1] = data
    frame[-1] = -sum(frame) & 0xFF
    return bytes(frame)


class A0Parser(FrameParser):
    """Finds frames; `handler.frame(address, command, start, length)` gets each.

    The frame's data is `buf[start:start + length]` during that call. What the handler returns is
    the second check: False where the data cannot be what such a frame carries, or comes from
    another address; then the search goes on inside it.
    """

    def __init__(self, handler):
        super().__init__(_MAX_DATA + _AROUND + 2)
        self._handler = handler
        self._waits = True  # for the bytes behind a frame that may end in the head of the next

    def _measure(self, start, have):
        buf = self.buf
        if buf[start] != _HEAD:
            return -1
        if have < 2:
            return 0
        length = buf[start + 1]
        if not 3 <= length <= _MAX_DATA + 3:
            return -1
        total = length + 2
        if have >= total and self._may_end_in_a_head(start, total):
            if have < total + 3:
                return 0 if self._waits else total
            if self._is_next_head(start, total):
                return -1
        return total

    def settle(self):
        self._waits = False
        super().settle()
        self._waits = True

    def resync(self):
        before = self._start
        self._waits = False  # a whole record at the head needs nothing behind it any more
        self._scan(False)
        self._waits = True
        if self._start == before:
            super().resync()

    # A record that lost a byte A0 has the right sum with the head of the next frame behind it, and
    # would be a tag that is not. Behind a record there always is a frame: its end at the last.

    def _may_end_in_a_head(self, start, total):
        buf = self.buf
        inventory = REAL_TIME <= buf[start + 3] <= SESSION
        return buf[start + total - 1] == _HEAD and inventory and total > _END_FRAME

    def _is_next_head(self, start, total):
        buf = self.buf
        same_module = buf[start + total + 1] == buf[start + 2]
        return same_module and buf[start + total + 2] == buf[start + 3]

    def _take(self, start, total):
        buf = self.buf
        check = 0
        for at in range(start, start + total):
            check += buf[at]
        if check & 0xFF:
            return False
        return self._handler.frame(buf[start + 2], buf[start + 3], start + 4, total - _AROUND)


def kind(buf, command, start, length):
    """What a frame of an inventory is: RECORD, END, FAULT, or NONSENSE where nothing fits.

    RECORD  frequency and antenna, PC, EPC, RSSI; two bytes of phase behind them on newer
            firmware that was asked for it. Only the PC's length tells whether they are there.
    END     antenna, rate u16, total u32; of 8A: total u24, milliseconds u32. No round has 16
            million records, so the fourth byte is 0 in both.
    FAULT   a code; of 8A also port and code, and then the next port follows.
    """
    if length == 1:
        return FAULT
    if length == 2:
        return FAULT if command == FAST_SWITCH and buf[start] < _PORTS else NONSENSE
    if length == 7:  # no record: EPC and phase are of even length
        ended = buf[start + 3] == 0 and (command == FAST_SWITCH or buf[start] < _PORTS)
        return END if ended else NONSENSE
    if length < 4 or buf[start] >> 2 >= _FREQUENCIES:
        return NONSENSE
    phase = length - 4 - epc_length(buf, start + 1)
    return RECORD if phase == 0 or phase == 2 else NONSENSE


def epc_length(buf, pc_at):
    """Bytes of the EPC that the PC word at `buf[pc_at]` announces."""
    return buf[pc_at] >> 3 << 1


def port_of(frequency_and_port, rssi):
    """The 0-based port of a record: two bits, and the RSSI's top bit on modules with eight."""
    return frequency_and_port & 3 | (rssi & 0x80) >> 5


def rssi_tenths(rssi):
    """The RSSI byte of a record in tenths of dBm."""
    return ((rssi & 0x7F) - 129) * 10
