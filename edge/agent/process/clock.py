"""The agent's clocks, passed in wherever time is read, so that tests can move them."""

import time

# 2025-01-01: a Pi without a battery starts in the past until the network tells it the time.
EARLIEST_S = 1_735_689_600
# NTP moves a good clock by less than this.
SLACK_S = 2.0


class Clock:
    """Unix seconds that may jump, seconds that never do, and whether to trust the former."""

    def __init__(self) -> None:
        self.newest = 0.0  # the latest time in the journal

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment, never backwards."""
        return time.monotonic()

    def journaled(self, rx: float) -> None:
        """A row with this time is in the journal: it cannot be earlier now."""
        self.newest = max(self.newest, rx)

    @property
    def trusted(self) -> bool:
        """Whether the time may be told to gateways: not before what was already journaled."""
        now = self.now()
        return now >= EARLIEST_S and now >= self.newest - SLACK_S

    def now_ms(self) -> int | None:
        """Unix ms to tell to gateways, or None while the clock is distrusted."""
        return round(self.now() * 1000) if self.trusted else None
