"""That something changed, for every open page but the carts': one that is told asks again."""

import asyncio
from collections.abc import AsyncIterator, Collection

from edge.agent.live import Live, Subscription

PAUSE_S = 2.0  # between two of one page: each asks for the whole page


class LiveChanges:
    """The agent's changes by topic, for any number of streams."""

    def __init__(self, live: Live, beat_s: float) -> None:
        self._live = live
        self._beat_s = beat_s
        self._open: set[Subscription] = set()

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._open)

    async def news(self, topics: Collection[str]) -> AsyncIterator[bool]:
        """Yield True at once and after each change of `topics`, False after a quiet beat.

        Ends when the agent stops, or at `close`.
        """
        with self._live.subscribe() as changes:
            self._open.add(changes)
            try:
                yield True
                while (changed := await self._next(changes, topics)) is not None:
                    yield changed
                    await asyncio.sleep(PAUSE_S)
            finally:
                self._open.discard(changes)

    def close(self) -> None:
        """End every open stream."""
        for changes in self._open:
            changes.close()

    async def _next(self, changes: Subscription, topics: Collection[str]) -> bool | None:
        """Whether something changed before the beat; None: there will be no more."""
        try:
            async with asyncio.timeout(self._beat_s):
                while found := await changes.get():
                    if any(change.topic in topics for change in found):
                        return True
        except TimeoutError:
            return False
        return None
