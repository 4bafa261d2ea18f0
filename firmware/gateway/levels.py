"""How strongly each antenna hears a tag, and whether that stays the same.

The level is the mean of the last 5 RSSI in tenths of dBm. Where the module gives none it is the
read rate on the same scale: half or double the rate is 60 tenths down or up, as 6 dB would be.
"""

from gateway.bins import NO_RSSI
from gateway.columns import column

SAMPLES = 5
UNSET = -32768
_STALE = 128  # beside a count: the next RSSI begins a new mean


class Levels:
    """Columns by track: the last reads, the range of the running trial, the anchor."""

    def __init__(self, tracks, similar):
        self._similar = similar
        self._rssi = column("h", tracks * SAMPLES)
        self._count = column("B", tracks)
        self._next = column("B", tracks)
        self._low = column("h", tracks, UNSET)
        self._high = column("h", tracks)
        self._anchor = column("h", tracks, UNSET)
        self._off_at = column("I", tracks)  # tick + 1 at which it was first found off, 0 = is not

    def clear(self, track):
        """Start a track that has heard nothing yet."""
        self._count[track] = 0
        self._low[track] = UNSET
        self._anchor[track] = UNSET
        self._off_at[track] = 0

    def add(self, track, rssi):
        """Remember the RSSI of one read."""
        if rssi == NO_RSSI:
            return
        count = self._count[track]
        if count == 0 or count & _STALE:
            count = 0
            self._next[track] = 0
        at = self._next[track]
        self._rssi[track * SAMPLES + at] = rssi
        self._next[track] = at + 1 if at + 1 < SAMPLES else 0
        if count < SAMPLES:
            self._count[track] = count + 1

    def forget_reads(self, track):
        """Let the next RSSI begin a new mean; till then the old one holds. The anchor stays."""
        if self._count[track]:
            self._count[track] |= _STALE
        self._off_at[track] = 0

    def begin_trial(self, track):
        """Forget the range and the anchor: the next level starts both anew."""
        self._low[track] = UNSET
        self._anchor[track] = UNSET
        self._off_at[track] = 0

    def widen(self, track, rate):
        """Take the level now into the trial's range; False where the range became too wide."""
        level = self._level(track, rate)
        if self._low[track] == UNSET:
            self._low[track] = level
            self._high[track] = level
        elif level < self._low[track]:
            self._low[track] = level
        elif level > self._high[track]:
            self._high[track] = level
        return self._high[track] - self._low[track] <= self._similar

    def settle(self, track):
        """End the trial: its middle is the anchor, steadier than any one mean of 5."""
        low = self._low[track]
        self._anchor[track] = UNSET if low == UNSET else (low + self._high[track]) // 2
        self._off_at[track] = 0

    def off_for(self, track, rate, tick):
        """Ticks for which a still tag has been off its anchor, 0 where it is not.

        An antenna without an anchor takes its first full mean as one.
        """
        level = self._level(track, rate)
        anchor = self._anchor[track]
        if anchor == UNSET:
            count = self._count[track] & ~_STALE
            if count == 0 or count == SAMPLES:
                self._anchor[track] = level
            return 0
        if abs(level - anchor) <= self._similar:
            self._off_at[track] = 0
            return 0
        if self._off_at[track] == 0:
            self._off_at[track] = tick + 1
        return tick + 1 - self._off_at[track]

    def is_off(self, track):
        """Whether the tag was off its anchor when this antenna last read it."""
        return self._off_at[track] != 0

    def is_anchored(self, track):
        """Whether there is an anchor to compare with."""
        return self._anchor[track] != UNSET

    def is_back(self, track, rate):
        """Whether a tag that was silent is where it was; without RSSI nothing speaks against it."""
        if self._count[track] == 0:
            return True
        return abs(self._level(track, rate) - self._anchor[track]) <= self._similar

    def come_back(self, track, rate):
        """Anchor an antenna without RSSI anew: the rate now counts the silence itself."""
        if self._count[track] == 0 and self._anchor[track] != UNSET:
            self._anchor[track] = rate

    def _level(self, track, rate):
        count = self._count[track] & ~_STALE
        if count == 0:
            return rate
        total = 0
        base = track * SAMPLES
        for i in range(base, base + count):
            total += self._rssi[i]
        return total // count


def rate_level(interval):
    """Level of a mean interval in sixteenths of a ms: -60 tenths for each doubling.

    Between powers of two the logarithm is taken as straight, in integers, so that every
    interpreter and every implementation finds the same; at most 0.5 dB off.
    """
    value = interval + 16
    exponent = 0
    while value >> (exponent + 1):
        exponent += 1
    return -(60 * exponent + ((60 * (value - (1 << exponent))) >> exponent))
