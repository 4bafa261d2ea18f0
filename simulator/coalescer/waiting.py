"""What was heard of one tag and not yet sent: when it becomes records.

Rows are the tag's bins, those of each antenna neighbours; a record is a run of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.coalescer.cuts import Sent
from simulator.coalescer.shapes import CoalescerSettings

FAR = 1 << 40  # a tick that never comes


class Ticks:
    """The settings that sending goes by, in ticks."""

    def __init__(self, settings: CoalescerSettings) -> None:
        self.token = settings.ticks(settings.token_ms)
        self.reserve = (settings.burst - 1) * self.token
        self.coarse = settings.ticks(settings.coarse_ms) - 1
        self.ring = settings.ticks(settings.ring_ms)


@dataclass(slots=True)
class Waiting:
    """By antenna: rows not yet sent are `sent_to:seen_to`; those before `merged_to` are one part
    and no bins any more. `full_at` is the tick at which its token bucket is full.

    `tick` is that of each row, `base` the place of row 0 among all bins.
    """

    ticks: Ticks
    sent: list[Sent]
    tick: Sequence[int]
    base: int
    sent_to: list[int]
    seen_to: list[int]
    merged_to: list[int]
    full_at: list[int]
    entered: int

    def next_fine(self) -> int:
        """The earliest tick at which something that waits has a token; far away for nothing."""
        earliest = FAR
        for antenna, seen_to in enumerate(self.seen_to):
            if seen_to > self.sent_to[antenna]:
                earliest = min(earliest, self.full_at[antenna] - self.ticks.reserve)
        return earliest

    def next_coarse(self) -> int:
        """The earliest tick at which something that waits is old; far away for nothing."""
        earliest = FAR
        for antenna, seen_to in enumerate(self.seen_to):
            begin = self.sent_to[antenna]
            if seen_to > begin:
                earliest = min(earliest, self.tick[begin] + self.ticks.coarse)
        return earliest

    def fine(self, now: int) -> None:
        """Send what waits of a moving tag, where there is a token."""
        for antenna, seen_to in enumerate(self.seen_to):
            if seen_to > self.sent_to[antenna]:
                self._with_token(antenna, seen_to, now, 0)

    def coarse(self, now: int, is_off: bool) -> None:
        """Send the coarse records of a still tag that the next tick's end would find too old.

        Of a tag that is off its anchor the last 2 s are kept back.
        """
        for antenna, seen_to in enumerate(self.seen_to):
            begin = self.sent_to[antenna]
            if seen_to > begin and now - self.tick[begin] >= self.ticks.coarse:
                end = self._ring_begin(antenna, now) if is_off else seen_to
                self._send(antenna, end, now, 0, True)

    def coarse_then_ring(self, now: int) -> None:
        """Send, as the tag moves again, what is old as one record, then the last 2 s by bins."""
        for antenna, seen_to in enumerate(self.seen_to):
            if seen_to <= self.sent_to[antenna]:
                continue
            begin = self._ring_begin(antenna, now)
            if begin > self.sent_to[antenna]:
                self._send(antenna, begin, now, 0, True)
            last = min(seen_to, begin + self.ticks.ring)
            for place, end in enumerate(range(begin + 1, last + 1), start=1):
                self._with_token(antenna, end, now, place)

    def everything(self, now: int) -> None:
        """Send all that waits, one record for each antenna."""
        for antenna, seen_to in enumerate(self.seen_to):
            if seen_to > self.sent_to[antenna]:
                self._send(antenna, seen_to, now, 0, True)

    def _with_token(self, antenna: int, end: int, now: int, place: int) -> None:
        full_at = self.full_at[antenna]
        if full_at - now <= self.ticks.reserve:
            self.full_at[antenna] = max(full_at, now) + self.ticks.token
            self._send(antenna, end, now, place, False)

    def _ring_begin(self, antenna: int, now: int) -> int:
        """The first row not yet sent that lies in the last 2 s."""
        oldest = now - self.ticks.ring
        seen_to = row = self.seen_to[antenna]
        while row > self.sent_to[antenna] and self.tick[row - 1] > oldest:
            row -= 1
        return max(row, min(self.merged_to[antenna], seen_to))

    def _send(self, antenna: int, end: int, now: int, place: int, coarse: bool) -> None:
        begin = self.base + self.sent_to[antenna]
        self.sent.append((begin, self.base + end, now, self.entered, place, coarse))
        self.sent_to[antenna] = end
