"""A PC or a Pi as the board: ticks, random, files, exit requests, on MicroPython and CPython.

`Board` is the interface that `board/esp32.py` has too; nothing else in the firmware asks which
platform or interpreter it runs on.
"""

import asyncio
import errno
import os
import sys
import time

from board.compact import SMALL_HEAP
from board.host_ports import TcpPort, TtyPort

MICROPYTHON = sys.implementation.name == "micropython"
TICKS_PERIOD = 1 << 30  # as MicroPython's time.ticks_ms wraps on a board


_RUNNING = "running"  # stands on the disk while a gateway runs


class Board:
    """`data_dir` stands for the board's flash; it is made where it is missing."""

    outbox_bytes = 512 * 1024  # MicroPython's heap on a PC is 2 MB
    window_bytes = 16 * 1024  # of JSON on the wire, which also stands in RAM
    outbox_blocks = 4096  # of 4 KiB on disk: days without an agent
    coalescer_tags, coalescer_tracks = 512, 1024  # 150 KB: a hall's door on the last day of term
    reset = "start"

    def __init__(self, data_dir):
        self._dir = data_dir
        _make_dir(data_dir)
        self.hw = self._identity()
        free, _ = self.heap()
        if free is not None and free < SMALL_HEAP:
            self.outbox_bytes = 10 * 1024  # the rest waits on flash
            self.window_bytes = 6 * 1024
            self.coalescer_tags, self.coalescer_tracks = 64, 128

    def ticks_ms(self):
        """Monotonic milliseconds that wrap at `TICKS_PERIOD`."""
        if MICROPYTHON:
            return time.ticks_ms()
        return int(time.monotonic() * 1000) % TICKS_PERIOD

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
            file.flush()
            if not MICROPYTHON:  # Debian's MicroPython offers no fsync
                os.fsync(file.fileno())
        os.rename(path + ".new", path)

    def read_into(self, name, buf):
        """Read the file into `buf`, as much as fits; how many bytes came."""
        with open(self._path(name), "rb") as file:
            return file.readinto(buf)

    def append_file(self, name, data):
        """Add to the file's end; it stands on the disk once this returns."""
        with open(self._path(name), "ab") as file:
            file.write(data)
            file.flush()
            if not MICROPYTHON:
                os.fsync(file.fileno())

    def remove_file(self, name):
        try:
            os.remove(self._path(name))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise

    def list_files(self):
        return os.listdir(self._dir)

    def port(self, address):
        """The port that a reader stands at: a device, or `socket://HOST:PORT`."""
        if address.startswith("socket://"):
            return TcpPort(address)
        return TtyPort(address)

    def heap(self):
        """(bytes free, largest free block) of the interpreter's heap; None where unknown."""
        if MICROPYTHON:
            import gc

            return gc.mem_free(), None
        return None, None

    def traceback_text(self, error):
        if MICROPYTHON:
            import io

            text = io.StringIO()
            sys.print_exception(error, text)
            return text.getvalue()
        import traceback

        return "".join(traceback.format_exception(type(error), error, error.__traceback__))

    def tell(self, text):
        """A line for whoever watches this process."""
        sys.stderr.write(text + "\n")

    def began(self):
        """Note that a gateway runs; `reset` says where the one before did not end in order."""
        if self.read_file(_RUNNING) is not None:
            self.reset = "unclean"
        self.write_file(_RUNNING, b"")

    def ended(self):
        """It stopped in order, and holds nothing that is not on the disk."""
        self.remove_file(_RUNNING)

    def feed_watchdog(self):
        """A PC has none."""

    def leave_breadcrumb(self, reason):
        """A process is not reset by itself, so there is nobody to tell."""

    def identify(self, seconds):
        """Show whoever looks for it that it is this one."""
        self.tell("this is {}, for {} s".format(self.hw, seconds))

    def reboot(self):
        """A process begins again by itself: the caller starts anew."""
        if MICROPYTHON:
            asyncio.new_event_loop()
        self.reset = "command"
        self.write_file(_RUNNING, b"")

    def on_signals(self, stop):
        """Call `stop()` on SIGINT and SIGTERM. MicroPython has no handlers: there they end it."""
        if MICROPYTHON:
            return
        import signal

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)

    async def input_closed(self):
        """Return once standard input ends: whoever started this process is gone or wants it to."""
        if MICROPYTHON:
            reader = asyncio.StreamReader(sys.stdin.buffer)
            while await reader.read(64):
                pass
            return
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        own = os.fdopen(os.dup(sys.stdin.fileno()), "rb")  # closed with the loop, stdin is not
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), own)
        while await reader.read(64):
            pass

    def tls(self, settings):
        """The TLS context for the broker, or None where the settings name no `ca`."""
        ca = settings.get("ca")
        if not ca:
            return None
        if MICROPYTHON:
            import tls

            context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
            context.verify_mode = tls.CERT_REQUIRED
            with open(ca, "rb") as file:
                context.load_verify_locations(file.read())
            return context
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with open(ca, "rb") as file:
            data = file.read()
        context.load_verify_locations(
            cadata=data.decode() if data.startswith(b"-----BEGIN") else data
        )
        return context

    def _identity(self):
        """12 hex digits that stay with the data directory, as a board's MAC address does."""
        kept = self.read_file("hw")
        if kept and len(kept) == 12:
            return kept.decode()
        made = "".join("{:02x}".format(byte) for byte in os.urandom(6))
        self.write_file("hw", made.encode())
        return made

    def _path(self, name):
        return self._dir + "/" + name


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
