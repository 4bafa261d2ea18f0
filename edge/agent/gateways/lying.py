"""What lies on the desks' readers now: in memory, from reads of the last minute."""

from collections.abc import Callable, Iterable

import msgspec

from edge.contracts.school import Desk
from edge.contracts.wire import Batch

# A tag that lies still is told every 30 s, and its batch closes at most 5 s later; one that is
# taken away is told with `n` 0 after a few seconds, so only a lost batch lets it lie this long.
GONE_AFTER_S = 45.0


class _Stay(msgspec.Struct):
    since: float  # Unix s of its first read
    last: float  # and of its last


class Lying:
    """The tags at the antennas of `desks`; reads of any other antenna are not looked at."""

    def __init__(self, desks: Callable[[], Iterable[Desk]] = tuple) -> None:
        self._desks = desks
        self._stays: dict[tuple[str, int], dict[str, _Stay]] = {}

    def batch(self, gateway: str, batch: Batch, place_ms: int | None) -> None:
        """A batch whose zero is at `place_ms` (Unix ms) was journaled."""
        antennas = {a for desk in self._desks() if desk.gateway == gateway for a in desk.antennas}
        if not antennas or place_ms is None:
            return
        for read in batch.reads:
            if read.antenna not in antennas:
                continue
            stays = self._stays.setdefault((gateway, read.antenna), {})
            first = (place_ms + read.dt) / 1000
            last = first + read.span / 1000
            stay = stays.get(read.epc)
            if not read.n:  # silent for its span: it lay there until `first`
                if stay is not None and stay.last <= last:
                    del stays[read.epc]
            elif stay is None or first - stay.last > GONE_AFTER_S:
                stays[read.epc] = _Stay(first, last)
            else:
                stay.last = max(stay.last, last)

    def on(self, desk: Desk, now: float) -> list[str]:
        """The EPCs that lie on a desk, the one put down last first."""
        since: dict[str, float] = {}
        for antenna in desk.antennas:
            for epc, stay in self._stays.get((desk.gateway, antenna), {}).items():
                if now - stay.last <= GONE_AFTER_S:
                    since[epc] = min(stay.since, since.get(epc, stay.since))
        return sorted(since, key=lambda epc: (-since[epc], epc))
