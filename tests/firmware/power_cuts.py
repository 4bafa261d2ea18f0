"""A gateway's outbox through many power cuts, beside the list of batches it should hold.

Runs on CPython over a model of flash, and on MicroPython over littlefs:
`micropython power_cuts.py ROOT SEED CUTS`.
"""

import json
import sys

if __name__ == "__main__":
    sys.path[:0] = [sys.argv[1] + "/firmware", sys.argv[1]]

from gateway.boot_id import next_boot_id
from gateway.lost import Lost
from gateway.outbox import Outbox
from gateway.packed import pack
from gateway.spool import Spool
from gateway.uplink import Uplink

from tests.firmware.fakes import FakeClient, FakeClock
from tests.firmware.flash import LittleFiles, PowerCut

READS = "rollcall/lincoln/gw-d101/reads/"
EPCS = [bytes.fromhex("3414257BF4") + bytes([0, 0, 0, 0, 0, 1, at]) for at in range(30)]


class Watched(Spool):
    """Notes in `saved` which batches it said were on flash."""

    saved = None

    def append(self, boot, batches):
        block, count = Spool.append(self, boot, batches)
        self.saved.update([(boot, batch[0]) for batch in batches[:count]])
        return block, count


class History:
    """One flash, one agent's journal, boot after boot. `rng` has `random` and `randrange`."""

    def __init__(self, rng, flash, most_blocks):
        self.rng = rng
        self.flash = flash
        self.most_blocks = most_blocks
        self.journal = {}  # (boot, seq) -> frozen content
        self.saved = set()
        self.told = set()  # batches that a journaled batch told as lost
        self.cuts = 0

    def run(self, cuts):
        """So many boots that end in a power cut, then one that delivers everything."""
        while self.cuts < cuts:
            try:
                self.boot()
                self.files.fuse.left = self.rng.randrange(9000)
                for _ in range(self.rng.randrange(1, 80)):
                    self.act()
                    if self.files.fuse.left == 0:  # littlefs says it by errors that are survived
                        raise PowerCut
            except PowerCut:
                pass
            self.cuts += 1
        self.boot()
        for _ in range(20_000):
            if not len(self.outbox) and not self.outbox.untold(1):
                break
            if self.outbox.untold(1):
                self.put()
            self.send(1)
            self.acknowledge(1)
        assert not len(self.outbox), "it does not empty"

    def boot(self):
        self.files = self.flash.again()
        lost = Lost(self.files)
        spool = Watched(self.files, self.most_blocks)
        spool.saved = self.saved
        spool.recover(lost)
        self.name, _ = next_boot_id(self.files, spool.last_boot())
        self.clock = FakeClock(1000)
        self.outbox = Outbox(self.name, 6000, self.clock, spool, lost)
        self.client = FakeClient()
        self.uplink = Uplink(self.outbox, self.client, self.clock, READS)

    def act(self):
        self.clock.ms += self.rng.randrange(3000)
        what = self.rng.randrange(20)
        if what < 9:
            self.put()
        elif what < 12:
            self.send(0.7)
        elif what < 14:
            self.acknowledge(0.5)
        elif what == 14:
            self.clock.unix = 1763900000000 + self.rng.randrange(100)
        elif what == 15:
            self.uplink.link_is_new()
        elif what == 16:
            self.files.fails = not self.files.fails
        else:
            self.outbox.tick(what == 17)

    def put(self):
        rng = self.rng
        reads = [
            (EPCS[rng.randrange(30)], 1, -500 - at, rng.randrange(70_000), 1, 0, 0)
            for at in range(rng.randrange(21))
        ]
        lost = self.outbox.untold(3)
        self.outbox.put(pack(self.clock.ms, {1: (9, 900), 2: (8, 800)}, reads, lost), lost)

    def send(self, chance):
        """What the uplink sends now; each arrives with this chance."""
        self.uplink.step()
        for topic, payload in self.client.take():
            if self.rng.random() < chance:
                self._arrived(topic, json.loads(payload))

    def acknowledge(self, chance):
        for entry in list(self.outbox.entries):
            if (entry.boot, entry.seq) in self.journal and self.rng.random() < chance:
                self.uplink.acked(entry.boot, entry.seq, entry.seq)

    def _arrived(self, topic, fields):
        boot, seq = topic[len(READS) :].split("/")
        name = (boot, int(seq))
        assert (fields.pop("sent") is None) == (boot != self.name)
        assert fields.pop("base") <= name[1]
        before = self.journal.setdefault(name, fields)
        for key in fields:
            null = key in ("t", "sync") and None in (fields[key], before[key])
            assert null or fields[key] == before[key], (name, key, before[key], fields[key])
        for lost_boot, first, last, _ in fields.get("lost", ()):
            assert (lost_boot, first) <= (lost_boot, last) < name
            self.told.update([(lost_boot, at) for at in range(first, last + 1)])

    def check(self, may_lose):
        """Every batch that stood on flash arrived, or, where flash was too small, is told."""
        missing = [name for name in self.saved if name not in self.journal]
        if not may_lose:
            assert not missing, missing
        untold = [name for name in missing if name not in self.told]
        assert not untold, untold


if __name__ == "__main__":
    import random

    random.seed(int(sys.argv[2]))
    left = int(sys.argv[3])
    flash = LittleFiles()
    while left:
        small = random.randrange(2)
        flash.format()
        history = History(random, flash, 4 if small else 40)
        history.run(min(left, 25))
        history.check(small)
        left -= history.cuts
    print("ok")
