"""Batches on flash: files of one block each, filled by appending, read in order, erased whole.

`files` is the board: `list_files()`, `read_into(name, buf)`, `append_file(name, data)`,
`read_file`, `write_file`, `remove_file`; every failure is an OSError. A write that was cut off
leaves at worst a torn last record, which its check finds. A block is written only by the boot
that began it.
"""

from gateway.block import BLOCK_BYTES, BlockWriter, batches_of
from gateway.packed import read_count

_PREFIX = "outbox-"


class Block:
    """What RAM knows of one file."""

    def __init__(self, boot, first, attempt=0):
        self.boot = boot
        self.first = first
        self.attempt = attempt  # half of a write that failed may bear the name of the one before
        self.last = first  # seq of its last batch
        self.after = 0  # reads of its boot up to and with that one
        self.left = 0  # batches not yet confirmed

    @property
    def name(self):
        return "{}{}-{:08x}-{:02x}".format(_PREFIX, self.boot, self.first, self.attempt)


class Spool:
    """The blocks of all boots, the oldest first. `most_blocks` bounds them."""

    def __init__(self, files, most_blocks):
        self.blocks = []
        self._files = files
        self._most = most_blocks
        self._buf = None  # the one buffer for reading and writing, made once
        self._failures = 0
        self._writer = None  # of the last block, while it can still grow

    def recover(self, lost):
        """Take up what earlier boots left; what is damaged is `lost`. Called once, first."""
        self._buffer()  # now, while the heap is in one piece
        names = [name for name in self._files.list_files() if name.startswith(_PREFIX)]
        gaps = Gaps(lost)
        for name in sorted(names):
            boot, first, attempt = name[len(_PREFIX) :].split("-")
            block = Block(boot, int(first, 16), int(attempt, 16))
            gaps.enter(block)
            for stored in self.read(block, 1 << 32):
                if not gaps.next(stored):
                    continue
                block.left += 1
                block.last, block.after = stored.seq, stored.before + stored.reads
                if stored.lost:
                    lost.carrier_found(boot, stored.seq, stored.lost)
            self.blocks.append(block)
        gaps.end()
        lost.recover()
        lost.keep()
        for block in [block for block in self.blocks if not block.left]:
            self.erase(block)

    def last_boot(self):
        """The number of the newest boot that left a block, 0 without one."""
        return max([int(block.boot[:8], 16) for block in self.blocks] or [0])

    def read(self, block, after):
        """Each batch of a block as `Stored`, above seq `after` with its bytes; None: damaged."""
        try:
            size = self._files.read_into(block.name, self._buffer())
        except OSError:
            return iter([None])
        return batches_of(self._buf, size, after)

    def append(self, boot, batches):
        """Write as many of `batches` (seq, reads before, t, sync, packed) as go into one block.

        Returns (that block, how many); 0 where a new block is needed and there is no room.
        Raises OSError; then none of them counts as written.
        """
        if self._writer is None:
            if len(self.blocks) >= self._most:
                return None, 0
            self._writer = BlockWriter(boot)
        end = count = 0
        for batch in batches:
            at = self._writer.add(self._buffer(), end, *batch)
            if not at:
                break
            end = at
            count += 1
        if not count:
            fresh = not self._writer.count
            self.seal()
            return (None, 0) if fresh else self.append(boot, batches)
        new = self._writer.count == count
        block = Block(boot, batches[0][0], self._failures & 0xFF) if new else self.blocks[-1]
        try:
            self._files.append_file(block.name, memoryview(self._buf)[:end])
        except OSError:
            self._failures += 1
            self.seal()  # half of it may stand there
            if new:
                self._remove(block)
            raise
        if new:
            self.blocks.append(block)
        block.left += count
        block.last = batches[count - 1][0]
        block.after = batches[count - 1][1] + read_count(batches[count - 1][4])
        return block, count

    def seal(self):
        """Let the next batch begin a new block."""
        self._writer = None

    def erase(self, block):
        """Forget a block. Where its file cannot be removed it comes back at the next boot."""
        if self._writer and block is self.blocks[-1]:
            self.seal()
        self.blocks.remove(block)
        self._remove(block)

    def _buffer(self):
        if self._buf is None:
            self._buf = bytearray(BLOCK_BYTES)
        return self._buf

    def _remove(self, block):
        try:
            self._files.remove_file(block.name)
        except OSError:  # counted by no one: it holds only what is told or confirmed
            pass


class Gaps:
    """Finds what damage has cost: batches missing between two records are a lost range."""

    def __init__(self, lost):
        self._lost = lost
        self._block = None
        self._next = self._reads = None  # the seq that must come now, and the reads before it
        self._damaged = False

    def enter(self, block):
        """The records that follow are this block's."""
        if self._block is None or block.boot != self._block.boot:
            self.end()
            self._next, self._reads = block.first, None
        self._block = block

    def next(self, stored):
        """Take the next record or None; whether it is a batch that was not there before."""
        if stored is None:
            self._damaged = True
            return False
        if stored.seq < self._next:  # written again after a write that failed
            return False
        if self._damaged and stored.seq > self._next:
            reads = 0 if self._reads is None else stored.before - self._reads
            self._lost.add(self._block.boot, self._next, stored.seq - 1, reads)
        self._damaged = False
        self._next, self._reads = stored.seq + 1, stored.before + stored.reads
        return True

    def end(self):
        """No more of this boot: a record that was there is known to be lost, no more than that."""
        if self._damaged:
            self._lost.add(self._block.boot, self._next, self._next, 0)
        self._damaged = False
