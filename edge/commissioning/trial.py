"""One trial of a doorway, as a state machine: presses, reads and time go in, what to do comes out.

First walks both ways at the power in use, which tell the antennas' sides; then, if wanted, walks at
powers on trial. A walk counts as read once an antenna of the doorway heard it, and as missed only
when the gateway has told of the time after it, and had all antennas on the air meanwhile. Walks
that every side heard are counted besides: they tell a direction. Pure: times are Unix seconds,
passed in.
"""

from typing import Literal

from edge.commissioning.power import Found, Step, Tried, next_step
from edge.commissioning.sides import FIRST_WALKS, MORE_WALKS, MOST_WALKS, told_sides
from edge.commissioning.walks import Heard, Walk, heard_of, reads_in
from edge.contracts.readlog import LooksRow, ReadRow
from edge.contracts.school import Doorway

# What a gateway holds back of a moving tag goes out within 2 s, its batch 250 ms later.
SETTLED_S = 3.0
IDLE_S = 300.0  # nobody walks any more
NO_ROUNDS_S = 45.0  # four batches, and a module that is opened again

# "sides": walks at the power in use. "told": the sides are, somebody chooses what comes next.
# "power": walks at powers on trial.
Phase = Literal["sides", "told", "power", "over"]
End = Literal["found", "left", "idle", "trouble"]


