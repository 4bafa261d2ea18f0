"""Where in time a batch belongs: by its own clock, else by when its boot's batches came. Pure.

A gateway's clock may be set wrong, drift or jump. Its uptime cannot, and each batch says how long
it had been up when it sent it: so the quickest batches of a boot tell when the boot began, by the
agent's clock, and no clock of a gateway that says otherwise is believed.
"""

from dataclasses import dataclass

# Nothing is told before it happens: a clock this far ahead of what arrivals allow is wrong.
AHEAD_MS = 1_000
# Even the quickest batch of a boot was on its way for a moment, longer on a bad day.
BEHIND_MS = 2_000
# Two clocks set by SNTP differ by less than this; for batches that do not say when they were sent.
FUTURE_MS = 10_000
# 2025-01-01: no gateway is older. A batch of an older boot says nothing else to judge it by.
EARLIEST_MS = 1_735_689_600_000
# The quickest of so many batches stand for at most twice as many: a gateway's crystal is off by
# some seconds a day, and the agent's clock may be set again.
WINDOW = 256


@dataclass(frozen=True, slots=True)
class Told:
    """What a batch says of time: Unix ms of its zero, ms since boot at zero and at sending."""

    t: int | None
    up: int
    sent: int | None


@dataclass(frozen=True, slots=True)
class BootOffset:
    """When a boot began: the smallest (arrival - `sent`) of its last batches, Unix ms."""

    ms: int
    _window_ms: int | None = None  # the smallest since this window began
    _batches: int = 0  # in this window

    def counting(self, shown_ms: int) -> "BootOffset":
        """Count one more batch in."""
        before = self._window_ms
        if before is None:
            before = shown_ms
        if self._batches == WINDOW:
            return BootOffset(min(before, shown_ms), shown_ms, 1)
        return BootOffset(min(self.ms, shown_ms), min(before, shown_ms), self._batches + 1)


@dataclass(frozen=True, slots=True)
class Placement:
    """Unix ms of the batch's zero, or None where nothing says it.

    `odd` is set when the gateway's own time could not be right and was not used.
    """

    at_ms: int | None
    odd: str | None = None


def boot_offset(told: Told, arrival_ms: int, offset: BootOffset | None) -> BootOffset | None:
    """Return what is known of a boot with this batch counted in."""
    if told.sent is None:
        return offset
    shown_ms = arrival_ms - told.sent
    return (offset or BootOffset(shown_ms)).counting(shown_ms)


def place(told: Told, arrival_ms: int, offset: BootOffset | None) -> Placement:
    """Place a batch; `offset` is what `boot_offset` gave for its boot.

    A batch of an older boot has no `sent`: without a `t` that can be right it stays unplaced.
    """
    if told.sent is None or offset is None:
        odd = _impossible(told.t, arrival_ms)
        return Placement(told.t if odd is None else None, odd)
    by_arrival = told.up + offset.ms
    if told.t is None:
        return Placement(by_arrival)
    ahead = told.t - by_arrival
    if -BEHIND_MS <= ahead <= AHEAD_MS:
        return Placement(told.t)
    return Placement(by_arrival, _lies(ahead))


def _impossible(t: int | None, arrival_ms: int) -> str | None:
    """Say what is wrong with a time that only its arrival can be held against."""
    if t is None:
        return None
    if t < EARLIEST_MS:
        return "before there were gateways"
    return _lies(t - arrival_ms) if t - arrival_ms > FUTURE_MS else None


def _lies(ahead_ms: int) -> str:
    return f"{abs(ahead_ms) / 1000:.0f} s in the {'future' if ahead_ms > 0 else 'past'}"
