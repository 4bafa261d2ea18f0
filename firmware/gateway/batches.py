"""Gathers coalesced reads into batches and decides when one is closed."""

from gateway.packed import MAX_DT_MS, pack, split_n

MAX_READS = 20
FINE_MS = 250  # a fine read waits no longer than this, or the page would lag behind the cart
COARSE_MS = 5_000  # a parked tag's record may wait for company
# Looks are news too: at least one batch in 10 s, even without reads, and ticks come late.
IDLE_MS = 9_500
MAX_LOST = 16  # ranges told by one batch: 720 bytes of a payload of at most 6 KiB


class Batches:
    """`add` and `looked` as things happen, `tick` now and then; closed batches go to `outbox`.

    `antennas` are those of the gateway: each stands in `looks` even when it made none, so that
    a reader that is down shows.
    """

    def __init__(self, outbox, antennas, clock):
        self._outbox = outbox
        self._antennas = antennas
        self._reads = []
        self._looks = {}
        self._due = None  # when the open batch must close, None while it has no reads
        self._clock = clock
        self._closed_at = clock.up_ms()
        self._clear_looks()

    def looked(self, antenna, rounds, on_air_ms):
        """Looks made since the last call."""
        looks = self._looks.setdefault(antenna, [0, 0])
        looks[0] += rounds
        looks[1] += on_air_ms

    def add(self, epc, antenna, rssi_tenths, first_ms, n, span_ms, peak_ms, coarse):
        """One coalesced read, as the coalescer emits it; `first_ms` since boot."""
        now_ms = self._clock.up_ms()
        if self._reads and abs(first_ms - self._reads[0][3]) > MAX_DT_MS // 2:
            self.close()  # dt would not fit
        for part in split_n(n):
            self._reads.append((epc, antenna, rssi_tenths, first_ms, part, span_ms, peak_ms))
            due = now_ms + (COARSE_MS if coarse else FINE_MS)
            if self._due is None or due < self._due:
                self._due = due
            if len(self._reads) >= MAX_READS:
                self.close()

    def tick(self):
        """Close what is due."""
        now_ms = self._clock.up_ms()
        due = self._closed_at + IDLE_MS
        if self._due is not None:
            due = min(due, self._due)
        if now_ms >= due:
            self.close()

    def close(self):
        """Close the open batch, whatever is in it. Its zero is its earliest read."""
        now_ms = self._clock.up_ms()
        up = min([read[3] for read in self._reads] or [now_ms])
        reads = [
            (epc, antenna, rssi, first_ms - up, n, span, peak)
            for epc, antenna, rssi, first_ms, n, span, peak in self._reads
        ]
        lost = self._outbox.untold(MAX_LOST)
        self._outbox.put(pack(up, self._looks, reads, lost), lost)
        # Only now: where memory ran out above, the next tick tries again with all of it.
        self._reads = []
        self._due = None
        self._closed_at = now_ms
        self._clear_looks()

    @property
    def has_reads(self):
        return bool(self._reads)

    def _clear_looks(self):
        self._looks = {antenna: [0, 0] for antenna in self._antennas}
