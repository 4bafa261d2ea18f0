"""What the agent itself tells the ledger: a gateway's start, an alert of its own."""

import msgspec


class Start(msgspec.Struct, frozen=True):
    """A gateway's announcement of a boot: its board ("" when it does not say), why it started."""

    gateway: str
    boot: str
    hw: str
    reset: str | None
    firmware: str | None
    at: float


class AgentAlert(msgspec.Struct, frozen=True):
    """An alert that the agent itself raises, of what the engine does not see."""

    id: str
    t: float
    rule: str
    gateway: str | None
    why: dict[str, list[str]]
