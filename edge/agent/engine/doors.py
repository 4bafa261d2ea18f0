"""What the log taught of each doorway: how often it misses who goes through, what it means there
that only one side saw a tag, and how many of those that both sides saw turned round.

All are counts with a prior, of nodes that are fixed. A value is in force from a whole minute
on, for what happens after it, so it depends on the log alone and not on when its rows came. Counts
are whole numbers, so that they add up alike in any order.
"""

from bisect import bisect_right
from math import log

# A doorway is thought to miss one walker in eight until it has shown otherwise, as surely as if
# 16 had been seen there.
_MISSED_BEFORE = 2.0
_SEEN_BEFORE = 14.0
# What is expected of a one-sided pass weighs as much as so many passes.
_PASSES_BEFORE = 4.0
# Of passes that both sides saw, and that did not last, so many turned round: on ordinary days one
# to three in a hundred.
_TURN_BEFORE = 0.02
_WALKS_BEFORE = 16.0
_LEAST = -1.5  # no log-odds are moved by more
_MOST = 2.5
_WORTH_SAYING = 0.02  # smaller changes of a value wait
_UNIT = 1000  # counts are kept in thousandths


class _Value:
    """A learnt number and the times, ms, from which on it was another; 0.0 before."""

    __slots__ = ("_from", "_was")

    def __init__(self) -> None:
        self._from: list[int] = []
        self._was: list[float] = []

    def at(self, at_ms: int) -> float:
        if not self._from or at_ms < self._from[0]:
            return 0.0
        if at_ms >= self._from[-1]:
            return self._was[-1]
        return self._was[bisect_right(self._from, at_ms) - 1]

    def put(self, from_ms: int, value: float) -> None:
        if abs(value - (self._was[-1] if self._was else 0.0)) >= _WORTH_SAYING:
            self._from.append(from_ms)
            self._was.append(value)

    def forget_before(self, at_ms: int) -> None:
        keep = max(0, bisect_right(self._from, at_ms) - 1)
        del self._from[:keep], self._was[:keep]


class _Side:
    """One-sided passes at one side: how many went through, and how many were expected to."""

    __slots__ = ("expected", "found", "passes", "value")

    def __init__(self) -> None:
        self.passes = self.found = self.expected = 0
        self.value = _Value()

    def take(self, found: int, expected: int) -> None:
        self.passes += _UNIT
        self.found += found
        self.expected += expected

    def log_odds(self, like: "_Side | None" = None) -> float:
        """By how much more are through than expected; `like`: sides of its kind together."""
        before = (0.5, 0.5) if like is None else like.shares()
        found, expected = (
            log(
                (yes / _UNIT + _PASSES_BEFORE * share) / (no / _UNIT + _PASSES_BEFORE * (1 - share))
            )
            for yes, no, share in (
                (self.found, self.passes - self.found, before[0]),
                (self.expected, self.passes - self.expected, before[1]),
            )
        )
        return found - expected

    def shares(self) -> tuple[float, float]:
        """The shares found, and expected, to be through."""
        whole = self.passes / _UNIT + _PASSES_BEFORE
        half = _PASSES_BEFORE / 2
        return (self.found / _UNIT + half) / whole, (self.expected / _UNIT + half) / whole


class _Doorway:
    """Who went through: seen by one side at least, or by none."""

    __slots__ = ("missed", "seen", "value")

    def __init__(self) -> None:
        self.missed = self.seen = 0
        self.value = _Value()

    def log_odds(self) -> float:
        missed = (self.missed / _UNIT + _MISSED_BEFORE) / (self.seen / _UNIT + _SEEN_BEFORE)
        return log(missed / (_MISSED_BEFORE / _SEEN_BEFORE))


class _Turns:
    """Passes that both sides saw: how many, and how many turned round."""

    __slots__ = ("turned", "value", "walks")

    def __init__(self) -> None:
        self.turned = self.walks = 0
        self.value = _Value()

    def take(self, turned: int) -> None:
        self.turned += turned
        self.walks += _UNIT

    def share(self, like: float = _TURN_BEFORE) -> float:
        """The share that turned; `like`: that of all doorways together."""
        return (self.turned / _UNIT + _WALKS_BEFORE * like) / (self.walks / _UNIT + _WALKS_BEFORE)

    def log_odds(self, like: "_Turns | None" = None) -> float:
        """By how much turning round is likelier than was thought at first."""
        share = self.share(_TURN_BEFORE if like is None else like.share())
        return _odds(share) - _odds(_TURN_BEFORE)


