"""Holders and loans of one database, for API and commands: each call is one transaction.

They are asked for some times a minute at most, so each call opens its own connection, in a thread.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from edge.agent.storage.database import OTHERS_WAIT_S, DatabaseError
from edge.contracts.csv_lines import LineProblem
from edge.custody import loans, looks
from edge.custody.loans import CustodyError, Loan
from edge.custody.loans_csv import LoanLine
from edge.custody.looks import Look

T = TypeVar("T")

SHORTEST_REASON = 5  # characters: "fee 3" says something, "x" does not


class Custody:
    """Who has what. `now` gives Unix seconds. Every method raises `DatabaseError` too."""

    def __init__(self, database: Path, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def lend(
        self,
        device: str,
        *,
        holder: str | None = None,
        name: str | None = None,
        taken: float | None = None,
        due: float | None = None,
    ) -> Loan:
        """Lend a device (EPC or asset tag) to a holder, or to whoever has a name.

        Raises:
            CustodyError: it cannot be lent; `Unknown` where device or holder is not known.
        """

        def act(connection: sqlite3.Connection) -> Loan:
            now = self._now()
            epc = loans.device_of(connection, device)
            if holder is None and name is None:
                raise CustodyError("a loan needs a holder or a name")
            to = holder or loans.holder_named(connection, name or "", now)
            return loans.lend(connection, epc, to, now if taken is None else taken, due, now)

        return await self._write(act)

    async def import_lines(
        self, lines: Sequence[LoanLine], *, all_or_nothing: bool
    ) -> list[LineProblem]:
        """Take lines of a CSV; return what is wrong with those left out.

        A line that was taken before changes nothing, but that a return it tells of is taken.
        """

        def act(connection: sqlite3.Connection) -> list[LineProblem]:
            problems = []
            for line in lines:
                connection.execute("SAVEPOINT line")
                try:
                    _take_line(connection, line, self._now())
                except CustodyError as error:
                    connection.execute("ROLLBACK TO line")  # a holder that was made for it too
                    problems.append(LineProblem(line.line, str(error)))
            if problems and all_or_nothing:
                raise _NothingTaken(problems)
            return problems

        try:
            return await self._write(act)
        except _NothingTaken as nothing:
            return nothing.problems

    async def take_back(self, number: int, returned: float | None = None) -> Loan:
        """Close a loan; raises `CustodyError`."""

        def act(connection: sqlite3.Connection) -> Loan:
            now = self._now()
            return loans.take_back(connection, number, now if returned is None else returned, now)

        return await self._write(act)

    async def loans(
        self, device: str | None, open_only: bool, offset: int, limit: int
    ) -> tuple[list[Loan], int]:
        """Loans, the newest first, and how many there are; raises `Unknown` for a device."""

        def act(connection: sqlite3.Connection) -> tuple[list[Loan], int]:
            epc = None if device is None else loans.device_of(connection, device)
            return loans.list_loans(connection, epc, open_only, offset, limit)

        return await self._read(act)

    async def open_loans(self, epcs: Collection[str]) -> dict[str, Loan]:
        """The open loans of these devices, by EPC."""
        return await self._read(lambda connection: loans.open_loans(connection, epcs))

    async def due_loans(self, offset: int, limit: int) -> tuple[list[Loan], int]:
        """Open loans, the one due first first, and how many there are."""
        return await self._read(lambda connection: loans.due_loans(connection, offset, limit))

    async def overdue(self, now: float) -> int:
        """How many devices should be back."""
        return await self._read(lambda connection: loans.overdue(connection, now))

    async def name_of(self, holder: str, account: str, reason: str) -> str:
        """Tell a holder's name; that it was told is on the disk before it is.

        Raises:
            CustodyError: no reason; `Unknown` where there is no such holder.
        """
        clean = " ".join(reason.split())
        if len(clean) < SHORTEST_REASON:
            raise CustodyError("say for what the name is needed; it is written down")

        def act(connection: sqlite3.Connection) -> str:
            name = loans.name_of(connection, holder)
            looks.add_look(connection, self._now(), account, holder, clean)
            return name

        return await self._write(act)

    async def looks(self, offset: int, limit: int) -> list[Look]:
        """Who looked at whose name, the newest first."""
        return await self._read(lambda connection: looks.newest_looks(connection, offset, limit))

    async def _write(self, act: Callable[[sqlite3.Connection], T]) -> T:
        def work() -> T:
            with connected(self._database) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    done = act(connection)
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
                return done

        return await asyncio.to_thread(work)

    async def _read(self, act: Callable[[sqlite3.Connection], T]) -> T:
        def work() -> T:
            with connected(self._database) as connection:
                return act(connection)

        return await asyncio.to_thread(work)


class _NothingTaken(Exception):
    def __init__(self, problems: list[LineProblem]) -> None:
        super().__init__()
        self.problems = problems


def _take_line(connection: sqlite3.Connection, line: LoanLine, now: float) -> None:
    epc = loans.device_of(connection, line.device)
    loan = loans.find_loan(connection, epc, line.taken)
    if loan is None:
        if line.returned is not None and line.returned < line.taken:
            raise CustodyError("it came back before it was taken")
        holder = line.holder or loans.holder_named(connection, line.name or "", now)
        loan = loans.lend(connection, epc, holder, line.taken, line.due, now)
    if line.returned is not None:
        loans.take_back(connection, loan.id, line.returned, now)


@contextmanager
def connected(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a database that is there already; raises `DatabaseError`."""
    try:
        if not database.exists():
            raise DatabaseError(f"{database}: no database yet; start the agent once to make it")
        with closing(
            sqlite3.connect(database, timeout=OTHERS_WAIT_S, isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            yield connection
    except sqlite3.OperationalError as error:
        raise DatabaseError(f"{database}: {error}; try again later") from error
