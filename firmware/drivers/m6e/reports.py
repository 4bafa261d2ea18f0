"""What a module of the M6e family tells while it reads: tags, keep-alives, pauses and faults.

Nothing here allocates.
"""

from drivers.m6e.faults import NO_TAG
from drivers.m6e.looks import Looks
from drivers.m6e.records import ReadTimes, Record, streamed_record


class Reports:
    """Hands the tags to the sink and keeps the looks.

    `antennas[i]` is the school's number of port i + 1; `fault` is the status the module last
    complained of; `bad_tags` counts records that are damaged or of a port that is not there.
    """

    def __init__(self, antennas, sink, buf):
        self.fault = 0
        self.bad_tags = 0
        self._antennas = antennas
        self._sink = sink
        self._buf = buf
        self._record = Record()
        self._times = ReadTimes()
        self._looks = Looks(len(antennas))
        self._reading = False

    def expect(self):
        """The module is about to be told to read."""
        self._reading = True

    def began(self, now_ms):
        """It reads, and counts its milliseconds from now."""
        if self._reading:
            self._times.restart(now_ms)
            self._looks.begin(now_ms)

    def report(self, status, start, length, now_ms):
        """One report of continuous reading."""
        if status == NO_TAG:  # a keep-alive: it began a cycle
            self._times.restart(now_ms)
            self._go_on(now_ms)
        elif status:
            self.paused(status, now_ms)
        else:
            found = streamed_record(self._record, self._buf, start, length)
            if found > 0:
                self._go_on(now_ms)
                self._take(self._times.at_ms(self._record.time_ms, now_ms), now_ms)
            elif found < 0:
                self.bad_tags += 1

    def paused(self, status, now_ms):
        """The module is off the air: too hot, no antenna, or another fault."""
        self.fault = status
        self._looks.end(now_ms)

    def fetched(self, start, length, now_ms):
        """The reply with tags of the module's buffer: their fields' flags, option, number, tags."""
        buf, end = self._buf, start + length
        if length < 4:
            self.bad_tags += 1
            return
        flags, at = buf[start] << 8 | buf[start + 1], start + 4
        for _ in range(buf[start + 3]):
            at = self._record.read(buf, at, end, flags)
            if at < 0:
                self.bad_tags += 1
                return
            self._take(self._times.counted_ms(self._record.time_ms, now_ms), now_ms)

    def end(self, now_ms, found=False):
        """The module was told to stop, or has, and has `found` tags that it will tell of later."""
        self._reading = False
        self._looks.end(now_ms, found)

    def tell_looks(self):
        self._looks.tell(self._sink, self._antennas)

    def _go_on(self, now_ms):
        """It reads, and that ends a pause."""
        if self._reading:
            self._looks.begin(now_ms)

    def _take(self, at_ms, now_ms):
        record, antennas = self._record, self._antennas
        at = record.port - 1 if len(antennas) > 1 else 0
        if not 0 <= at < len(antennas):
            self.bad_tags += 1
            return
        self._looks.heard(at, record.crc, record.count, now_ms)
        rssi = record.rssi_dbm
        if rssi is not None:
            rssi *= 10
        self._sink.take(self._buf, record.start, record.length, antennas[at], rssi, at_ms)
