"""A PC or a Pi as the board: ticks, files, exit requests, on MicroPython and CPython.

`Board` is the interface that `board/esp32_board.py` has too; nothing else in the firmware asks
which platform or interpreter it runs on.
"""

import asyncio
import gc
import os
import sys
import time

from board.common import CommonBoard
from board.host_ports import TcpPort, TtyPort

MICROPYTHON = sys.implementation.name == "micropython"
TICKS_PERIOD = 1 << 30  # as MicroPython's time.ticks_ms wraps on a board


_RUNNING = "running"  # stands on the disk while a gateway runs


class Board(CommonBoard):
    """`data_dir` stands for the board's flash. MicroPython's heap on a PC is 2 MB."""

    outbox_blocks = 4096  # of 4 KiB on disk: days without an agent
    reset = "start"

    def __init__(self, data_dir):
        super().__init__(data_dir)
        self.hw = self._identity()
        self.fit_heap(gc.mem_free() if MICROPYTHON else None)

    def ticks_ms(self):
        """Monotonic milliseconds that wrap at `TICKS_PERIOD`."""
        if MICROPYTHON:
            return time.ticks_ms()
        return int(time.monotonic() * 1000) % TICKS_PERIOD

    def port(self, address):
        """The port that a reader stands at: a device, or `socket://HOST:PORT`."""
        if address.startswith("socket://"):
            return TcpPort(address)
        return TtyPort(address)

    def heap(self):
        """(bytes free, largest free block) of the interpreter's heap; None where unknown."""
        if MICROPYTHON:
            gc.collect()
            return gc.mem_free(), _largest_block(gc.mem_free())
        return None, None

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

    def use_led(self, setting):
        """A PC has none, and is told so by the settings."""
        if setting is not None:
            raise OSError("led: a PC has no {}".format(setting))

    def light(self, is_on, colour):
        """A PC has none."""

    def remember_time(self, unix_ms):
        """The system keeps the time itself."""

    def reboot(self, reason):
        """A process begins again by itself: the caller starts anew."""
        if MICROPYTHON:
            asyncio.new_event_loop()
        self.reset = reason
        self.write_file(_RUNNING, b"")

    def crashed(self):
        """Whoever started this process sees its exit status."""

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

    def _identity(self):
        """12 hex digits that stay with the data directory, as a board's MAC address does."""
        kept = self.read_file("hw")
        if kept and len(kept) == 12:
            return kept.decode()
        made = "".join("{:02x}".format(byte) for byte in os.urandom(6))
        self.write_file("hw", made.encode())
        return made


def _largest_block(most):
    """Bytes of the largest piece that can be had, to a 64th: tried, for nothing tells it."""
    least = 0
    step = most // 64 or 1
    while most - least > step:
        size = (least + most) // 2
        try:
            bytearray(size)
            least = size
        except MemoryError:
            most = size
    return least
