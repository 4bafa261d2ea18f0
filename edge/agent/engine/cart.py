"""Whether one EPC lies in a cart: visits, made of its answers to the cart's antennas."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from edge.agent.engine.habit import Habit
from edge.agent.engine.node import Node
from edge.agent.engine.passes import STILL_SPAN_S, Pass
from edge.contracts.events import Docked, Undocked

if TYPE_CHECKING:
    from edge.agent.engine.tag import Tag

# Docked after so many answers over so long: who walks past a cart is gone by then.
_ANSWERS = 4
_ANSWERING_MS = 3_000
_FIRST_ANSWERS_S = 300.0  # and these may be so far apart: a dead slot answers once in a minute
# A device that only stands near answers weaker than those inside, which set the level.
_WEAKER_DB = 15.0
# But some slots are hard to hear: what lies still and answers on and on is in one of those, and
# what is heard now and then for longer than anybody stands there.
_WEAK_MS = 60_000
_NOW_AND_THEN_MS = 180_000
# A tag whose slot is known to be dead is in at its second answer, or at one while others come in.
# So is one that belongs there while most others lie there, once its answers are farther apart
# than it takes to walk past: it may lie in a dead slot that nobody knows of yet. One that never
# lay there is at one answer, when others had the time to follow and did not.
_ANSWERS_DEAD = 2
_WALKED_PAST_MS = 10_000
WALKED_PAST_S = _WALKED_PAST_MS / 1000
_LEVEL_WEIGHT = 0.1
_AS_LOUD_DB = 6.0  # so near to their level it is no tag heard through a wall
# A still tag's record comes up to 30 s after its first read and waits 5 s for its batch, so a
# shorter silence says nothing by itself. Back within that time, it never was away.
SILENT_S = 45.0
# A tag in a slot that is hard to hear is given so many of its own mean intervals,
_INTERVALS = 4.0
_LONGEST_SILENCE_S = 300.0
# one in a slot known to be dead more: who lies there is not missed by a minute.
_INTERVALS_DEAD = 18.0
_LONGEST_DEAD_S = 1_800.0
# and fewer where others left since: its own leaving is as likely as theirs.
_INTERVALS_COMPANY = 2.0


@dataclass(slots=True)
class CartLevel:
    """How strong the tags in a cart are read, in dBm; None until one with RSSI was docked."""

    dbm: float | None = None

    def learn(self, dbm: float | None) -> None:
        """Take in a docked tag's mean."""
        if dbm is not None:
            known = dbm if self.dbm is None else self.dbm
            self.dbm = known + _LEVEL_WEIGHT * (dbm - known)


