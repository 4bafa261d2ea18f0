"""Which tags the gateway hears now: EPC to slot, and each tag's tracks, without allocating.

A slot is a tag's place in every column of state, a track the place of one (tag, antenna).
Only entering a tag makes an object: the `bytes` of its EPC, which every record of it then shares.
"""

from gateway.coalescer_settings import ANTENNAS
from gateway.columns import column

NONE = 0xFFFF
_BUCKETS = 64  # a power of two


class TagTable:
    """Live tags in the order in which they entered: `order[0:count]` are their slots."""

    def __init__(self, tags, tracks):
        self.count = 0
        self.order = column("H", tags)
        self.epc = [None] * tags
        self.first_track = column("H", tags, NONE)
        self.next_track = column("H", tracks, NONE)
        self.antenna = column("B", tracks)
        self._buckets = column("H", _BUCKETS, NONE)
        self._chain = column("H", tags, NONE)
        self._free_slot = 0
        self._free_track = 0
        for slot in range(tags - 1):
            self._chain[slot] = slot + 1
        for track in range(tracks - 1):
            self.next_track[track] = track + 1

    def find(self, buf, start, length):
        """The slot of the EPC `buf[start:start+length]`, NONE where it is not in the table."""
        slot = self._buckets[_bucket(buf, start, length)]
        while slot != NONE:
            epc = self.epc[slot]
            if len(epc) == length:
                i = length - 1  # tags of one school differ at the end of the EPC
                while i >= 0 and epc[i] == buf[start + i]:
                    i -= 1
                if i < 0:
                    return slot
            slot = self._chain[slot]
        return NONE

    def is_full(self):
        """Whether a new tag finds no slot."""
        return self._free_slot == NONE

    def has_free_track(self):
        """Whether a tag can be given a track for one more antenna."""
        return self._free_track != NONE

    def enter(self, buf, start, length):
        """Give a new tag a slot, last in `order`; the table must not be full."""
        slot = self._free_slot
        self._free_slot = self._chain[slot]
        bucket = _bucket(buf, start, length)
        self._chain[slot] = self._buckets[bucket]
        self._buckets[bucket] = slot
        self.epc[slot] = bytes(buf[start : start + length])
        self.first_track[slot] = NONE
        self.order[self.count] = slot
        self.count += 1
        return slot

    def leave(self, slot):
        """Take a tag out; its tracks become free."""
        track = self.first_track[slot]
        while track != NONE:
            following = self.next_track[track]
            self.next_track[track] = self._free_track
            self._free_track = track
            track = following
        epc = self.epc[slot]
        _unlink(self._buckets, self._chain, _bucket(epc, 0, len(epc)), slot)
        self.epc[slot] = None
        self._chain[slot] = self._free_slot
        self._free_slot = slot
        k = 0
        while self.order[k] != slot:
            k += 1
        self.count -= 1
        while k < self.count:
            self.order[k] = self.order[k + 1]
            k += 1

    def track(self, slot, antenna):
        """The track of a tag on an antenna, NONE where that antenna has not read it yet."""
        track = self.first_track[slot]
        while track != NONE and self.antenna[track] != antenna:
            track = self.next_track[track]
        return track

    def open_track(self, slot, antenna):
        """Give the tag a track; a tag's tracks are linked by ascending antenna."""
        if not 0 <= antenna < ANTENNAS:
            raise ValueError(f"antenna {antenna}: a gateway numbers its antennas 0 to 31")
        track = self._free_track
        self._free_track = self.next_track[track]
        self.antenna[track] = antenna
        before = NONE
        after = self.first_track[slot]
        while after != NONE and self.antenna[after] < antenna:
            before = after
            after = self.next_track[after]
        self.next_track[track] = after
        if before == NONE:
            self.first_track[slot] = track
        else:
            self.next_track[before] = track
        return track


def _bucket(buf, start, length):
    if length < 2:
        return 0
    end = start + length
    return (buf[end - 1] ^ (buf[end - 2] << 3)) & (_BUCKETS - 1)


def _unlink(heads, chain, bucket, slot):
    at = heads[bucket]
    if at == slot:
        heads[bucket] = chain[slot]
        return
    while chain[at] != slot:
        at = chain[at]
    chain[at] = chain[slot]
