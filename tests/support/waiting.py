"""Waiting for a condition with a deadline, so that no test sleeps and hopes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.02  # short beside what is waited for (a 200 ms commit), cheap beside what is asked


class Deadline:
    """A moment on the monotonic clock that several waits may share."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())

    def over(self) -> bool:
        return self.left() == 0.0


def wait_for(condition: Callable[[], T], seconds: float | Deadline, what: str = "") -> T:
    """Ask until the answer is true, and give it back; fails the test once the time is over."""
    deadline = seconds if isinstance(seconds, Deadline) else Deadline(seconds)
    while True:
        late = deadline.over()
        answer = condition()
        if answer:
            return answer
        if late:
            raise AssertionError(_complaint(deadline, what, condition, answer))
        time.sleep(POLL_S)


async def eventually(
    condition: Callable[[], T | Awaitable[T]], seconds: float | Deadline, what: str = ""
) -> T:
    """The same inside an event loop; the condition may be a coroutine function."""
    deadline = seconds if isinstance(seconds, Deadline) else Deadline(seconds)
    while True:
        late = deadline.over()
        answer = condition()
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer:
            return answer
        if late:
            raise AssertionError(_complaint(deadline, what, condition, answer))
        await asyncio.sleep(POLL_S)


def _complaint(deadline: Deadline, what: str, condition: object, answer: object) -> str:
    name = what or getattr(condition, "__name__", "the condition")
    return f"{name} did not come within {deadline.seconds:g} s; the last answer was {answer!r}"
