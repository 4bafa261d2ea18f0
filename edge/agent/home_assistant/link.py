"""Keeps what Home Assistant finds on the broker what it should be, and clears up what is not.

What stands there is learnt from the broker itself: so things that left the school file, and all of
them once discovery is switched off, go by an empty retained payload, whenever they were published.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from edge.agent.home_assistant.discovery import messages, rules
from edge.agent.live import Change, Live
from edge.agent.process.clock import Clock
from edge.agent.shown.views import AlertView, Queries
from edge.contracts.school import School

log = structlog.get_logger()

SPACING_S = 2.0  # carts are heard of each second; nobody's dashboard needs that
QUIET_S = 10.0  # a new connection is noticed after this where nothing changes
_PAGE = 200


class Line(Protocol):
    """What it needs of the broker's connection."""

    connects: int

    @property
    def active(self) -> bool:
        """Whether it may publish now."""

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """Publish; False where that is not possible now."""


class HomeLink:
    """The task, and the ear for what is retained. Switched off it only clears up."""

    def __init__(
        self,
        *,
        discovery: bool,
        url: str,
        school: Callable[[], School],
        queries: Queries,
        line: Line,
        live: Live,
        clock: Clock,
    ) -> None:
        self._discovery = discovery
        self._url = url
        self._school = school
        self._queries = queries
        self._line = line
        self._live = live
        self._clock = clock
        self._connection = 0
        self._standing: set[str] = set()  # topics that hold something on the broker
        self._told: dict[str, bytes] = {}  # on this connection
        self._stirred = asyncio.Event()

    def heard(self, topic: str, payload: bytes) -> None:
        """Take a message on a topic of ours: what is retained, or our own coming back."""
        if payload and topic not in self._told:
            self._standing.add(topic)
            self._stirred.set()

    async def run(self) -> None:
        """Tell what changed until cancelled."""
        with self._live.subscribe() as changes:
            stirring = asyncio.create_task(self._stir(changes.get), name="home-changes")
            try:
                while True:
                    self._stirred.clear()
                    try:
                        await self._tell()
                    except sqlite3.Error as error:
                        log.warning("Home Assistant is not told", reason=str(error))
                    await asyncio.sleep(SPACING_S)
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(QUIET_S):
                            await self._stirred.wait()
            finally:
                stirring.cancel()

    async def _stir(self, get: Callable[[], Awaitable[list[Change]]]) -> None:
        """Wake the task at changes, of which only that there are any matters."""
        while await get():  # nothing: the agent is stopping
            self._stirred.set()

    async def _tell(self) -> None:
        if not self._line.active:
            return
        if self._connection != self._line.connects:  # another broker may stand there, empty
            self._connection = self._line.connects
            self._told = {}
        wanted = await self._wanted() if self._discovery else {}
        for topic, payload in wanted.items():
            if self._told.get(topic) != payload and self._line.publish(topic, payload, retain=True):
                self._told[topic] = payload
        for topic in sorted((self._standing | set(self._told)) - set(wanted)):
            if self._line.publish(topic, b"", retain=True):
                self._standing.discard(topic)
                self._told.pop(topic, None)

    async def _wanted(self) -> dict[str, bytes]:
        return messages(
            self._school(),
            await self._queries.gateways(),
            await self._queries.carts(self._clock.now()),
            list(rules(await self._open_alerts())),
            self._url,
        )

    async def _open_alerts(self) -> list[AlertView]:
        found: list[AlertView] = []
        while True:
            page = await self._queries.alerts(offset=len(found), limit=_PAGE)
            found += page.items
            if not page.items or len(found) >= page.total:
                return found
