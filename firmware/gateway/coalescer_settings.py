"""The numbers of the coalescing rule (docs/coalescing.md), in one object."""

TICK_MS = 250  # decisions fall at ends of these; a finer grid told no more about a crossing


class CoalescerSettings:
    """Times in ms, whole ticks of 250 ms; levels in tenths of a dB.

    `tags` and `tracks` bound the memory: a track is one (tag, antenna) and takes about 105 bytes,
    a tag about 80. 64 and 128 make 19 KB, for a full cart of 36 on two antennas, or a doorway
    in a change of lessons; a host or a board with PSRAM can afford more.
    """

    def __init__(
        self,
        tags=64,
        tracks=128,
        similar=60,  # 6 dB: a tag that lies still varies by 0.5-3.4 dB (standard deviation)
        still_after_ms=10_000,
        off_for_ms=1_000,
        ring_ms=2_000,
        coarse_ms=30_000,
        silent_after_ms=3_000,
        silent_intervals=8,
        silent_at_last_ms=600_000,  # bounds a mean interval that keeps growing
        forget_ms=60_000,
        burst=30,  # with one token in 2 s: at most 60 fine records in any 60 s
        token_ms=2_000,
    ):
        if tags < 1 or tags > 0xFFFE or tracks < ANTENNAS or tracks > 0xFFFE:
            raise ValueError("coalescer: needs 1 tag and 32 tracks or more, 65534 at most")
        self.tags = tags
        self.tracks = tracks
        self.similar = similar
        self.still_after = _ticks(still_after_ms)
        self.off_for = _ticks(off_for_ms)
        self.ring = _ticks(ring_ms)
        self.coarse = _ticks(coarse_ms)
        self.silent_after_ms = silent_after_ms
        self.silent_intervals = silent_intervals
        self.silent_at_last_ms = silent_at_last_ms
        self.forget = _ticks(forget_ms)
        self.burst = burst
        self.token = _ticks(token_ms)
        if not 0 < self.ring < self.coarse or coarse_ms > 60_000:
            raise ValueError("coalescer: ring_ms must lie below coarse_ms, and that within 60000")


ANTENNAS = 32  # a gateway numbers its antennas 0 to 31, so one tag alone never needs more tracks


def _ticks(ms):
    if ms < TICK_MS or ms % TICK_MS:
        raise ValueError(f"coalescer: {ms} ms is not a whole number of 250 ms ticks")
    return ms // TICK_MS
