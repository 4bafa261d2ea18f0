"""Long work in a thread of its own that nobody waits for at a stop.

The loop's own threads are joined when it ends: one that is copying or deleting for a minute would
keep the process for that long. What runs here must bear being broken off at any moment.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T], name: str) -> T:
    """Return what `work` returns or raise what it raises; cancelled, it is left to itself."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def succeed(result: T) -> None:
        if not done.done():  # else the agent is stopping
            done.set_result(result)

    def fail(error: Exception) -> None:
        if not done.done():
            done.set_exception(error)

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised again by whoever awaits it
            _tell(loop, fail, error)
        else:
            _tell(loop, succeed, result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await done


def _tell(loop: asyncio.AbstractEventLoop, settle: Callable[[T], None], outcome: T) -> None:
    try:
        loop.call_soon_threadsafe(settle, outcome)
    except RuntimeError:
        if not loop.is_closed():
            raise