class Doors:
    """What was learnt of all doorways: log-odds by which something is likelier than was thought
    at first, 0.0 where nothing was learnt.

    Some are never below that: a doorway that saw all others still misses the next one who shields
    a tag well, a pass that only a hall's side saw is doubted enough, however many walk by, and
    where all went through the next one may turn.
    """

    __slots__ = ("_all_turns", "_doorways", "_kinds", "_news", "_sides", "_turns")

    def __init__(self) -> None:
        self._doorways: dict[str, _Doorway] = {}
        self._sides: dict[bool, dict[tuple[str, str], _Side]] = {True: {}, False: {}}
        self._kinds = {True: _Side(), False: _Side()}  # those in passages, and the others
        self._news: dict[_Doorway, None] = {}
        self._turns: dict[str, _Turns] = {}
        self._all_turns = _Turns()

    def misses(self, doorway: str, at_ms: int) -> float:
        """By how much a doorway is likelier to miss who goes through."""
        known = self._doorways.get(doorway)
        return known.value.at(at_ms) if known is not None else 0.0

    def one_sided(self, doorway: str, side: str, passage: bool, at_ms: int) -> float:
        """By how much a tag that only `side` saw is likelier to have gone through."""
        known = self._sides[passage].get((doorway, side), self._kinds[passage])
        return known.value.at(at_ms)

    def turning(self, doorway: str, at_ms: int) -> float:
        """By how much a tag that both sides saw is likelier to have turned round."""
        return self._turns.get(doorway, self._all_turns).value.at(at_ms)

    def saw(self, doorway: str, through: float) -> None:
        """Count a tag that was seen there and went through with a probability."""
        known = self._doorways.setdefault(doorway, _Doorway())
        known.seen += round(through * _UNIT)
        self._news[known] = None

    def missed(self, doorway: str, sure: float) -> None:
        """Count a tag that went through unseen, with a probability."""
        known = self._doorways.setdefault(doorway, _Doorway())
        known.missed += round(sure * _UNIT)
        self._news[known] = None

    def one_side_saw(
        self, doorway: str, side: str, passage: bool, through: float, expected: float
    ) -> None:
        """Count a tag that only `side` saw: it went through with probability `through`, where
        `expected` was all that could be said before it was seen again.
        """
        known = self._sides[passage].setdefault((doorway, side), _Side())
        for counts in (known, self._kinds[passage]):
            counts.take(round(through * _UNIT), round(expected * _UNIT))

    def both_sides_saw(self, doorway: str, through: float) -> None:
        """Count a tag that both sides saw: it went through with a probability, or turned."""
        for counts in (self._turns.setdefault(doorway, _Turns()), self._all_turns):
            counts.take(round((1 - through) * _UNIT))

    def in_force(self, from_ms: int) -> None:
        """Let what was counted hold for what happens from `from_ms` on."""
        for doorway in self._news:
            doorway.value.put(from_ms, _within(0.0, doorway.log_odds()))
        self._news.clear()
        for passage, kind in self._kinds.items():
            least = 0.0 if passage else _LEAST
            kind.value.put(from_ms, _within(least, kind.log_odds()))
            for side in self._sides[passage].values():
                side.value.put(from_ms, _within(least, side.log_odds(kind)))
        self._all_turns.value.put(from_ms, _within(0.0, self._all_turns.log_odds()))
        for turns in self._turns.values():
            turns.value.put(from_ms, _within(0.0, turns.log_odds(self._all_turns)))

    def forget_before(self, at_ms: int) -> None:
        """Let go of values that held before."""
        for doorway in self._doorways.values():
            doorway.value.forget_before(at_ms)
        for passage, kind in self._kinds.items():
            for side in (kind, *self._sides[passage].values()):
                side.value.forget_before(at_ms)
        for turns in (self._all_turns, *self._turns.values()):
            turns.value.forget_before(at_ms)


def _odds(share: float) -> float:
    return log(share / (1 - share))


def _within(least: float, log_odds: float) -> float:
    return max(least, min(_MOST, log_odds))
