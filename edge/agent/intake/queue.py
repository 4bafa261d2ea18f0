"""What waits to be journaled: one bounded queue, and the rule when to commit it.

When the queue is full a batch is dropped unconfirmed and counted: its gateway still holds it and
sends it again. Nothing else ever stands between the broker and the journal.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable

import msgspec

from edge.contracts.readlog import Row

# 200 gateways with 16 batches each on the wire are 3,200: a well-behaved school always fits.
# At 6 KiB a batch this is at most 25 MB, at the usual 1.3 KB some 5 MB.
MAX_BATCHES = 4096
# Facts (a gateway came or went, a device changed) are not sent again, so they have room apart.
MAX_FACTS = 1024

COMMIT_AFTER_S = 0.2  # after the first waiting batch: an fsync on an SD card takes 5-50 ms
COMMIT_AT = 8  # batches of one gateway: half of its window, so that it never has to pause
TAKE_AT_MOST = 512  # some 50 ms of work: the event loop answers pages in between


class Message(msgspec.Struct, frozen=True):
    """A message as it came; `rx` is when (Unix s, the agent's clock).

    `refused` is set for a message of another channel that could not be understood, and says why.
    """

    topic: str
    payload: bytes
    gateway: str
    rx: float
    channel: str = "batch"
    refused: str | None = None


class Fact(msgspec.Struct, frozen=True):
    """A row for the journal that is no batch; `inbox` is where it lay, to be removed with it."""

    row: Row
    inbox: int | None = None


Item = Message | Fact


class Intake:
    """The queue. `monotonic` gives seconds that never jump."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.dropped = 0
        self.put_off = 0  # facts that found no room and are offered again
        self._monotonic = monotonic
        self._waiting: deque[Item] = deque()
        self._of_gateway: Counter[str] = Counter()
        self._facts = 0
        self._first_at = 0.0
        self._closed = False
        self._any = asyncio.Event()
        self._due = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, message: Message) -> bool:
        """Queue a batch; False when it was dropped because the queue is full."""
        if self._closed or len(self._waiting) - self._facts >= MAX_BATCHES:
            self.dropped += 1
            return False
        self._append(message)
        self._of_gateway[message.gateway] += 1
        if (
            self._of_gateway[message.gateway] >= COMMIT_AT
            or len(self._waiting) >= TAKE_AT_MOST  # a whole commit has no reason to wait
        ):
            self._due.set()
        return True

    def offer_fact(self, fact: Fact) -> bool:
        """Queue another row; False when there is no room: offer it again later."""
        if self._closed or self._facts >= MAX_FACTS:
            self.put_off += 1
            return False
        self._append(fact)
        self._facts += 1
        return True

    def hurry(self) -> None:
        """Let the writer take what is there now, even if it is nothing."""
        self._any.set()
        self._due.set()

    def close(self) -> None:
        """Take nothing more; what waits is still to be taken."""
        self._closed = True
        self.hurry()

    @property
    def finished(self) -> bool:
        """Whether it is closed and empty."""
        return self._closed and not self._waiting

    async def take(self) -> list[Item]:
        """Wait until a commit is due and return what it holds, in order of arrival."""
        await self._any.wait()
        if not self._due.is_set():
            wait = self._first_at + COMMIT_AFTER_S - self._monotonic()
            try:
                async with asyncio.timeout(max(0.0, wait)):
                    await self._due.wait()
            except TimeoutError:
                pass  # the first one has waited long enough
        return self._take_now()

    def _append(self, item: Item) -> None:
        if not self._waiting:
            self._first_at = self._monotonic()
            self._any.set()
        self._waiting.append(item)

    def _take_now(self) -> list[Item]:
        count = min(len(self._waiting), TAKE_AT_MOST)
        items = [self._waiting.popleft() for _ in range(count)]
        if self._waiting:  # more than one commit's worth: go on at once
            for item in items:
                if isinstance(item, Message):
                    self._of_gateway[item.gateway] -= 1
                else:
                    self._facts -= 1
            return items
        self._of_gateway.clear()
        self._facts = 0
        self._any.clear()
        self._due.clear()
        return items
