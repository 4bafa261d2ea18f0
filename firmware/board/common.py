"""What every board shares: files that outlast a power cut, sizes by heap."""

import errno
import os
import sys

from board.compact import SMALL_HEAP
from board.tls_context import tls_context


class CommonBoard:
    """Files in `data_dir`, which is made where it is missing."""

    outbox_bytes = 512 * 1024
    window_bytes = 16 * 1024  # of JSON on the wire, which also stands in RAM
    outgoing_bytes = 64 * 1024  # queued for the broker
    coalescer_tags, coalescer_tracks = 512, 1024  # 150 KB: a hall's door on the last day of term
    least_free = 6 * 1024  # bytes of heap; below that a payload and its packed batch do not fit
    least_block = 3 * 1024  # in one piece: a batch as JSON is at most that, or two
    wifi = None  # what keeps the radio link, where the gateway does that itself

    def __init__(self, data_dir):
        self._dir = data_dir[:-1] if data_dir.endswith("/") else data_dir
        _make_dir(data_dir)

    def fit_heap(self, free):
        """Take a board's sizes where the heap is one's; `free` bytes, None where unbounded."""
        if free is not None and free < SMALL_HEAP:
            self.outbox_bytes = 10 * 1024  # the rest waits on flash
            self.window_bytes = 6 * 1024
            self.outgoing_bytes = 4 * 1024
            self.coalescer_tags, self.coalescer_tracks = 64, 128

    def random_bytes(self, count):
        return os.urandom(count)

    def read_file(self, name):
        """The bytes kept under `name`, or None."""
        try:
            with open(self._path(name), "rb") as file:
                return file.read()
        except OSError:
            return None

    def write_file(self, name, data):
        """Keep `data` under `name`; a power cut leaves the old or the new, never half of it."""
        path = self._path(name)
        with open(path + ".new", "wb") as file:
            file.write(data)
            _sync(file)
        os.rename(path + ".new", path)

    def read_into(self, name, buf):
        """Read the file into `buf`, as much as fits; how many bytes came."""
        with open(self._path(name), "rb") as file:
            return file.readinto(buf)

    def append_file(self, name, data):
        """Add to the file's end; it stands on the disk once this returns."""
        with open(self._path(name), "ab") as file:
            file.write(data)
            _sync(file)

    def remove_file(self, name):
        try:
            os.remove(self._path(name))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise

    def list_files(self):
        return os.listdir(self._dir or "/")

    def tell(self, text):
        """A line for whoever watches this process, or the serial line."""
        sys.stderr.write(text + "\n")

    def tls(self, settings):
        """The TLS context for the broker, or None where the settings name no `ca`."""
        ca = settings.get("ca")
        if not ca:
            return None
        with open(ca, "rb") as file:
            return tls_context(file.read())

    def _path(self, name):
        return self._dir + "/" + name


def _sync(file):
    """Onto the disk. On a board, and on Debian's MicroPython, which has no fsync, flush is that."""
    file.flush()
    if hasattr(os, "fsync"):
        os.fsync(file.fileno())


def _make_dir(path):
    made = ""
    for part in path.split("/"):
        made += part
        if part and part != ".":
            try:
                os.mkdir(made)
            except OSError:
                os.stat(made)  # raises where it is not there after all
        made += "/"
