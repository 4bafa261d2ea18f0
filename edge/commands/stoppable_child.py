"""A child process that ends when this one is told to end, also where the child has no signals."""

import signal
import subprocess
import time
from types import FrameType
from typing import Any, Self

STOP_S = 2.5  # the firmware itself needs about one to hand over what it holds
_POLL_S = 0.1


class StoppableChild:
    """Stops a child by closing its standard input, and by force where that does not help.

    As a context manager it takes SIGINT and SIGTERM for its own, also where SIGINT came ignored,
    and from the beginning: a signal that comes while the child is prepared counts too.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._kill_at: float | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, words: list[str]) -> int:
        """Run the child to its end; returns its status, 0 also where it had to be killed."""
        # A session of its own: Ctrl-C in a terminal must reach only us. If we are killed, the
        # end of its input tells the child.
        with subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True) as child:
            self._child = child
            if self._stopping():
                self._close_input()
            try:
                while child.poll() is None:
                    if self._overdue():
                        child.kill()
                    time.sleep(_POLL_S)
            finally:
                if child.poll() is None:
                    child.kill()
        return 0 if self._stopping() else child.returncode

    def _stopping(self) -> bool:
        return self._kill_at is not None

    def _overdue(self) -> bool:
        return self._kill_at is not None and time.monotonic() > self._kill_at

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._kill_at is None:
            self._kill_at = time.monotonic() + STOP_S
            self._close_input()

    def _close_input(self) -> None:
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()
