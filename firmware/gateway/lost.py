"""Which batches will never come: ranges that wait to be told, and those told by held batches.

A range stays until a batch that carries it is confirmed. All of them stand in one file, written
before a batch is given up, so that a power cut between the two forgets none; one that is told
twice is harmless, the agent counts by boot and seq.
"""

import binascii
import struct

_FILE = "lost"
_RANGE = "<8sIII"
_RANGE_BYTES = struct.calcsize(_RANGE)


class Lost:
    """Ranges are tuples (boot, first, last, reads). `files` may be None: then nothing is kept."""

    def __init__(self, files=None):
        self._files = files
        self._untold = []
        self._told = {}  # (boot, seq) of a held batch -> the ranges it carries
        self.batches = 0  # given up since this boot
        self.reads = 0

    def add(self, boot, first, last, reads, batches=None):
        """A range that is lost from now on; `batches` where not all of it is."""
        self.batches += last - first + 1 if batches is None else batches
        self.reads += reads
        self._insert(boot, first, last, reads)

    def untold(self, most):
        """Up to `most` ranges for the next batch to carry."""
        return self._untold[:most]

    def taken(self, boot, seq, ranges):
        """A new batch carries these, which `untold` named."""
        if ranges:
            self._untold = self._untold[len(ranges) :]
            self._told[boot, seq] = list(ranges)

    def carrier_found(self, boot, seq, ranges):
        """A batch that was on flash before this boot carries these."""
        self._told[boot, seq] = list(ranges)

    def carrier_confirmed(self, boot, seq):
        if self._told.pop((boot, seq), None) and self._files:
            self._keep_if_possible()

    def carrier_gone(self, boot, seq):
        """What it carried is to be told again."""
        for told in self._told.pop((boot, seq), ()):
            self._insert(*told)

    def recover(self):
        """Once all carriers are found: take up from the file what none of them carries."""
        told = [told for ranges in self._told.values() for told in ranges]
        for kept in _unpack(self._files.read_file(_FILE) or b""):
            if kept not in told:
                self._insert(*kept)

    def keep(self):
        """Write all ranges to flash. Raises OSError."""
        ranges = list(self._untold)
        for told in self._told.values():
            ranges += told
        if ranges:
            self._files.write_file(_FILE, _pack(ranges))
        else:
            self._files.remove_file(_FILE)

    def _keep_if_possible(self):
        try:
            self.keep()
        except OSError:  # they are told once more after the next boot, which costs nothing
            pass

    def _insert(self, boot, first, last, reads):
        """Add a range in its place, joined to its neighbours."""
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


def _pack(ranges):
    body = b"".join(
        [struct.pack(_RANGE, bytes.fromhex(boot), *numbers) for boot, *numbers in ranges]
    )
    return body + struct.pack("<I", binascii.crc32(body) & 0xFFFFFFFF)


def _unpack(data):
    """The ranges of the file; none where its check fails."""
    body = data[:-4]
    if len(data) < 4 or struct.pack("<I", binascii.crc32(body) & 0xFFFFFFFF) != data[-4:]:
        return []
    ranges = []
    for at in range(0, len(body), _RANGE_BYTES):
        boot, first, last, reads = struct.unpack_from(_RANGE, body, at)
        ranges.append(("".join(["{:02x}".format(byte) for byte in boot]), first, last, reads))
    return ranges
