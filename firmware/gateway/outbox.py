"""Holds closed batches until the agent has confirmed them; tells what it had to give up.

New batches stand in RAM. What is not confirmed soon goes to flash, in order, so that the RAM
always holds: the oldest batches that are on flash (those on the wire among them), and the newest,
which are not on flash yet. What lies between is on flash alone and fetched when its turn comes.
Without flash, or where it fails, RAM is all there is. When there is no room left the oldest
batches that are not on the wire go, and their ranges are told (lost.py).
"""

from gateway.block import BLOCK_BYTES
from gateway.lost import Lost
from gateway.packed import read_count, up_of

_ENTRY_BYTES = 96  # an Entry and its place in the list, about; counted, or 10,000 empty
# batches would cost far more than the bound says
_FETCH = 8  # batches at a time: half a window
SAVE_MS = 2_000  # unconfirmed so long while the agent confirms: something is wrong, keep it
SAVE_ALONE_MS = 10_000  # without an agent: a block is written anew at each write


class Entry:
    """One batch in RAM: its packed bytes, what is frozen of it, its state on the wire."""

    def __init__(self, boot, seq, packed, before=0, t=None, sync=None):
        self.boot = boot
        self.seq = seq
        self.packed = packed
        self.before = before  # reads of its boot in earlier batches
        self.t = t  # Unix ms, null until it is frozen: at the first sending, or on flash
        self.sync = sync
        self.block = None  # where it stands on flash
        self.put_ms = 0
        self.tries = 0  # sendings since it was first sent or the link was new
        self.on_wire = False  # sent at least once and not confirmed
        self.due_ms = 0  # when to send it again
        self.json_bytes = 0  # of its last payload; 0 before the first


