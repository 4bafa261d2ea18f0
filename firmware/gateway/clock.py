"""Milliseconds since boot that never wrap, and Unix time once somebody has told it."""

from gateway.drift import Drift

_MAX_AGE_MS = 60_000  # take a worse estimate rather than one that has drifted for a minute
_STEP_MS = 1_000  # a difference this large is a clock that was set, not the network's delay
EARLIEST_MS = 1735689600000  # 2025: before this firmware was written nobody can have told the time
LATEST_MS = 4102444800000  # 2100


class Clock:
    """`ticks_ms()` is the board's wrapping counter, of period `period`; it must be asked once a
    period at least. `up_ms()` counts from construction."""

    def __init__(self, ticks_ms, period):
        self._ticks_ms = ticks_ms
        self._period = period
        self._last = ticks_ms()
        self._up = 0
        self._offset = None  # Unix ms at up_ms() = 0
        self._set_at = 0
        self._drift = Drift()
        self.steps = 0  # times it was set by a second or more once it was set

    def up_ms(self):
        """Milliseconds since boot."""
        ticks = self._ticks_ms()
        self._up += (ticks - self._last) % self._period
        self._last = ticks
        return self._up

    @property
    def is_set(self):
        return self._offset is not None

    @property
    def drift_ppm(self):
        """How much faster true time runs than the board's counter, or None while unknown."""
        return self._drift.ppm

    def set_unix_ms(self, now):
        """Take a time that was true when it was sent: every message is late, none is early.

        So of two estimates the larger is the better one, and a smaller one is taken only once
        the better has aged, or where it is off by more than any delay. Raises ValueError for a
        time that cannot be: the clock stays as it is.
        """
        if not EARLIEST_MS <= now < LATEST_MS:
            raise ValueError("{} is no time of day".format(now))
        up = self.up_ms()
        offset = now - up
        if self._offset is None:
            self._take(offset, up)
            return
        expected = self._offset + self._drifted(up)
        if abs(offset - expected) >= _STEP_MS:
            self.steps += 1
            self._drift.restart()
            self._take(offset, up)
            return
        self._drift.seen(up, offset)
        if offset >= expected or up - self._set_at >= _MAX_AGE_MS:
            self._take(offset, up)

    def unix_ms(self, up=None):
        """Unix ms at `up` (now, where None), or None while the clock was never set."""
        if self._offset is None:
            return None
        up = self.up_ms() if up is None else up
        return self._offset + up + self._drifted(up)

    def sync_s(self):
        """Whole seconds since the clock was last set, or None."""
        if self._offset is None:
            return None
        return (self.up_ms() - self._set_at) // 1000

    def _take(self, offset, up):
        self._offset = offset
        self._set_at = up

    def _drifted(self, up):
        """What the counter has lost at `up` since the clock was set, by the drift known."""
        ppm = self._drift.ppm
        if ppm is None or up <= self._set_at:
            return 0
        return (up - self._set_at) * ppm // 1_000_000
