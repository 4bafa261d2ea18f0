"""One-time links with which the owner of an account chooses its password."""

from edge.accounts.secret import kept, new_secret
from edge.accounts.store import AccountError, Accounts

LASTS_S = 24 * 3600.0


class Invitations:
    """The links of these accounts. `now` is Unix seconds."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def make(self, account: str, now: float) -> str:
        """Return the secret of a new link; earlier ones of the account are void."""
        secret = new_secret()
        execute = self._accounts.connection.execute
        async with self._accounts.writing():
            await execute("DELETE FROM invitations WHERE account = ?", (account,))
            values = (kept(secret), account, now + LASTS_S)
            await execute("INSERT INTO invitations VALUES (?, ?, ?)", values)
        return secret

    async def find(self, secret: str, now: float) -> str | None:
        """Whose link this is, while it is good."""
        query = (
            "SELECT account FROM invitations JOIN accounts ON name = account"
            " WHERE hash = ? AND disabled IS NULL AND until BETWEEN ? AND ?"
        )
        values = (kept(secret), now, now + LASTS_S)
        async with self._accounts.connection.execute(query, values) as cursor:
            row = await cursor.fetchone()
        return None if row is None else row[0]

    async def use(self, secret: str, password: str, now: float) -> str:
        """Give the account this password (a hash) and void the link; return the account's name.

        Raises:
            AccountError: the link is no longer good, also where it was used a moment ago.
        """
        async with self._accounts.writing():
            account = await self.find(secret, now)
            if account is None:
                raise AccountError("this link was used, or is too old")
            await self._accounts.replace_password(account, password)
        return account
