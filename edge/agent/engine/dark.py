"""Which gateways are known to be offline: what they would have seen, no silence tells."""

from typing import TYPE_CHECKING

from edge.contracts.readlog import GatewayRow

if TYPE_CHECKING:
    from edge.agent.engine.tag import Tag


class Dark:
    """Gateways that are offline, and the tags that were thought of while one was."""

    __slots__ = ("_thought_of", "since_ms")

    def __init__(self) -> None:
        self.since_ms: dict[str, int] = {}  # by gateway: when it was said to be offline
        self._thought_of: dict[Tag, None] = {}

    def came(self, row: GatewayRow) -> list["Tag"]:
        """Take in that a gateway came online or went; return whom to think of again."""
        if not row.online:
            self.since_ms.setdefault(row.gateway, int(row.rx * 1000))
            return []
        if self.since_ms.pop(row.gateway, None) is None:
            return []
        waiting = list(self._thought_of)
        self._thought_of.clear()
        for tag in waiting:
            tag.listen_again()
        return waiting

    def note(self, tag: "Tag") -> None:
        """Remember a tag that is thought of now."""
        if self.since_ms:
            self._thought_of[tag] = None
