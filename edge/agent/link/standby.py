"""Which of two agents is the active one. A pure state machine over statuses and a clock.

A starting agent looks first. Another database id that is online and renews its status keeps it
passive; the active one yields only to a newer take-over; of two that start together the lower id
stays.
"""

from typing import Literal

import msgspec

from edge.contracts.wire import AgentStatus

State = Literal["looking", "active", "passive"]

RENEW_S = 10.0  # an active agent renews its status this often
ALIVE_S = 30.0  # one that has not for this long is gone
LOOK_S = 0.5  # the broker sends a retained status at once after the subscription
# One that has been active for less than this may have started together with another.
TOGETHER_S = ALIVE_S
# A young agent that still hears another after this has been heard by it, and it did not yield.
INSIST_S = 1.5 * RENEW_S


class Other(msgspec.Struct):
    """Another agent, by its last status; `renewed_at` is when it last proved that it lives."""

    status: AgentStatus
    heard_at: float
    renewed_at: float | None = None


class Standby:
    """Decides for the agent `own_id`; every `now` is a monotonic clock, in seconds."""

    def __init__(self, own_id: str, take_over_ms: int | None, now: float) -> None:
        self.state: State = "looking"
        self.take_over_ms = take_over_ms
        self._takes_over = take_over_ms is not None
        self._own_id = own_id
        self._since = now
        self._other: Other | None = None

    @property
    def other_id(self) -> str | None:
        """The agent that keeps this one passive or may be about to."""
        return self._other.status.id if self._other else None

    def connected(self, now: float) -> None:
        """A new connection: whoever became active meanwhile must be seen first."""
        self._enter("looking", now)
        self._other = None

    def heard(self, status: AgentStatus, retained: bool, now: float) -> None:
        """Take a status from `agent/status`."""
        if status.id == self._own_id:
            return
        if not status.online:
            if self._other is not None and self._other.status.id == status.id:
                self._other = None
            return
        renewed_at = None if retained else now
        self._other = Other(status, now, renewed_at)
        if self.state == "active" and not retained and self._yields(status, now):
            self._enter("passive", now)

    def decide(self, now: float) -> State:
        """Return the state at this time."""
        if self.state != "active":
            self._decide_to_start(now)
        return self.state

    def _decide_to_start(self, now: float) -> None:
        waited = now - self._since
        other = self._other
        if self._takes_over and self._is_newer(other):
            self._enter("active", now)
        elif other is None:
            if self.state == "passive" or waited >= LOOK_S:
                self._enter("active", now)
        elif other.renewed_at is not None and now - other.renewed_at < ALIVE_S:
            if self.state != "passive":
                self._enter("passive", now)
        elif now - other.heard_at >= ALIVE_S:
            self._other = None
            self._enter("active", now)

    def _is_newer(self, other: Other | None) -> bool:
        theirs = other.status.take_over if other else None
        return theirs is None or (self.take_over_ms or 0) > theirs

    def _yields(self, status: AgentStatus, now: float) -> bool:
        mine, theirs = self.take_over_ms or 0, status.take_over or 0
        if mine != theirs:
            return theirs > mine
        active_for = now - self._since
        if active_for >= TOGETHER_S:
            return False
        return status.id < self._own_id or active_for >= INSIST_S

    def _enter(self, state: State, now: float) -> None:
        if state == "active":
            self._takes_over = False  # asked for once: a later rival is judged as any other
        self.state = state
        self._since = now
