"""A journal row that could not be worked out: kept by its position, with the reason, and told once.

A row that brings an exception brings it at each start and in each replay. What the engine holds
afterwards depends on the rows alone, as ever; so leaving it out costs that row and nothing else.
"""

from hashlib import blake2b

import msgspec

from edge.agent.ledger.told import AgentAlert


class SetAside(msgspec.Struct, frozen=True):
    """One row: its position, when it came (Unix s), its kind, and what it brought."""

    pos: int
    at: float
    kind: str
    reason: str

    @property
    def alert_id(self) -> str:
        """The same for all rows that brought the same: a bug is told once, not for each read."""
        return f"agent.set-aside.{blake2b(self.reason.encode(), digest_size=8).hexdigest()}"

    def alert(self) -> AgentAlert:
        """What people are told of it."""
        why = {"reason": [self.reason], "row": [str(self.pos)]}
        return AgentAlert(self.alert_id, self.at, "set-aside", None, why)


def reason_of(error: Exception) -> str:
    """The exception in a line."""
    return f"{type(error).__name__}: {error}"[:500]
