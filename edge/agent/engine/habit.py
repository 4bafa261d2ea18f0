"""How often one tag answers from its slot in one cart, learnt while it lies there."""

# What was learnt in earlier stays weighs as much as so many answers: the tag may lie in another
# slot now. Before it was ever heard it is thought to answer once a second.
_KNOWN_ANSWERS = 4.0
_KNOWN_S = 4.0
# Metal shades some slots; what lies there is heard less than once in 4 s, and a silence of a
# minute says little. That a slot is such a one is learnt only after so many answers.
_DEAD_RATE = 0.25
_DEAD_ANSWERS = 8


class Habit:
    """A tag's answers from a cart: a count over a time, so the mean of a Gamma posterior.

    `false_ends`: how often its gateway reported the end of its answers while it stayed.
    """

    __slots__ = ("_all", "_answers", "_heard_s", "false_ends")

    def __init__(self) -> None:
        self.false_ends = 0
        self._answers = _KNOWN_ANSWERS
        self._heard_s = _KNOWN_S
        self._all = 0

    def begin(self) -> None:
        """A new stay begins."""
        self._heard_s *= _KNOWN_ANSWERS / self._answers
        self._answers = _KNOWN_ANSWERS

    def learn(self, answers: int, heard_s: float) -> None:
        """Take in more answers of a docked tag, over so many s since those before."""
        self._all += answers
        self._answers += answers
        self._heard_s += heard_s

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self._answers / self._heard_s

    @property
    def is_dead(self) -> bool:
        """Whether its slot is known to be one that is seldom heard."""
        return self._all >= _DEAD_ANSWERS and self.rate < _DEAD_RATE
