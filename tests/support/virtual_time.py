"""An asyncio loop in virtual time: instead of waiting for its next timer it jumps to it.

    assert run(client.ask(), limit_s=60) == 5

Thousands of seconds pass in an instant, and always in the same way. There are no files, sockets
or threads in it: what waits for one of those would wait for ever, and is told apart as `Deadlock`.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

_BUSY_STEPS = 200_000  # turns of the loop in which no time passes: nothing here needs 1,000


class Stuck(AssertionError):
    """The coroutine will not end in a sensible time; the message lists what its tasks wait for."""


class Deadlock(Stuck):
    """Every task waits, and no timer is set that could wake one."""


class Overdue(Stuck):
    """More virtual time passed than the test allows."""


class Spinning(Stuck):
    """Tasks run on and on while no time passes."""


def run(coroutine: Coroutine[Any, Any, _T], *, limit_s: float = 3600.0) -> _T:
    """Run the coroutine to its end in a new loop that begins at 0 s; raises `Stuck`.

    Tasks that are left over are cancelled.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(limit_s)) as runner:
        return runner.run(coroutine)


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop that `run` makes; `time()` is the virtual time in seconds."""

    def __init__(self, limit_s: float) -> None:
        self._jumps = _Jumps(limit_s)
        super().__init__(self._jumps)

    def time(self) -> float:
        return self._jumps.now_s


class _Jumps(selectors.SelectSelector):
    """Where a loop waits for files or the next timer: here the time is moved to the timer."""

    def __init__(self, limit_s: float) -> None:
        super().__init__()
        self.now_s = 0.0
        self._limit_s = limit_s
        self._busy = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            self._fail(Deadlock, "nothing can ever happen")
        elif timeout > 0:
            self._busy = 0
            self.now_s += timeout
            if self.now_s > self._limit_s:
                self._fail(Overdue, f"more than {self._limit_s:g} s passed")
        else:
            self._busy += 1
            if self._busy > _BUSY_STEPS:
                self._fail(Spinning, "no time passes")
        return []

    def _fail(self, kind: type[Stuck], why: str) -> None:
        self._limit_s, self._busy = float("inf"), 0  # cleaning up takes its time
        waiting = sorted(
            "{}: {}".format(task.get_name(), " > ".join(_lines(task)))
            for task in asyncio.all_tasks(asyncio.get_running_loop())
        )
        raise kind(f"{why} at {self.now_s:.3f} s\n" + "\n".join(waiting))


def _lines(task: "asyncio.Task[Any]") -> list[str]:
    """Where the task waits, innermost last."""
    coroutine, lines = task.get_coro(), []
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            lines.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        coroutine = getattr(coroutine, "cr_await", None)
    return lines
