"""The files of the slot that an update fills: emptied, written in pieces, read back, completed.

The manifest is what makes a slot one that may start: it goes first and comes last, so that a
power cut never leaves half an application that looks whole.
"""

import hashlib
import os

from boot import MANIFEST

from gateway.manifest import to_hex

_DIRECTORY = 0x4000
_MOST_LINE = 200  # a longer one comes in pieces, and no piece is a manifest's line


class SlotFiles:
    """`path` is the slot's folder."""

    def __init__(self, path):
        self._path = path

    def clear(self):
        """Empty it, the manifest first. Raises OSError."""
        _make(self._path)
        if MANIFEST in os.listdir(self._path):
            os.remove(self._path + "/" + MANIFEST)
            _sync()
        _clear(self._path)

    def create(self, path):
        """A file opened for writing, its folders made. Raises OSError."""
        folder = self._path
        for part in path.split("/")[:-1]:
            folder += "/" + part
            _make(folder)
        return open(self._path + "/" + path, "wb")

    def sha256(self, path, buf, size):
        """Hex SHA-256 of what stands on flash, or None where its length is not `size`."""
        digest = hashlib.sha256()
        view = memoryview(buf)
        with self.open(path) as file:
            while True:
                count = file.readinto(buf)
                if not count:
                    break
                size -= count
                digest.update(view[:count])
        return None if size else to_hex(digest.digest())

    def complete(self, draft):
        """All else stands and was verified: let the file `draft` be the manifest."""
        _sync()
        os.rename(self._path + "/" + draft, self._path + "/" + MANIFEST)
        _sync()

    def open(self, path):
        """A file opened for reading."""
        return open(self._path + "/" + path, "rb")


def lines_of(file):
    """Its lines, as bytes. The caller closes it: a generator that is dropped would not."""
    while True:
        line = file.readline(_MOST_LINE)
        if not line:
            return
        yield line


def _clear(folder):
    for name in os.listdir(folder):
        path = folder + "/" + name
        if os.stat(path)[0] & 0xF000 == _DIRECTORY:
            _clear(path)
            os.rmdir(path)
        else:
            os.remove(path)


def _make(folder):
    try:
        os.mkdir(folder)
    except OSError:
        os.stat(folder)  # raises where it is not there after all


def _sync():
    """A board's littlefs has written at each close; a PC keeps much back."""
    if hasattr(os, "sync"):
        os.sync()
