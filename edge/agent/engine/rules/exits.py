"""Which crossings to the outside need a person's attention, and when they no longer do."""

from dataclasses import dataclass

from edge.agent.engine.alerts import Alerts, Cause, Raised
from edge.agent.engine.rules.permissions import Permissions
from edge.contracts.events import Crossed

_SAME_EXIT_S = 30.0  # a crossing corrected by less is the same exit: its alert stands


@dataclass(slots=True)
class _Exit:
    crossed: Crossed
    raised: Raised


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
        alerts: Alerts,
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
            cause = Cause("left-building", crossed.epc, crossed.doorway, part=crossed.id)
            raised = alerts.raise_for(cause, crossed.t, {"crossed": crossed.id}, late)
            self._exits.append(_Exit(crossed, raised))
        for exit_ in lost:
            self._exits.remove(exit_)
            alerts.take_back(exit_.raised)
        for exit_ in self._exits:
            _close_or_reopen(exit_, back_at, permissions, alerts)

    def forget_before(self, at: float) -> None:
        """Forget closed alerts on exits before a time."""
        self._exits = [e for e in self._exits if e.raised.closed is None or e.crossed.t >= at]


def _close_or_reopen(
    exit_: _Exit, back_at: list[float], permissions: Permissions, alerts: Alerts
) -> None:
    crossed, raised = exit_.crossed, exit_.raised
    back = next((at for at in back_at if at > crossed.t), None)
    if raised.closed is None:
        if back is not None:
            alerts.close(raised.cause, "returned", back)
        elif permissions.allow(crossed.epc, crossed.t):
            alerts.close(raised.cause, "allowed")
    elif raised.closed.reason == "returned" and back is None:
        alerts.reopen(raised)


def _is_same_exit(one: Crossed, other: Crossed) -> bool:
    return (
        one.doorway == other.doorway
        and one.to_room == other.to_room
        and abs(one.t - other.t) <= _SAME_EXIT_S
    )
