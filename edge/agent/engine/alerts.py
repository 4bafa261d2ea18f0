"""The life of an alert: raised once for a cause, closed by itself when the cause is gone.

Rules say what holds; whether that is news is decided here. While an alert on a cause is open
nothing is raised for it again; when it is closed and the cause comes again, that is a new alert.
Everything is said at whole seconds of the engine's time, so a rule may speak while rows come in.
"""

from dataclasses import dataclass
from heapq import heappop, heappush
from math import ceil
from typing import Protocol

from edge.agent.engine.speaker import Speaker
from edge.contracts.events import Alert, Closed

Why = dict[str, object]


@dataclass(frozen=True, slots=True)
class Cause:
    """What an alert is about; two that are equal are one.

    `part` tells apart what the other fields do not: an antenna, a room, one exit of several.
    """

    rule: str
    epc: str | None = None
    doorway: str | None = None
    gateway: str | None = None
    part: str = ""


class Rule(Protocol):
    """What may ask to be reminded of a cause."""

    def reminded(self, cause: Cause) -> None:
        """Look again: the time has come that was asked for."""


@dataclass(slots=True)
class Raised:
    """An alert that was said, and what closed it."""

    cause: Cause
    alert: Alert
    closed: Closed | None = None


@dataclass(frozen=True, slots=True)
class _Wait:
    due: int
    at: float
    why: Why


class Alerts:
    """The open alerts of a school, and those that wait for their cause to last.

    `due`: the second at which there is something to say by itself, None while there is not;
    `later`: the second of the next reminder. The engine does not ask for time rows to reach that,
    nor does the end of a log: it comes when anything at all arrives after it.
    """

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._open: dict[Cause, Raised] = {}
        self._of_epc: dict[str, set[Cause]] = {}
        self._waits: dict[Cause, _Wait] = {}
        self._heap: list[tuple[int, int, Cause]] = []
        self._count = 0  # tells waits of one second apart, in the order they came
        self._ends: dict[Cause, str] = {}
        self._reminders: list[tuple[int, int, Rule, Cause]] = []
        self._remind_at: dict[Cause, int] = {}
        self.due: int | None = None

    @property
    def later(self) -> int | None:
        """See above."""
        return self._reminders[0][0] if self._reminders else None

    @property
    def now(self) -> float:
        """The second that is being thought at, Unix s."""
        return self._speaker.decided

    def is_open(self, cause: Cause) -> bool:
        """Whether an alert on this cause needs someone now."""
        return cause in self._open

    def open_about(self, epc: str, rule: str) -> list[Cause]:
        """The causes of a rule's open alerts on a device."""
        return sorted(
            (c for c in self._of_epc.get(epc, ()) if c.rule == rule), key=lambda c: c.part
        )

    def open_of(self, rule: str) -> list[Cause]:
        """The causes of a rule's open alerts, in the order in which they were raised."""
        return [cause for cause in self._open if cause.rule == rule]

    def concern(self, epc: str) -> bool:
        """Whether any alert on a device is open."""
        return epc in self._of_epc

    # While the engine thinks

    def raise_for(self, cause: Cause, at: float, why: Why, late: bool = False) -> Raised:
        """Say that a cause is there since `at`; return the alert, the open one if there is one."""
        raised = self._open.get(cause)
        if raised is None:
            alert = self._speaker.alert(
                cause.rule, at, late, cause.epc, cause.doorway, cause.gateway, why
            )
            raised = Raised(cause, alert)
            self._keep(raised)
        return raised

    def close(self, cause: Cause, reason: str, at: float | None = None) -> None:
        """Say that a cause is gone since `at` (now); nothing where no alert on it is open."""
        raised = self._open.get(cause)
        if raised is not None:
            raised.closed = self._speaker.closed(
                self.now if at is None else at, raised.alert, reason
            )
            self._drop(cause)

    def reopen(self, raised: Raised) -> None:
        """Take back that an alert was closed."""
        if raised.closed is not None:
            self._speaker.retracted(raised.closed)
            raised.closed = None
            self._keep(raised)

    def take_back(self, raised: Raised) -> None:
        """Take back an alert: what it said never was."""
        if raised.closed is not None:
            self._speaker.retracted(raised.closed)
        else:
            self._drop(raised.cause)
        self._speaker.retracted(raised.alert)

    # At any time

    def after(self, cause: Cause, due: float, at: float, why: Why) -> None:
        """Raise an alert at `due` unless `end` is called for its cause before."""
        self._ends.pop(cause, None)
        if cause in self._open:
            return
        self._waits[cause] = _Wait(ceil(due), at, why)
        heappush(self._heap, (ceil(due), self._count, cause))
        self._count += 1
        self._plan()

    def end(self, cause: Cause, reason: str) -> None:
        """A cause is gone: drop what waits for it, close its alert at the next second."""
        self._waits.pop(cause, None)
        if cause in self._open:
            self._ends[cause] = reason
        self._plan()

    def remind(self, rule: Rule, cause: Cause, at: float) -> None:
        """Let a rule look at a cause again then; the last time asked for holds."""
        due = ceil(at)
        if self._remind_at.get(cause) != due:
            self._remind_at[cause] = due
            heappush(self._reminders, (due, self._count, rule, cause))
            self._count += 1

    def settle(self, second: int, arrived: float) -> None:
        """Say what became due; remind of what is not later than the latest arrival."""
        while self._reminders and self._reminders[0][0] <= min(second, arrived):
            due, _, rule, cause = heappop(self._reminders)
            if self._remind_at.get(cause) == due:
                del self._remind_at[cause]
                rule.reminded(cause)
        if self.due is None or self.due > second:
            return
        for cause, reason in list(self._ends.items()):
            self.close(cause, reason)
        while self._heap and self._heap[0][0] <= second:
            due, _, cause = heappop(self._heap)
            wait = self._waits.get(cause)
            if wait is not None and wait.due == due:
                del self._waits[cause]
                self.raise_for(cause, wait.at, wait.why)
        self._plan()

    def _plan(self) -> None:
        while self._heap:
            due, _, cause = self._heap[0]
            wait = self._waits.get(cause)
            if wait is not None and wait.due == due:
                break
            heappop(self._heap)
        if self._ends:
            self.due = 0
        else:
            self.due = self._heap[0][0] if self._heap else None

    def _keep(self, raised: Raised) -> None:
        cause = raised.cause
        self._open[cause] = raised
        if cause.epc is not None:
            self._of_epc.setdefault(cause.epc, set()).add(cause)

    def _drop(self, cause: Cause) -> None:
        del self._open[cause]
        self._ends.pop(cause, None)
        if cause.epc is not None:
            causes = self._of_epc[cause.epc]
            causes.discard(cause)
            if not causes:
                del self._of_epc[cause.epc]
