"""When a fault is on: in some hours of the log, for a while; the same hours for the same seed."""

from __future__ import annotations

import random

HOUR_MS = 3_600_000

Window = tuple[int, int]


class Windows:
    """At most one stretch of time an hour, whole within its hour, in ms of the log's uptime.

    An hour has one with chance `share`, from `least_s` to `most_s` long (at most 3600). What an
    hour holds does not depend on how long a run is or how it is cut.
    """

    def __init__(self, name: str, seed: int, share: float, least_s: int, most_s: int) -> None:
        self._name, self._seed = name, seed
        self._share, self._least_s, self._most_s = share, least_s, most_s
        self._known: dict[int, Window | None] = {}

    def touching(self, begin_ms: int, end_ms: int) -> list[Window]:
        """Return the windows that overlap a stretch of time."""
        hours = range(begin_ms // HOUR_MS, max(end_ms - 1, begin_ms) // HOUR_MS + 1)
        found = [self._of(hour) for hour in hours]
        return [w for w in found if w is not None and w[0] < end_ms and w[1] > begin_ms]

    def at(self, at_ms: int) -> Window | None:
        """Return the window that is on at a moment."""
        return next(iter(self.touching(at_ms, at_ms + 1)), None)

    def _of(self, hour: int) -> Window | None:
        if hour not in self._known:
            rng = random.Random(f"{self._name} {hour} {self._seed}")
            window = None
            if rng.random() < self._share:
                length_ms = rng.randint(self._least_s, self._most_s) * 1000
                begin_ms = hour * HOUR_MS + rng.randint(0, HOUR_MS - length_ms)
                window = (begin_ms, begin_ms + length_ms)
            self._known[hour] = window
        return self._known[hour]
