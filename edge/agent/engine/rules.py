"""Which crossings to the outside need a person's attention, and when they no longer do."""

from dataclasses import dataclass, field

from edge.agent.engine.speaker import Speaker
from edge.contracts.events import Alert, Closed, Crossed
from edge.contracts.readlog import CalendarRow, LoanRow

_SAME_EXIT_S = 30.0  # a crossing corrected by less is the same exit: its alert stands


@dataclass
class Permissions:
    """Loans and calendar: who may leave when."""

    _loans: dict[str, dict[float, LoanRow]] = field(default_factory=dict)
    _calendar: list[CalendarRow] = field(default_factory=list)

    def lend(self, loan: LoanRow) -> None:
        """Take in a loan, or a change of the one that began at the same time."""
        self._loans.setdefault(loan.epc, {})[loan.start] = loan

    def plan(self, entry: CalendarRow) -> None:
        """Take in a calendar entry."""
        self._calendar.append(entry)

    def allow(self, epc: str, at: float) -> bool:
        """Whether a device may leave the building at that time."""
        return any(
            loan.start <= at and (loan.ended is None or at < loan.ended)
            for loan in self._loans.get(epc, {}).values()
        ) or any(
            entry.exits == "allowed"
            and entry.start <= at <= entry.until
            and (entry.epcs is None or epc in entry.epcs)
            for entry in self._calendar
        )


@dataclass(slots=True)
class _Exit:
    crossed: Crossed
    alert: Alert
    closed: Closed | None = None


class Exits:
    """The exits of one EPC that an alert was raised for."""

    __slots__ = ("_exits",)

    def __init__(self) -> None:
        self._exits: list[_Exit] = []

    @property
    def are_watched(self) -> bool:
        """Whether there is an alert that may be closed, opened again or taken back."""
        return bool(self._exits)

    def judge(
        self,
        new: list[tuple[Crossed, bool]],
        gone: list[Crossed],
        back_at: list[float],
        permissions: Permissions,
        speaker: Speaker,
    ) -> None:
        """Raise, close and take back.

        `new`: crossings to the outside just said, and whether late reads are behind it; `gone`:
        crossings just retracted; `back_at`: when the tag was in the building again, as thought
        now, in order.
        """
        lost = [e for e in self._exits if any(e.crossed.id == g.id for g in gone)]
        for crossed, late in new:
            same = next((e for e in lost if _is_same_exit(e.crossed, crossed)), None)
            if same is not None:
                lost.remove(same)
                same.crossed = crossed
                continue
            if permissions.allow(crossed.epc, crossed.t):
                continue
            if any(back > crossed.t for back in back_at):
                continue  # known only now, and over: nobody need look
            self._exits.append(_Exit(crossed, speaker.left_building(crossed, late)))
        for exit_ in lost:
            self._exits.remove(exit_)
            if exit_.closed is not None:
                speaker.retracted(exit_.closed)
            speaker.retracted(exit_.alert)
        for exit_ in self._exits:
            _close_or_reopen(exit_, back_at, permissions, speaker)

    def forget_before(self, at: float) -> None:
        """Forget closed alerts on exits before a time."""
        self._exits = [e for e in self._exits if e.closed is None or e.crossed.t >= at]


def _close_or_reopen(
    exit_: _Exit, back_at: list[float], permissions: Permissions, speaker: Speaker
) -> None:
    crossed = exit_.crossed
    back = next((at for at in back_at if at > crossed.t), None)
    if exit_.closed is None:
        if back is not None:
            exit_.closed = speaker.closed(back, exit_.alert, "returned")
        elif permissions.allow(crossed.epc, crossed.t):
            exit_.closed = speaker.closed(speaker.decided, exit_.alert, "allowed")
    elif exit_.closed.reason == "returned" and back is None:
        speaker.retracted(exit_.closed)
        exit_.closed = None


def _is_same_exit(one: Crossed, other: Crossed) -> bool:
    return (
        one.doorway == other.doorway
        and one.to_room == other.to_room
        and abs(one.t - other.t) <= _SAME_EXIT_S
    )
