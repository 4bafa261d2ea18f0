"""The carts as everyone watches them: one look at the ledger for all open streams together.

A stream gets the whole board first, then only the carts that differ: the first change at once,
later ones together, at most twice a second. A slow reader misses nothing but steps in between:
what waits for it is a set of cart ids.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic

import msgspec
import structlog

from edge.agent.live import Subscription
from edge.agent.shown.views import CartView
from edge.api.ports import Agent

PAUSE_S = 0.5  # between two looks, and two events of a stream: faster only flickers
MAX_STREAMS = 256  # a tab each; past it a new one is told to come again

_log = structlog.get_logger()


class Snapshot(msgspec.Struct):
    """All carts at `now` (Unix seconds); `memo` keeps what was rendered of them."""

    number: int
    now: float
    carts: dict[str, CartView]
    memo: dict[Hashable, dict[str, str]] = msgspec.field(default_factory=dict)


class News(msgspec.Struct, frozen=True):
    """What a stream has to tell `now`: the carts that differ, or with none a heartbeat."""

    now: float
    snapshot: Snapshot
    changed: list[CartView]


class BoardFull(Exception):
    """As many streams are open as the machine should bear."""


class LiveBoard:
    """Watches the agent once, for any number of streams."""

    def __init__(self, agent: Agent, clock: Callable[[], float], beat_s: float) -> None:
        self.beat_s = beat_s
        self.snapshot = Snapshot(number=0, now=clock(), carts={})
        self.now = clock
        self._agent = agent
        self._streams: set[Stream] = set()
        self._looking = asyncio.Lock()
        self._began_at = -inf  # the last look
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the agent: no change from here on is missed."""
        changes = self._agent.live.subscribe()
        self._task = asyncio.create_task(self._watch(changes), name="live-board")

    async def stop(self) -> None:
        """End every open stream, then the watching."""
        self._close_streams()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    @contextmanager
    def open(self) -> Iterator["Stream"]:
        """Open a stream for as long as the context lasts.

        Raises:
            BoardFull: too many are open.
        """
        if len(self._streams) >= MAX_STREAMS:
            raise BoardFull
        stream = Stream(self)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    async def look(self) -> None:
        """Ask for the carts now, and wake the streams where something differs from last time.

        Of many who ask while one looks, one looks for all: carts as they were asked of after one
        asked are as new to it, and what changes since is told to every stream that is open.
        """
        asked_at = monotonic()
        async with self._looking:
            if self._began_at > asked_at:
                return
            self._began_at = monotonic()
            now = self.now()
            try:
                carts = {cart.id: cart for cart in await self._agent.queries.carts(now)}
            except BaseException:
                self._began_at = -inf
                raise
            before = self.snapshot
            self.snapshot = Snapshot(before.number + 1, now, carts)
        if before.number and list(before.carts) != list(carts):
            # Another school file. A stream tells of carts that differ, not of carts that are
            # gone: closed, it is opened again and begins with the whole board.
            self._close_streams()
        changed = {name for name, cart in carts.items() if before.carts.get(name) != cart}
        if changed:
            for stream in self._streams:
                stream.tell(changed)

    async def _watch(self, changes: Subscription) -> None:
        with changes:
            while True:
                try:
                    # Time alone makes a silent gateway's cart unreadable: look at each beat too.
                    if not await asyncio.wait_for(changes.get(), self.beat_s):
                        break  # the agent is stopping
                except TimeoutError:
                    pass
                began = monotonic()
                if self._streams:
                    await self._look_or_close()
                # Whatever a look takes, half of the time is others'.
                await asyncio.sleep(max(PAUSE_S, monotonic() - began))
        self._close_streams()

    async def _look_or_close(self) -> None:
        try:
            await self.look()
        except Exception:  # noqa: BLE001 - logged, and told to every page
            # Open streams must not go on beating over old numbers: closed, they ask again, get
            # the error themselves, and their pages say that there is no news.
            _log.exception("live-board-failed", streams=len(self._streams))
            self._close_streams()

    def _close_streams(self) -> None:
        for stream in self._streams:
            stream.close()


class Stream:
    """What one open tab is told."""

    def __init__(self, board: LiveBoard) -> None:
        self._board = board
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self._closed = False

    def tell(self, carts: set[str]) -> None:
        """Note carts that differ."""
        self._changed |= carts
        self._wake.set()

    def close(self) -> None:
        """End it."""
        self._closed = True
        self._wake.set()

    async def news(self) -> AsyncIterator[News]:
        """Yield the whole board, then what differs, and a heartbeat after each quiet `beat_s`."""
        loop = asyncio.get_running_loop()
        await self._board.look()
        told_at = loop.time()
        yield self._take(everything=True)
        while True:
            await asyncio.sleep(told_at + PAUSE_S - loop.time())
            with suppress(TimeoutError):  # quiet: what is taken then is a heartbeat
                await asyncio.wait_for(self._wake.wait(), self._board.beat_s)
            if self._closed:
                return
            told_at = loop.time()
            yield self._take()

    def _take(self, *, everything: bool = False) -> News:
        snapshot = self._board.snapshot
        news = [
            cart for name, cart in snapshot.carts.items() if everything or name in self._changed
        ]
        self._changed.clear()
        if not self._closed:
            self._wake.clear()
        return News(self._board.now(), snapshot, news)
