"""Holds closed batches until the agent has confirmed them; tells what it had to give up.

Bounded by bytes of packed batches. When it is full, the oldest batches that are not on the wire
go; the ranges lost are told by the next new batches, and passed on when a batch that tells a
range is itself lost before it was confirmed.
"""

from gateway.packed import read_count

_ENTRY_BYTES = 96  # an Entry and its place in the list, about; counted, or 10,000 empty
# batches would cost far more than the bound says


class Entry:
    """One batch: its packed bytes, what was frozen at its first sending, its state on the wire."""

    def __init__(self, seq, packed, lost):
        self.seq = seq
        self.packed = packed
        self.lost = lost  # the ranges it tells
        self.t = None  # Unix ms, frozen at the first sending
        self.sync = None
        self.tries = 0  # sendings since it was first sent or the link was new
        self.on_wire = False  # sent at least once and not confirmed
        self.due_ms = 0  # when to send it again
        self.json_bytes = 0  # of its last payload; 0 before the first


class Outbox:
    """Batches of one boot, in order of `seq`."""

    def __init__(self, boot, capacity_bytes):
        self.boot = boot
        self.entries = []
        self.lost_batches = 0
        self.lost_reads = 0
        self._capacity = capacity_bytes
        self._bytes = 0
        self._next_seq = 0
        self._untold = []  # lost ranges [boot, first, last, reads] that no held batch tells

    def put(self, packed, lost=()):
        """Keep a new batch that tells the ranges `lost`, taken from `untold`; returns its seq."""
        entry = Entry(self._next_seq, packed, lost)
        self._next_seq += 1
        self._untold = self._untold[len(lost) :]
        self._make_room(_cost(entry))
        self.entries.append(entry)
        self._bytes += _cost(entry)
        return entry.seq

    def untold(self, most):
        """Up to `most` lost ranges, for the batch that is put next."""
        return self._untold[:most]

    def base(self):
        """The lowest seq still held, or the next one to come."""
        return self.entries[0].seq if self.entries else self._next_seq

    def next_unsent(self):
        """The oldest batch that was never sent, or None."""
        for entry in self.entries:
            if not entry.on_wire:
                return entry
        return None

    def confirm(self, boot, first, last):
        """Free exactly the batches that a confirmation names; returns the freed entries.

        Only what was sent can have been confirmed: a name that never was on the wire stays.
        """
        if boot != self.boot:
            return []
        freed = []
        kept = []
        for entry in self.entries:
            if first <= entry.seq <= last and entry.on_wire:
                freed.append(entry)
                self._bytes -= _cost(entry)
            else:
                kept.append(entry)
        if freed:
            self.entries = kept
        return freed

    def __len__(self):
        return len(self.entries)

    def _make_room(self, wanted):
        at = 0
        while self._bytes + wanted > self._capacity and at < len(self.entries):
            if self.entries[at].on_wire:
                at += 1
                continue
            entry = self.entries.pop(at)
            self._bytes -= _cost(entry)
            reads = read_count(entry.packed)
            self.lost_batches += 1
            self.lost_reads += reads
            for told in entry.lost:
                self._remember_lost(*told)
            self._remember_lost(self.boot, entry.seq, entry.seq, reads)

    def _remember_lost(self, boot, first, last, reads):
        """Add a range to the untold ones, joined to its neighbours, in order."""
        at = 0
        while at < len(self._untold) and self._untold[at][:2] < (boot, first):
            at += 1
        self._untold.insert(at, (boot, first, last, reads))
        joined = []
        for told in self._untold:
            if joined and joined[-1][0] == told[0] and joined[-1][2] + 1 == told[1]:
                before = joined[-1]
                joined[-1] = (told[0], before[1], told[2], before[3] + told[3])
            else:
                joined.append(told)
        self._untold = joined


def _cost(entry):
    return len(entry.packed) + _ENTRY_BYTES
