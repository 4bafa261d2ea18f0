"""How notices stand, for the page: where they go, what could not be sent; a test, and once more."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from edge.agent.storage.database import DatabaseError
from edge.contracts.settings import NotifySettings
from edge.custody.store import connected
from edge.notify import outbox
from edge.notify.outbox import Untold
from edge.notify.sending import NoticeError, read_addresses, send

TEST = "Notices of Rollcall arrive here."


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How they stand. `targets` are kinds of addresses ("mailto"), which hold no secret.

    `waiting` counts alerts nobody was told of yet; `untold` are those of them that failed.
    """

    on: bool
    targets: list[str] = []
    unreadable: str = ""
    waiting: int = 0
    untold: list[Untold] = []
    last_sent: float | None = None


class NoticeDesk:
    """The notices of one installation; `school` names it, `post` sends a text to all targets."""

    def __init__(
        self,
        database: Path,
        settings: NotifySettings,
        school: Callable[[], str],
        post: Callable[[Path, str, str], None] = send,
    ) -> None:
        self.settings = settings
        self._database = database
        self._school = school
        self._post = post

    async def standing(self) -> Standing:
        """Look; raises `DatabaseError`."""
        return await asyncio.to_thread(self._look)

    async def test(self) -> None:
        """Send a test to every target.

        Raises:
            NoticeError: notices are off, or a target did not take it; all were tried.
        """
        if self.settings.addresses is None:
            raise NoticeError("no file of addresses is named: [notify] addresses")
        title = f"{self._school()}: a test"
        await asyncio.to_thread(self._post, self.settings.addresses, title, TEST)

    async def again(self) -> int:
        """Let what failed be due now, not when its wait is over; how many; `DatabaseError`."""
        return await asyncio.to_thread(self._again)

    def _look(self) -> Standing:
        if self.settings.addresses is None:
            return Standing(on=False)
        targets, unreadable = [], ""
        try:
            targets = [one.partition(":")[0] for one in read_addresses(self.settings.addresses)]
        except NoticeError as error:
            unreadable = str(error)
        with self._connection() as connection:
            return Standing(
                on=True,
                targets=targets,
                unreadable=unreadable,
                waiting=len(outbox.waiting(connection).alerts),
                untold=outbox.untold(connection),
                last_sent=outbox.last_sent(connection),
            )

    def _again(self) -> int:
        with self._connection() as connection:
            return outbox.be_due(connection)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with connected(self._database) as connection:
                yield connection
        except sqlite3.Error as error:
            raise DatabaseError(str(error)) from error
