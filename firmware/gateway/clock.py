"""Milliseconds since boot that never wrap, and Unix time once somebody has told it."""

_MAX_AGE_MS = 60_000  # take a worse estimate rather than one that has drifted for a minute
_STEP_MS = 1_000  # a difference this large is a clock that was set, not the network's delay


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

    def up_ms(self):
        """Milliseconds since boot."""
        ticks = self._ticks_ms()
        self._up += (ticks - self._last) % self._period
        self._last = ticks
        return self._up

    @property
    def is_set(self):
        return self._offset is not None

    def set_unix_ms(self, now):
        """Take a time that was true when it was sent: every message is late, none is early.

        So of two estimates the larger is the better one, and a smaller one is taken only once
        the better has aged, or where it is off by more than any delay.
        """
        up = self.up_ms()
        offset = now - up
        kept = self._offset
        aged = up - self._set_at >= _MAX_AGE_MS
        if kept is None or offset >= kept or aged or kept - offset >= _STEP_MS:
            self._offset = offset
            self._set_at = up

    def unix_ms(self, up=None):
        """Unix ms at `up` (now, where None), or None while the clock was never set."""
        if self._offset is None:
            return None
        return self._offset + (self.up_ms() if up is None else up)

    def sync_s(self):
        """Whole seconds since the clock was last set, or None."""
        if self._offset is None:
            return None
        return (self.up_ms() - self._set_at) // 1000
