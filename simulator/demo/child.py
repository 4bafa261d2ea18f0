"""How the demo's processes live together: started alone, ended with their parent, stopped in order.

A child runs in a session of its own, so that Ctrl-C reaches the supervisor alone and the order of
stopping is its to choose. Should the supervisor be killed, the kernel ends the child.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h: signal this process when its parent dies


class Child:
    """One process of the demo, its words kept in a file.

    `until_eof`: it stops in order at the end of its input, as MicroPython has no signals.
    """

    def __init__(
        self, name: str, argv: Sequence[str], log: Path, *, until_eof: bool = False
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self._until_eof = until_eof
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; what it says goes to its log."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.argv,
                stdin=asyncio.subprocess.PIPE,  # its end of file tells a child that we are gone
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    async def ended(self) -> int:
        """Wait for its end and return its exit status."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return await self._process.wait()

    def terminate(self) -> None:
        """Ask it to stop in order."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        if not self._until_eof:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def last_words(self) -> str:
        """Return the last line it said, for an error message."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def _signal(self, number: int) -> None:
        if self._process is not None and self.running:
            self._process.send_signal(number)


async def stopped() -> None:
    """Return when this process is told to stop, also where SIGINT came ignored."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, event.set)
    await event.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os._exit(1)  # the parent went between fork and here