class Outbox:
    """Batches of this boot and of older ones, in the order of their names."""

    def __init__(self, boot, capacity_bytes, clock, spool=None, lost=None):
        self.boot = boot
        self.entries = []
        self.lost = lost or Lost()
        self.flash_errors = 0
        self._clock = clock
        self._spool = spool
        self._capacity = capacity_bytes
        self._bytes = 0
        self._next_seq = 0
        self._reads = 0
        self._fetched = ("", -1)  # all blocks up to this name are in RAM or done with

    def put(self, packed, lost=()):
        """Keep a new batch that tells the ranges `lost`, taken from `untold`; returns its seq."""
        entry = Entry(self.boot, self._next_seq, packed, self._reads)
        entry.put_ms = self._clock.up_ms()
        self._next_seq += 1
        self._reads += read_count(packed)
        self.lost.taken(self.boot, entry.seq, lost)
        self._make_room(_cost(entry))
        self._insert(len(self.entries), entry)
        return entry.seq

    def untold(self, most):
        """Up to `most` lost ranges, for the batch that is put next."""
        return self.lost.untold(most)

    def tick(self, confirming):
        """Write to flash what has waited too long; `confirming`: the agent answers."""
        unsaved = self._unsaved()
        if not unsaved or self._spool is None:
            return
        age = self._clock.up_ms() - unsaved[0].put_ms
        if age >= (SAVE_MS if confirming else SAVE_ALONE_MS) or (
            not confirming and sum([len(entry.packed) for entry in unsaved]) >= BLOCK_BYTES
        ):
            self.save()

    def save(self):
        """Write all that stands only in RAM to flash; whether that was possible."""
        unsaved = self._unsaved()
        while unsaved:
            count = self._save_some(unsaved)
            if not count:
                return False
            unsaved = unsaved[count:]
        return True

    def base(self, boot):
        """The lowest seq held of a boot that has a batch in RAM; else the next one of this boot."""
        for entry in self.entries:
            if entry.boot == boot:
                return entry.seq
        return self._next_seq

    def next_unsent(self):
        """The oldest batch that was never sent, or None."""
        unsent = self._first_unsent()
        if (unsent is None or unsent.block is None) and self._fetch():
            unsent = self._first_unsent()
        return unsent

    def date(self, entry):
        """Freeze the time of a batch of this boot, where it is known and was never told."""
        if entry.t is None and not entry.on_wire and entry.boot == self.boot:
            entry.t = self._clock.unix_ms(up_of(entry.packed))
            entry.sync = None if entry.t is None else self._clock.sync_s()

    def confirm(self, boot, first, last):
        """Free exactly the batches that a confirmation names; returns the freed entries.

        Only what was sent can have been confirmed: a name that never was on the wire stays.
        """
        freed = [
            entry
            for entry in self.entries
            if entry.on_wire and entry.boot == boot and first <= entry.seq <= last
        ]
        for entry in freed:
            self._remove(entry)
            self.lost.carrier_confirmed(boot, entry.seq)
            if entry.block:
                self._done_with_one(entry.block)
        return freed

    def give_up_all(self):
        """What is held belongs to another gateway: all of it counts as lost."""
        while self._spool and self._spool.blocks:
            self._evict(self._spool.blocks[0])

    def __len__(self):
        held = len(self._unsaved())
        return held + sum([block.left for block in self._spool.blocks]) if self._spool else held

    # RAM

    def _unsaved(self):
        return [entry for entry in self.entries if entry.block is None]

    def _first_unsent(self):
        for entry in self.entries:
            if not entry.on_wire:
                return entry
        return None

    def _insert(self, at, entry):
        self.entries.insert(at, entry)
        self._bytes += _cost(entry)

    def _remove(self, entry):
        self.entries.remove(entry)
        self._bytes -= _cost(entry)

    def _make_room(self, wanted):
        """Save, release, and at last give up, until `wanted` bytes more fit."""
        if self._bytes + wanted <= self._capacity:
            return
        if self._spool:
            self.save()
            self._release()
        at = 0
        while self._bytes + wanted > self._capacity and at < len(self.entries):
            entry = self.entries[at]
            if entry.on_wire or entry.block:
                at += 1
                continue
            self._remove(entry)
            self._lose(entry.boot, entry.seq, read_count(entry.packed))

    def _release(self):
        """Leave to flash all that stands there and is not on the wire."""
        kept = [entry for entry in self.entries if entry.on_wire or entry.block is None]
        if len(kept) == len(self.entries):
            return
        for entry in self.entries:
            if entry.block and not entry.on_wire:
                # The first of them: what is on the wire was sent in order, so it lies before.
                self._fetched = min(self._fetched, (entry.boot, entry.seq - 1))
                self._bytes -= _cost(entry)
        self.entries = kept

    # Flash

    def _save_some(self, unsaved):
        """Write the first of them to one block; how many."""
        for entry in unsaved:
            self.date(entry)
        batches = [(e.seq, e.before, e.t, e.sync, e.packed) for e in unsaved]
        behind = self._is_behind()  # then these wait on flash too
        try:
            block, count = self._spool.append(self.boot, batches)
            if not count and self._make_flash_room():
                block, count = self._spool.append(self.boot, batches)
        except OSError:
            self.flash_errors += 1
            return 0
        for entry in unsaved[:count]:
            entry.block = block
            if behind:
                self._remove(entry)
            else:
                self._fetched = (entry.boot, entry.seq)
        return count

    def _make_flash_room(self):
        """Erase the oldest block of which nothing is on the wire; whether there was one."""
        on_wire = [entry.block for entry in self.entries if entry.on_wire]
        for block in self._spool.blocks:
            if block not in on_wire:
                self._evict(block)
                return True
        return False

    def _evict(self, block):
        """Give up a block's batches. Their ranges stand on flash before it is erased."""
        missing = block.left
        for stored in self._spool.read(block, 1 << 32):
            if stored and stored.seq <= block.last and self._is_held(block, stored.seq):
                self._lose(block.boot, stored.seq, stored.reads)
                missing -= 1
        self._lose_unread(block, missing)
        for entry in [entry for entry in self.entries if entry.block is block]:
            self._remove(entry)
        self.lost.keep()
        self._spool.erase(block)

    def _is_held(self, block, seq):
        """Whether a batch of a block is still waiting: not fetched yet, or in RAM."""
        if (block.boot, seq) > self._fetched:
            return True
        return any(e.seq == seq and e.block is block for e in self.entries)

    def _lose(self, boot, seq, reads):
        self.lost.carrier_gone(boot, seq)
        self.lost.add(boot, seq, seq, reads)

    def _lose_unread(self, block, missing):
        """So many records of a block went bad since it was counted; which, nobody can say.

        The range names the whole block: what of it arrives, or has arrived, is not lost.
        """
        if missing > 0:
            self.lost.add(block.boot, block.first, block.last, 0, missing)

    def _is_behind(self):
        """Whether batches stand on flash alone."""
        blocks = self._spool.blocks if self._spool else ()
        return bool(blocks) and (blocks[-1].boot, blocks[-1].last) > self._fetched

    def _fetch(self):
        """Bring the next batches from flash into RAM; whether any came."""
        while self._is_behind():
            for block in self._spool.blocks:
                if (block.boot, block.last) > self._fetched:
                    break
            if self._fetch_from(block):
                return True
        return False

    def _fetch_from(self, block):
        """Up to `_FETCH` batches of a block that follow what was fetched; how many."""
        after = self._fetched[1] if self._fetched[0] == block.boot else -1
        at = len(self.entries) - len(self._unsaved())
        came = 0
        for stored in self._spool.read(block, after):
            # Above `last`: of a write that failed half way, and stands in a later block.
            if stored is None or not after < stored.seq <= block.last:
                continue
            after = stored.seq
            entry = Entry(block.boot, after, stored.packed, stored.before, stored.t, stored.sync)
            entry.block = block
            self._insert(at + came, entry)
            came += 1
            self._fetched = (block.boot, after)
            if came == _FETCH:
                return came
        self._fetched = (block.boot, block.last)
        in_ram = len([entry for entry in self.entries if entry.block is block])
        self._lose_unread(block, block.left - in_ram)
        block.left = in_ram
        if not in_ram:
            self._spool.erase(block)
        return came

    def _done_with_one(self, block):
        block.left -= 1
        if not block.left:
            self._spool.erase(block)


def _cost(entry):
    return len(entry.packed) + _ENTRY_BYTES
