"""What the lock-out remembers over a restart: whom it makes wait, in the database.

Only who has to wait is written, not each wrong try: a card wears. What cannot be written now (disk
full, database locked) holds in memory all the same.
"""

from contextlib import suppress

from edge.accounts.lockout import FORGOTTEN_AFTER_S, Locked, Lockout
from edge.accounts.store import Accounts
from edge.agent.storage.database import DatabaseError


class LockoutBook:
    """The lock-out of these accounts. `now` is Unix seconds, `ticks` seconds that never jump."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._written: set[tuple[str, str]] | None = None

    async def recall(self, lockout: Lockout, now: float, ticks: float) -> None:
        """Once, before the first try is judged: let those wait on who had to."""
        if self._written is not None:
            return
        query = "SELECT kind, who, failures, last FROM locked_out"
        async with self._accounts.connection.execute(query) as cursor:
            found = [Locked(*row) for row in await cursor.fetchall()]
        self._written = {(one.kind, one.who) for one in found}
        for one in found:
            age_s = max(0.0, now - one.last)  # below 0 the clock was set back since
            if age_s < FORGOTTEN_AFTER_S:
                lockout.recall(one, ticks - age_s)

    async def keep(self, lockout: Lockout, account: str, address: str, now: float) -> None:
        """Write down how these two stand, where it differs from what is written."""
        written = self._written or set()
        stand = lockout.standing(account, address)
        due = [one for one in stand if one.waits or (one.kind, one.who) in written]
        if not due:
            return
        with suppress(DatabaseError):
            async with self._accounts.writing():
                execute = self._accounts.connection.execute
                await execute("DELETE FROM locked_out WHERE last < ?", (now - FORGOTTEN_AFTER_S,))
                for one in due:
                    if one.waits:
                        values = (one.kind, one.who, one.failures, now)
                        await execute("REPLACE INTO locked_out VALUES (?, ?, ?, ?)", values)
                        written.add((one.kind, one.who))
                    else:
                        statement = "DELETE FROM locked_out WHERE kind = ? AND who = ?"
                        await execute(statement, (one.kind, one.who))
                        written.discard((one.kind, one.who))