class Trial:
    """`walks` are those of the present phase and power, `wanted` so many; `number` counts all.

    `most_dbm` is the power of the school file for this doorway, None where it names none.
    """

    def __init__(self, doorway: Doorway, epc: str, most_dbm: int | None, now: float) -> None:
        self.doorway = doorway
        self.epc = epc
        self.most_dbm = most_dbm
        self.end: End | None = None
        self.trouble: str | None = None  # why it ended so
        self.number = 0
        self.walks: list[Walk] = []
        self.wanted = FIRST_WALKS
        self.heard: list[Heard] = []
        self.told: dict[int, str | None] = {}
        self.tried: list[Tried] = []
        self.found: Found | None = None
        self.powered_dbm: int | None = None  # on trial at the gateway since `powered_at`
        self.powered_at = now
        self.at = doorway.between[0]  # where the person with the tag stands
        self.unlooked: tuple[int, ...] = ()  # antennas off the air in a walk that did not count
        self._pressed = now
        self._broken_off: int | None = None  # the number of a walk under way as its step ended
        self._waits_since: float | None = None  # for all antennas to be on the air
        self._told_up_to = now  # by the gateway
        self._looked = dict.fromkeys(doorway.antennas, now)  # when each last made rounds
        self._looked_anew: set[int] = set()  # since the power was set
        two_sides = len(set(doorway.antennas.values())) > 1
        self.phase: Phase = "sides" if two_sides else "told"

    @property
    def wants_dbm(self) -> int | None:
        """The power that all antennas of the doorway should have now; None: their own."""
        step = self._step()
        return step.dbm if self.phase == "power" and isinstance(step, Step) else None

    @property
    def goal(self) -> str:
        """The room to walk into next."""
        return self.doorway.other_side(self.at)

    @property
    def is_ready(self) -> bool:
        """Whether the next walk can begin."""
        if self.phase == "sides":
            return len(self.walks) < self.wanted
        return (
            self.phase == "power"
            and self.powered_dbm == self.wants_dbm
            and self._waits_since is None
            and len(self.walks) < self.wanted
        )

    @property
    def progress(self) -> object:
        """Something else whenever there is something else to show."""
        read = [self.read(walk) for walk in self.walks]
        return self.phase, self.number, self.is_ready, len(self.tried), read, self.wants_dbm

    def hear(self, row: ReadRow | LooksRow) -> None:
        """Take in what the doorway's gateway journaled: reads of the tag, and its looks."""
        if isinstance(row, ReadRow):
            one = heard_of(row)
            if row.epc == self.epc and one is not None and one.antenna in self.doorway.antennas:
                self.heard.append(one)
        elif row.t is not None:
            self._told_up_to = max(self._told_up_to, row.t)
            for antenna, (rounds, _) in row.looks.items():
                if rounds and antenna in self._looked:
                    self._looked[antenna] = max(self._looked[antenna], row.t)
                    if self._waits_since is not None and row.t > self._waits_since:
                        self._looked_anew.add(antenna)

    def walked(self, number: int, now: float) -> None:
        """A walk is over. A press for another than the next one (a second press) does nothing.

        Who was on the way when the power was changed is in the other room now, and that is all.
        """
        if number == self._broken_off:
            self.at, self._pressed, self._broken_off = self.goal, now, None
        if not self.is_ready or number != self.number:
            return
        start = self.walks[-1].end if self.walks else self._pressed
        self.walks.append(Walk(start, now, self.at, self.goal))
        self.at = self.goal
        self.number += 1
        self._pressed = now

    def take_back(self, number: int, now: float) -> None:
        """The last walk was none: it is walked again, from where the person says to stand."""
        if self.walks and number == self.number:
            self.at = self.walks.pop().origin
            self.number += 1
            self._pressed = now

    def search(self, now: float) -> None:
        """Look for the lowest power next."""
        if self.phase == "told" and self.most_dbm is not None:
            self._break_off()
            self.phase = "power"
            self._begin_step(now)

    def powered(self, dbm: int, now: float) -> None:
        """All antennas of the doorway have this power, on trial."""
        if dbm != self.powered_dbm:
            self._wait_for_looks(now)
        self.powered_dbm = dbm
        self.powered_at = now

    def stop(self, end: End, trouble: str | None = None) -> None:
        """End it; what was told of sides stays."""
        if self.phase != "over":
            self.phase, self.end, self.trouble = "over", end, trouble

    def pass_time(self, now: float) -> None:
        """Conclude what can be concluded by now."""
        if self.phase == "sides" and len(self.walks) >= self.wanted and self._is_settled(-1):
            self._conclude_sides()
        elif self.phase == "power":
            self._conclude_power(now)
        if self.phase != "over" and now - self._pressed > IDLE_S:
            self.stop("idle")

    def read(self, walk: Walk) -> bool | None:
        """Whether a walk was read; None: it may be yet."""
        if reads_in(walk, self.heard):
            return True
        return False if self._told_up_to >= walk.end + SETTLED_S else None

    def read_from_every_side(self, walk: Walk) -> bool:
        """Whether an antenna of each side heard a walk."""
        sides = {self.doorway.antennas[antenna] for antenna in reads_in(walk, self.heard)}
        return sides == set(self.doorway.antennas.values())

    def _is_settled_or_full(self) -> bool:
        """Whether the last walk can bring no more: another side's reads may be on their way."""
        return self._is_settled(-1) or all(map(self.read_from_every_side, self.walks))

    def _is_settled(self, which: int) -> bool:
        return self._told_up_to >= self.walks[which].end + SETTLED_S

    def _conclude_sides(self) -> None:
        self.told = told_sides(self.doorway.antennas, self.walks, self.heard)
        if None in self.told.values() and len(self.walks) < MOST_WALKS:
            self.wanted = len(self.walks) + MORE_WALKS
        else:
            self.phase = "told"

    def _conclude_power(self, now: float) -> None:
        step = self._step()
        if not isinstance(step, Step):
            return
        if self.powered_dbm == step.dbm and self._waits_since is not None:
            self._await_looks(step, now)
            return
        read = [self.read(walk) for walk in self.walks]
        if False in read:
            missed = self.walks[read.index(False)]
            self.unlooked = tuple(sorted(a for a, t in self._looked.items() if t <= missed.start))
            if self.unlooked:  # a reader in trouble, no lack of power: walk again
                self._break_off()
                self._wait_for_looks(now)
            else:
                self._conclude_walks(step, read.count(True), now)
        elif len(read) >= step.walks and None not in read and self._is_settled_or_full():
            self._conclude_walks(step, len(read), now)

    def _wait_for_looks(self, now: float) -> None:
        self._looked_anew.clear()
        self._waits_since = self._pressed = now

    def _await_looks(self, step: Step, now: float) -> None:
        """The first walk may begin once all antennas are on the air."""
        silent = tuple(sorted(self.doorway.antennas.keys() - self._looked_anew))
        if not silent:
            self._waits_since, self._pressed = None, now
        elif self._waits_since is not None and now - self._waits_since > NO_ROUNDS_S:
            self._conclude_step(Tried(step.dbm, 0, 0, silent=silent), now)

    def _conclude_walks(self, step: Step, read: int, now: float) -> None:
        every_side = sum(map(self.read_from_every_side, self.walks))
        self._conclude_step(Tried(step.dbm, len(self.walks), read, every_side), now)

    def _conclude_step(self, tried: Tried, now: float) -> None:
        self._break_off()
        self.tried.append(tried)
        self._begin_step(now)

    def _break_off(self) -> None:
        """Whatever is being walked now belongs to no step."""
        self._broken_off = self.number if self.is_ready else None
        self.number += 1
        self.walks = []

    def _begin_step(self, now: float) -> None:
        self._pressed = now
        step = self._step()
        if isinstance(step, Step):
            self.wanted = step.walks
        else:
            self.found = step
            self.stop("found")

    def _step(self) -> Step | Found:
        return next_step(self.tried, self.most_dbm or 0)
