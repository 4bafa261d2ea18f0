"""A gateway that is updated again and again while its power is cut, over littlefs (MicroPython).

`micropython update_cuts.py ROOT SEED CUTS`. After each cut the slot that starts must be whole and
hold what its manifest says; a version that was confirmed stays until another one is.
"""

import asyncio
import random
import sys

sys.path[:0] = [sys.argv[1] + "/firmware", sys.argv[1]]

import boot  # noqa: E402
from gateway.manifest import Manifest  # noqa: E402
from gateway.slot_files import SlotFiles, lines_of  # noqa: E402
from gateway.update import UpdateFailed, update  # noqa: E402

from tests.firmware.an_update import KEY, Served, make  # noqa: E402
from tests.firmware.flash import LittleFiles  # noqa: E402

OTHER_KEY = bytes(32)
PATHS = ("main.mpy", "gateway/mqtt.mpy", "drivers/m100/driver.mpy", "board/host.mpy", "desk.mpy")


class History:
    """One board from its first application on; `good` is the version confirmed last."""

    def __init__(self, flash):
        self.flash = flash
        self.made = 0
        self.good = None
        self.tried = 0  # starts of a version on trial so far
        self.sent = []  # versions whose update was told to be there
        self.switched = 0

    def install(self):
        """As `gateway flash` leaves it."""
        self.board = self.flash.again()
        self.slots = boot.Slots(boot.Folder(LittleFiles.FOLDER))
        self.slots.running = "b"  # so that a is the spare one
        self.good = self.send(None, None)
        self.slots.good, self.slots.trial = "a", None
        self.slots.confirmed()

    def start(self):
        """A boot: what it chose must be whole, and may be chosen."""
        self.board = self.flash.again()
        self.slots = boot.Slots(boot.Folder(LittleFiles.FOLDER))
        self.slots.begin()
        assert self.slots.running in boot.SLOTS, "nothing to start"
        self.version = self.verified()
        if self.slots.on_trial:
            self.tried += 1
            assert self.version in self.sent and self.tried <= boot.MOST_TRIES, self.version
        else:
            assert self.version == self.good, (self.version, self.good)

    def verified(self):
        """The version of the running slot, each of its files as its manifest says."""
        files = SlotFiles(LittleFiles.FOLDER + "/" + self.slots.running)
        with files.open(boot.MANIFEST) as file:
            manifest = Manifest(KEY)
            listed = list(manifest.files(lines_of(file)))
        buf = bytearray(512)
        for file in listed:
            assert files.sha256(file.path, buf, file.size) == file.digest, file.path
        return manifest.version

    def live(self):
        """Until the power goes, somewhere in one of these."""
        self.board.fuse.left = random.randrange(700_000)
        heard = random.randrange(3)  # else no agent confirms
        for _ in range(random.randrange(1, 6)):
            what = random.randrange(7)
            if what < 4 and not self.slots.on_trial:
                self.send(random.randrange(6), random.randrange(20_000))
            elif what < 6:
                if heard:
                    self.confirm()
            else:
                self.slots.went_on()
            if self.board.fuse.left == 0:
                return

    def send(self, fault, at):
        """An update; `fault` 0 to 2: breaks off, is damaged, was made with another key."""
        self.made += 1
        version = "0.{}.0".format(self.made)
        files = [(path, random_bytes(random.randrange(6000))) for path in PATHS]
        manifest, bundle = make(version, files, OTHER_KEY if fault == 2 else KEY)
        if fault == 1:
            at %= max(1, len(bundle))
            bundle = bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]
        served = Served(manifest, bundle, min(at, len(bundle) - 1) if fault == 0 else None)
        self.sent.append(version)  # what a cut leaves may be it, whole
        self.tried = 0
        try:
            asyncio.run(update(self.slots, KEY, served.digest, served.fetch))
        except UpdateFailed:
            if fault in (0, 1, 2):
                self.sent.pop()
        else:
            assert fault not in (0, 1, 2), fault
            self.switched += 1
        return version

    def confirm(self):
        trial = self.slots.on_trial
        self.slots.confirmed()
        if trial:  # what a cut left of that note decides, not what RAM says
            before, self.good = self.good, self.version
            if self.board.fuse.left == 0:
                kept = boot.Slots(boot.Folder(LittleFiles.FOLDER))
                self.good = before if kept.trial == self.slots.running else self.version


def random_bytes(count):
    return bytes([random.getrandbits(8) for _ in range(64)]) * (count // 64) + bytes(count % 64)


def main(seed, cuts):
    random.seed(seed)
    flash = LittleFiles(96)
    switched = done = 0
    while done < cuts:
        flash.format()
        history = History(flash)
        history.install()
        for _ in range(min(25, cuts - done)):
            history.start()
            history.live()
            done += 1
        history.start()
        switched += history.switched
    assert switched > cuts // 10, "too few updates came through to prove anything"
    print("{} cuts, {} updates".format(done, switched))


main(int(sys.argv[2]), int(sys.argv[3]))
