"""Sessions: who signed in on which browser, until when. Of their ids only hashes are kept."""

from contextlib import suppress

from edge.accounts.secret import kept, new_secret
from edge.accounts.store import SHOWN, Account, Accounts, account_of
from edge.agent.storage.database import DatabaseError

LASTS_S = 12 * 3600.0  # a school day; then one signs in again
IDLE_S = 2 * 3600.0
NOTED_EVERY_S = 300.0  # that a session is in use is written so seldom: an SD card wears
CLOCK_SLACK_S = 300.0  # a session from later than that is from before the clock was set back
AT_MOST = 20  # of one account; the oldest goes

_OPEN = "begun BETWEEN :now - :lasts AND :now + :slack AND used >= :now - :idle"


class Sessions:
    """The sessions of these accounts. `now` is Unix seconds."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def begin(self, account: str, now: float) -> str:
        """Open a session and return its secret, which stands in the browser's cookie alone.

        Raises:
            DatabaseError: it cannot be written now.
        """
        secret = new_secret()
        execute = self._accounts.connection.execute
        async with self._accounts.writing():
            await execute(f"DELETE FROM sessions WHERE NOT ({_OPEN})", _times(now))
            await execute(
                "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE account = ?"
                " ORDER BY begun DESC LIMIT -1 OFFSET ?)",
                (account, AT_MOST - 1),
            )
            values = (kept(secret), account, now, now)
            await execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", values)
        return secret

    async def find(self, secret: str, now: float) -> Account | None:
        """Whose session this is, if it is open and its account not disabled."""
        query = (
            f"SELECT used, {SHOWN.removeprefix('SELECT ')} JOIN sessions ON account = name"
            f" WHERE hash = :hash AND disabled IS NULL AND {_OPEN}"
        )
        values = {**_times(now), "hash": kept(secret)}
        async with self._accounts.connection.execute(query, values) as cursor:
            row = await cursor.fetchone()
        if row is None:
            return None
        if now - row[0] > NOTED_EVERY_S:
            with suppress(DatabaseError):  # full or locked: noted at the next request
                async with self._accounts.writing():
                    await self._accounts.connection.execute(
                        "UPDATE sessions SET used = ? WHERE hash = ?", (now, values["hash"])
                    )
        return account_of(tuple(row)[1:])

    async def end(self, secret: str) -> None:
        """Close a session, as signing out does."""
        async with self._accounts.writing():
            await self._accounts.connection.execute(
                "DELETE FROM sessions WHERE hash = ?", (kept(secret),)
            )

    async def open_of(self, account: str, now: float) -> int:
        """How many sessions of an account are open."""
        query = f"SELECT count(*) FROM sessions WHERE account = :account AND {_OPEN}"
        values = {**_times(now), "account": account}
        async with self._accounts.connection.execute(query, values) as cursor:
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def end_all_of(self, account: str, but: str = "") -> None:
        """Close an account's sessions, on whatever browser; `but` is the secret of one to keep."""
        async with self._accounts.writing():
            await self._accounts.connection.execute(
                "DELETE FROM sessions WHERE account = ? AND hash <> ?", (account, kept(but))
            )


def _times(now: float) -> dict[str, object]:
    return {"now": now, "lasts": LASTS_S, "idle": IDLE_S, "slack": CLOCK_SLACK_S}
