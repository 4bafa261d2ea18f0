"""How often one tag answers from its slot in one cart, learnt while it lies there."""

from math import sqrt

# What was learnt in earlier stays weighs as much as so many answers: the tag may lie in another
# slot now.
_KNOWN_ANSWERS = 4.0
# Before it was ever heard little is known: one answer in one second.
_FIRST_ANSWERS = 1.0
_FIRST_S = 1.0
# Metal shades some slots; what lies there is heard less than once in 4 s, and a silence of a
# minute says little. That a slot is such a one is learnt only after so long.
_DEAD_RATE = 0.25
_DEAD_S = 30.0
_USUAL_DEAD_S = 60.0  # from one answer to the next


class Habit:
    """A tag's answers from a cart: a count over a time, so the mean of a Gamma posterior.

    `false_ends`: how often its gateway reported the end of its answers while it stayed.
    """

    __slots__ = ("_answers", "_heard_s", "false_ends")

    def __init__(self) -> None:
        self.false_ends = 0
        self._answers = _FIRST_ANSWERS
        self._heard_s = _FIRST_S

    def begin(self) -> None:
        """A new stay begins."""
        kept = min(self._answers, _KNOWN_ANSWERS)
        self._heard_s *= kept / self._answers
        self._answers = kept

    def presume_dead(self) -> None:
        """What is heard so seldom at first was lucky to be heard: no sooner than usual there."""
        self._heard_s = max(self._heard_s, self._answers * _USUAL_DEAD_S)

    def learn(self, answers: int, heard_s: float) -> None:
        """Take in more answers of a docked tag, over so many s since those before."""
        self._answers += answers
        self._heard_s += heard_s

    @property
    def is_new(self) -> bool:
        """Whether nothing was learnt yet: the tag never lay there."""
        return self._answers == _FIRST_ANSWERS

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self._answers / self._heard_s

    @property
    def sure_rate(self) -> float:
        """Answers a second that there are at least: two standard deviations below the mean."""
        return max(_FIRST_ANSWERS, self._answers - 2 * sqrt(self._answers)) / self._heard_s

    @property
    def is_dead(self) -> bool:
        """Whether its slot is known to be one that is seldom heard."""
        return self._heard_s >= _DEAD_S and self.rate < _DEAD_RATE
