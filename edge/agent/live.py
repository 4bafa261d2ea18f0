"""Fan-out of changes to whoever watches: one bounded, coalescing queue for each subscriber."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from types import TracebackType
from typing import Literal

import msgspec

from edge.contracts.events import Event

# Changes of state coalesce by what they are about, so a queue holds at most one for each thing
# on a page; 512 is more than a school's carts, gateways and open alerts together.
QUEUE_SIZE = 512


class Change(msgspec.Struct, frozen=True):
    """Something on a page is no longer what it was: ask the queries for it again.

    `id` names the cart, gateway, desk, device (EPC) or alert; "" where the topic is one thing.
    `event` is the engine's event behind it, on topic "event" only.
    """

    topic: Literal["cart", "gateway", "desk", "device", "alert", "school", "event"]
    id: str
    event: Event | None = None


class Subscription:
    """One watcher's queue. When it is full the oldest change goes and `missed` counts it.

    A watcher that missed something shows a whole fresh page: changes only say what to ask again.
    """

    def __init__(self, live: "Live", size: int) -> None:
        self.missed = 0
        self._live = live
        self._size = size
        self._waiting: OrderedDict[object, Change] = OrderedDict()
        self._wake = asyncio.Event()
        self._closed = False

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.unsubscribe(self)

    async def get(self) -> list[Change]:
        """Wait for changes and take all of them; an empty list when the agent is stopping."""
        await self._wake.wait()
        if not self._closed:
            self._wake.clear()
        changes = list(self._waiting.values())
        self._waiting.clear()
        return changes

    def offer(self, change: Change) -> None:
        """Put a change in; one about the same thing is replaced, an event never is."""
        key = change.event.id if change.event is not None else (change.topic, change.id)
        self._waiting.pop(key, None)
        self._waiting[key] = change
        if len(self._waiting) > self._size:
            self._waiting.popitem(last=False)
            self.missed += 1
            self._live.missed += 1
        self._wake.set()

    def close(self) -> None:
        """Wake the watcher for the last time."""
        self._closed = True
        self._wake.set()


class Live:
    """The agent's changes, to any number of subscribers."""

    def __init__(self) -> None:
        self.missed = 0  # of all watchers since the start
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    def subscribe(self, size: int = QUEUE_SIZE) -> Subscription:
        """Watch from now on; use as a context manager."""
        subscription = Subscription(self, size)
        self._subscriptions.add(subscription)
        if self._closed:
            subscription.close()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a watcher."""
        self._subscriptions.discard(subscription)

    def publish(self, changes: Iterable[Change]) -> None:
        """Tell every watcher; never waits."""
        for change in changes:
            for subscription in self._subscriptions:
                subscription.offer(change)

    def close(self) -> None:
        """Let every open stream end: the agent is stopping."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()

    @property
    def watching(self) -> int:
        """How many watch."""
        return len(self._subscriptions)