class Visit:
    """One EPC answering to one cart's antennas, from `first` to `last` (ms).

    `touched`: when its last record arrived, and `looked`: the gateway's looking then, both in s;
    `silent` says that the gateway reported the end of the answers, `missed` how many answers
    that silence should have held. `habit` is what is known of this tag in this cart; `pins` are
    what whereabouts was told of it.
    """

    __slots__ = (
        "_rssi_n",
        "_rssi_sum",
        "answers",
        "cart",
        "docked",
        "first",
        "gateway",
        "habit",
        "last",
        "latest",
        "lies_still",
        "looked",
        "missed",
        "pins",
        "silent",
        "touched",
        "undocked",
    )

    def __init__(self, cart: str, gateway: str, first: int, habit: Habit) -> None:
        self.cart = cart
        self.gateway = gateway
        self.first = self.last = first
        self.latest = (first, first)  # its last record
        self.habit = habit
        self.answers = 0
        self.looked = 0.0
        self.lies_still = False  # its gateway merged its answers to records of a still tag
        self.silent = False
        self.missed = 0.0
        self.touched = 0.0
        self.pins: list[Node] = []
        self.docked: Docked | None = None
        self.undocked: Undocked | None = None
        self._rssi_sum = 0.0
        self._rssi_n = 0

    def add(self, start: int, end: int, n: int, rssi: float | None, looked: float) -> None:
        """Take in a record of `n` answers from `start` to `end`; with 0, an end of answers."""
        if n == 0:
            if start >= self.last:
                self.silent = True
                self.missed = self.habit.rate * (end - start) / 1000
            return
        self.latest = (start, end)
        self.first = min(self.first, start)
        if self.is_open:
            heard_s = max(0, end - self.last) / 1000
            if heard_s > SILENT_S:
                heard_s = min(heard_s, max(SILENT_S, looked - self.looked))
            self.habit.learn(n, heard_s)
        if end > self.last:
            self.last = end
            self.habit.false_ends += self.silent
            self.silent = False
        if end - start > STILL_SPAN_S * 1000:
            self.lies_still = True
        self.answers += n
        if rssi is not None:
            self._rssi_sum += rssi
            self._rssi_n += 1
        self.looked = looked

    @property
    def is_open(self) -> bool:
        """Whether the tag lies in the cart, as said."""
        return self.docked is not None and self.undocked is None

    def takes(self, start: int, end: int) -> bool:
        """Whether a record belongs to this visit."""
        if self.is_open and start >= self.first:
            return True  # still in it, however long nobody could look
        gap_ms = 1000 * self.patience_s()
        return start <= self.last + gap_ms and end >= self.first - gap_ms

    def patience_s(self) -> float:
        """How long a silence means nothing, in s of looking."""
        if self.habit.is_dead:
            return min(max(SILENT_S, _INTERVALS_DEAD / self.habit.sure_rate), _LONGEST_DEAD_S)
        if self.docked is None:
            return _FIRST_ANSWERS_S
        interval_s = (self.last - self.first) / 1000 / self.answers
        return min(max(SILENT_S, _INTERVALS * interval_s), _LONGEST_SILENCE_S)

    @property
    def is_told_at_once(self) -> bool:
        """Whether its gateway sends its answers as they come: no record of a still tag is due."""
        start, end = self.latest
        return end - start <= STILL_SPAN_S * 1000

    def elsewhere(self, tag: "Tag") -> Iterator[Pass]:
        """Give the tag's passes since at doorways and desks that did not hear it while it lay here.

        Those that did hear it through the wall, and tell nothing.
        """
        return tag.passes_new_since(self.first, self.last)

    def is_carried_off(self, tag: "Tag") -> bool:
        """Whether a doorway or desk heard the tag since."""
        return next(self.elsewhere(tag), None) is not None

    @property
    def is_seldom_heard(self) -> bool:
        """Whether it has answered less often than a tag that is put into any slot."""
        return self.answers < _ANSWERS

    def mean_dbm(self) -> float | None:
        """Mean of its records' levels, None without RSSI."""
        return self._rssi_sum / self._rssi_n if self._rssi_n else None

    def is_as_loud_as(self, level: CartLevel) -> bool:
        """Whether its answers, enough of them, are as strong as those of what lies in the cart."""
        mean = self.mean_dbm()
        if mean is None or level.dbm is None:
            return False
        return self.answers >= _ANSWERS and mean >= level.dbm - _AS_LOUD_DB

    def is_in(self, level: CartLevel, is_filling: bool, is_awaited: bool, looked: float) -> bool:
        """Whether these answers are those of a tag lying in the cart.

        `is_filling`: others were just put in; `is_awaited`: most others are in, it belongs there;
        `looked`: the gateway's looking now, in s.
        """
        if self.habit.is_dead:
            return is_filling or self.answers >= _ANSWERS_DEAD
        known_ms = self.last - self.first
        if self.habit.is_new:  # of any other its usual slot is known, and this is not it
            known_ms += round(1000 * (looked - self.looked))
        if is_awaited and known_ms >= _WALKED_PAST_MS:
            return True
        if self.answers < _ANSWERS or self.last - self.first < _ANSWERING_MS:
            return False
        mean = self.mean_dbm()
        if mean is None or level.dbm is None or mean >= level.dbm - _WEAKER_DB:
            return True
        lasts = self.last - self.first
        return lasts >= _NOW_AND_THEN_MS or (self.lies_still and lasts >= _WEAK_MS)

    def is_over(self, looked: float, left: int, stay: int) -> bool:
        """Whether the tag no longer answers, though nothing said so.

        `looked` is the gateway's looking now, in s; `left` others left since its last answer,
        and `stay` are in.
        """
        patience_s = self.patience_s()
        if left and self.habit.is_dead:
            intervals = _INTERVALS_COMPANY + log(max(1, stay) / left)
            patience_s = min(patience_s, max(SILENT_S, intervals / self.habit.rate))
        return looked - self.looked >= patience_s

    def confidence(self) -> float:
        """How sure the presence is, growing with the answers."""
        return round(1 - 0.5 ** min(self.answers, 7), 3)
