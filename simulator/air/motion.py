"""Where a carried device is: positions at a doorway as functions of time, on whole arrays.

x runs through the door (negative in the doorway's first room, positive in its second), y along
the wall from the door's centre line; metres, seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge.contracts.school import School
from simulator.air.chance import Floats
from simulator.people.itinerary import Walk

THROUGH, TURN, PAST = 0, 1, 2
_KINDS = {"through": THROUGH, "turn": TURN, "past": PAST}


class Walks:
    """Many walks as columns, one row each, in the order given."""

    def __init__(self, school: School, walks: Sequence[Walk]) -> None:
        def column(*values: float) -> Floats:
            return np.array(values, np.float64)

        self.kind: npt.NDArray[np.int64] = np.array([_KINDS[w.kind] for w in walks], np.int64)
        self.device: npt.NDArray[np.int64] = np.array([w.device for w in walks], np.int64)
        # +1 where the walk starts in the doorway's first room, at negative x
        self.sign = column(
            *(1.0 if w.from_room == school.doorways[w.doorway].between[0] else -1.0 for w in walks)
        )
        self.at_s = column(*(w.at_s for w in walks))
        self.begin_s = column(*(w.begin_s for w in walks))
        self.end_s = column(*(w.end_s for w in walks))
        self.speed = column(*(w.speed_m_s for w in walks))
        self.lane = column(*(w.lane_m for w in walks))
        self.reach = column(*(w.reach_m for w in walks))
        self.pause_before = column(*(w.pause_before_s for w in walks))
        self.pause_after = column(*(w.pause_s - w.pause_before_s for w in walks))
        self.pause_at = column(*(abs(w.pause_at_m) for w in walks))
        self.laid_down = np.array([w.laid_down for w in walks], np.bool_)
        self.bend_from = column(*(w.bend_from_m for w in walks))
        self.bend_to = column(*(w.bend_to_m for w in walks))
        self.bend_side = column(*(w.bend_side for w in walks))
        self.tilt_db = column(*(w.carrying.tilt_db for w in walks))
        self.body_db = column(*(w.carrying.body_db for w in walks))
        self.on_back = np.array([w.carrying.on_back for w in walks], np.bool_)

    def where(
        self, row: npt.NDArray[np.int64], t_s: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return x, y and the direction walked (unit vector, x and y) of walk `row` at `t_s`."""
        since = t_s - self.at_s[row]
        speed, sign = self.speed[row], self.sign[row]
        kind = self.kind[row]
        pause = np.where(since < 0, self.pause_before[row], self.pause_after[row])
        held = np.minimum(speed * np.abs(since), self.pause_at[row])
        gone = np.maximum(speed * (np.abs(since) - pause), held)  # metres from the place of at_s
        turn = self.reach[row] - gone
        along = np.where(kind == TURN, turn, gone * np.sign(since))  # behind the door's plane
        bend = np.where(along < 0, self.bend_from[row], self.bend_to[row])
        straight = np.clip(along, -bend, bend)
        x = sign * straight
        y = self.lane[row] + self.bend_side[row] * np.abs(along - straight)
        back = np.where((kind == TURN) & (since > 0), -1.0, 1.0)
        bent = along != straight
        heading_x = np.where(bent, 0.0, sign * back)
        heading_y = np.where(bent, self.bend_side[row] * np.sign(along) * back, 0.0)
        past = kind == PAST
        x = np.where(past, -sign * self.reach[row], x)
        y = np.where(past, self.bend_side[row] * speed * since, y)
        heading_x = np.where(past, 0.0, heading_x)
        heading_y = np.where(past, self.bend_side[row], heading_y)
        return x, y, heading_x, heading_y

    def lies(self, row: npt.NDArray[np.int64], t_s: Floats) -> npt.NDArray[np.bool_]:
        """Whether the device was put down and nobody carries it at `t_s`."""
        since = t_s - self.at_s[row]
        pause = np.where(since < 0, self.pause_before[row], self.pause_after[row])
        waited = np.abs(since) - self.pause_at[row] / self.speed[row]
        lying: npt.NDArray[np.bool_] = self.laid_down[row] & (waited >= 0) & (waited <= pause)
        return lying

    def shade_db(self, row: npt.NDArray[np.int64], t_s: Floats) -> Floats:
        """Return what a body between antenna and device takes; none stands by one put down."""
        return np.where(self.lies(row, t_s), 0.0, self.body_db[row])


def near_enough(walks: Walks, row: npt.NDArray[np.int64], t_s: Floats) -> npt.NDArray[np.bool_]:
    """Whether a walk is within its approach at a time."""
    near: npt.NDArray[np.bool_] = (walks.begin_s[row] <= t_s) & (t_s <= walks.end_s[row])
    return near
