"""Tag records of the M6e family: their place in a report, their fields, when they were read.

A record holds the fields whose flags are set, lowest flag first, then the tag's bits: PC, XPC
words, EPC and the CRC that the tag sent over them. Nothing here allocates. Source: Mercury API.
"""

from drivers.crc16 import crc16

COUNT, RSSI, ANTENNA, FREQUENCY, TIMESTAMP = 0x0001, 0x0002, 0x0004, 0x0008, 0x0010
DATA, GPIO = 0x0080, 0x0100  # between them and these: phase 0020, protocol 0040
_SIZES = (1, 1, 1, 3, 4, 2, 1, 2, 1)  # bytes of these fields, in this order
_PHASE_PROTOCOL = (0, 2, 1, 3)  # of these two together
_KNOWN = 0x01FF
_TOO_LONG = 0xFFFF

_HAS_METADATA = 0x10  # in the option byte
_TAG_RECORD = 0x01  # kind of a streamed report; 02 is a status, 00 the end of the stream

_XPC_W1, _XPC_W2 = 0x02, 0x80  # "one more word follows", in the PC's and the first XPC's high byte

# A report older than this has not waited in a line or a loop: its cycle's begin was missed.
_LATEST_MS = 500


class Record:
    """The fields of the record read last, as small integers; one object serves them all.

    `count` is how many reads it stands for; `rssi_dbm` is None where not reported; `port` is
    1-based, 0 unknown; `time_ms` since the last keep-alive, or since a single inventory began, -1
    unknown; the EPC is `length` bytes at `start`; `crc` is the tag's own.
    """

    def __init__(self):
        self.count = 1
        self.rssi_dbm = None
        self.port = 0
        self.time_ms = -1
        self.start = 0
        self.length = 0
        self.crc = 0
        self._flags = 0
        self._fields = 0

    def read(self, buf, at, end, flags):
        """Take the record at `at`; returns where it ends, or -1 if it is none or its CRC is bad."""
        if flags != self._flags:  # a module reports the same ones again and again
            self._flags = flags
            self._fields = _fixed_length(flags)
        if at + self._fields + 2 > end:
            return -1
        self.count = 1
        self.rssi_dbm = None
        self.port = 0
        self.time_ms = -1
        if flags & COUNT:
            self.count = buf[at]
            at += 1
        if flags & RSSI:
            self.rssi_dbm = (buf[at] ^ 0x80) - 0x80  # signed
            at += 1
        if flags & ANTENNA:
            self.port = buf[at] >> 4 or 16  # high half transmits; the same one receives
            at += 1
        if flags & FREQUENCY:
            at += 3
        if flags & TIMESTAMP:
            self.time_ms = _milliseconds(buf, at)
            at += 4
        at += _PHASE_PROTOCOL[flags >> 5 & 3]
        if flags & DATA:
            data = ((buf[at] << 8 | buf[at + 1]) + 7) >> 3
            at += 2 + data
            if at + 2 > end:
                return -1
        if flags & GPIO:
            at += 1
        return self._bits(buf, at, end)

    def _bits(self, buf, at, end):
        """The number of bits, PC, XPC, EPC and CRC."""
        if at + 2 > end:
            return -1
        length = ((buf[at] << 8 | buf[at + 1]) + 7) >> 3
        at += 2
        after = at + length
        if length < 4 or after > end:
            return -1
        self.crc = buf[after - 2] << 8 | buf[after - 1]
        if crc16(buf, at, length - 2) != self.crc:
            return -1
        words = 1
        if buf[at] & _XPC_W1 and length >= 6:
            words = 3 if buf[at + 2] & _XPC_W2 and length >= 8 else 2
        self.start = at + 2 * words
        self.length = after - 2 - self.start
        return after


def streamed_record(record, buf, start, length):
    """Read the tag of a streamed report into `record`.

    Returns 1 if there is one, 0 if the report is of another kind, -1 if it is a damaged one.
    """
    end = start + length
    at = start + 3  # behind the option and the search flags
    flags = 0
    if length < 4:
        return 0
    if buf[start] & _HAS_METADATA:
        if length < 6:
            return 0
        flags = buf[at] << 8 | buf[at + 1]
        at += 2
    if buf[at] != _TAG_RECORD:
        return 0
    return 1 if record.read(buf, at + 1, end, flags) == end else -1


class ReadTimes:
    """When reads were made, from the module's milliseconds since its last keep-alive.

    The report that came with least delay shows best when the module began to count. So no read
    is dated after its arrival, and none before a delay that a line or a loop can cause.
    """

    def __init__(self):
        self._zero_ms = 0
        self._last = 0

    def restart(self, now_ms):
        """The module began a cycle, at `now_ms` at the latest."""
        self._zero_ms = now_ms
        self._last = 0

    def at_ms(self, time_ms, now_ms):
        """The time of a read that says `time_ms` and arrives now."""
        if time_ms < 0:
            return now_ms
        delay = now_ms - self._zero_ms - time_ms
        if delay < 0 or delay > _LATEST_MS or time_ms < self._last:  # or a keep-alive was lost
            self._zero_ms = now_ms - time_ms
        self._last = time_ms
        return self._zero_ms + time_ms

    def counted_ms(self, time_ms, now_ms):
        """The time of a read of a single inventory, fetched now, however late."""
        if time_ms < 0:
            return now_ms
        return min(self._zero_ms + time_ms, now_ms)


def _milliseconds(buf, at):
    """A count of 32 bits, or -1 if it would not fit into a small integer (over four hours)."""
    if buf[at]:
        return -1
    return buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]


def _fixed_length(flags):
    """Bytes of the fields before the tag's bits, without what `DATA` counts itself.

    Fields that nobody knows are longer than any record.
    """
    length = 0 if flags <= _KNOWN else _TOO_LONG
    for size in _SIZES:
        if flags & 1:
            length += size
        flags >>= 1
    return length
