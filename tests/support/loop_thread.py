"""An event loop in a thread of its own: for tests and clients that block while something serves."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

T = TypeVar("T")

DEADLINE_S = 20.0


class LoopThread:
    """A context manager: while it lasts, `call` runs coroutines in the loop and waits for them."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop; what it raises is raised here."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_S)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), f"{self._thread.name} did not stop"
        self._loop.close()
