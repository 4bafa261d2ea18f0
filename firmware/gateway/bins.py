"""What was read and not yet sent: for each track a ring of one-tick bins and one merged part.

A bin is what one antenna read of one tag in one tick. Bins are taken into the part, oldest first,
and the part goes out as a record; so a record is always a run of neighbouring bins. RSSI is in
tenths of dBm, `NO_RSSI` where the module gave none; a moment is a tick and an offset in ms.
"""

from gateway.coalescer_settings import TICK_MS
from gateway.columns import column

NO_RSSI = -32768


class Bins:
    """Columns by track; `ring` is how many ticks a bin can wait."""

    def __init__(self, tracks, ring):
        self.ring = ring
        self._newest = column("I", tracks)
        self._n = column("H", tracks * ring)
        self._offset = column("B", tracks * ring)
        self._span = column("B", tracks * ring)
        self._peak = column("B", tracks * ring)
        self._rssi = column("h", tracks * ring)
        self.part_n = column("I", tracks)
        self.part_tick = column("I", tracks)
        self.part_offset = column("B", tracks)
        self.part_span = column("H", tracks)
        self.part_peak = column("H", tracks)
        self.part_rssi = column("h", tracks)

    def clear(self, track, tick):
        """Make a track's ring and part empty; its first bin will be that of `tick` or later."""
        self._newest[track] = tick
        self.part_n[track] = 0
        base = track * self.ring
        for i in range(base, base + self.ring):
            self._n[i] = 0

    def add(self, track, tick, offset, rssi):
        """Count one read in the bin of `tick`."""
        if self._newest[track] != tick:
            self.take_until(track, tick - self.ring)
            self._newest[track] = tick
        i = track * self.ring + tick % self.ring
        if self._n[i] == 0:
            self._n[i] = 1
            self._offset[i] = offset
            self._span[i] = 0
            self._peak[i] = 0
            self._rssi[i] = rssi
            return
        self._n[i] += 1
        since = offset - self._offset[i]
        self._span[i] = since
        if rssi > self._rssi[i]:
            self._rssi[i] = rssi
            self._peak[i] = since

    def count(self, track, tick):
        """Reads in the bin of `tick`, which must be the open one or within the ring."""
        return self._n[track * self.ring + tick % self.ring] if self._newest[track] >= tick else 0

    def oldest(self, track):
        """Tick of the oldest read not yet sent, -1 where there is none."""
        if self.part_n[track]:
            return self.part_tick[track]
        newest = self._newest[track]
        base = track * self.ring
        for tick in range(newest - self.ring + 1, newest + 1):
            if self._n[base + tick % self.ring]:
                return tick
        return -1

    def take_until(self, track, last):
        """Take the bins of all ticks up to `last` into the part."""
        newest = self._newest[track]
        last = min(last, newest)
        tick = newest - self.ring + 1
        while tick <= last:
            self.take(track, tick)
            tick += 1

    def take(self, track, tick):
        """Take one bin into the part; True where there was one."""
        i = track * self.ring + tick % self.ring
        n = self._n[i]
        if n == 0:
            return False
        self._n[i] = 0
        offset = self._offset[i]
        if self.part_n[track] == 0:
            self.part_n[track] = n
            self.part_tick[track] = tick
            self.part_offset[track] = offset
            self.part_span[track] = self._span[i]
            self.part_peak[track] = self._peak[i]
            self.part_rssi[track] = self._rssi[i]
            return True
        since = (tick - self.part_tick[track]) * TICK_MS + offset - self.part_offset[track]
        self.part_n[track] += n
        self.part_span[track] = since + self._span[i]
        if self._rssi[i] > self.part_rssi[track]:
            self.part_rssi[track] = self._rssi[i]
            self.part_peak[track] = since + self._peak[i]
        return True
