"""One piece of evidence of where a tag was, and what is thought of it."""

import msgspec

from edge.agent.engine.crossing import Evidence
from edge.agent.engine.passes import Pass

# A tag left in one room after the node before, the rooms before and after this node, and their
# log-likelihood. Plain tuples: they are most of what a decision costs.
Way = tuple[str | None, str | None, str | None, float]
Came = dict[str | None, tuple[str | None, str | None]]


class Choice(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is thought of a node: the rooms before and after it, and how sure both are.

    `crossing`: probability of this pair of rooms; `stay`: of the room after, whatever the way;
    `through`: that it changed rooms at all.
    """

    before: str | None
    after: str | None
    crossing: float
    stay: float
    through: float


class Node:
    """One piece of evidence in time: `source` is the pass it came of, None for a cart.

    `alone`: the side that alone saw a tag at a doorway which both sides look at. `came_then`: the
    tag came into the room before the node at that very time, with its cart. `lingers`: it was
    heard at that very place before and after as well.
    """

    __slots__ = (
        "alone",
        "came",
        "came_then",
        "choice",
        "evidence",
        "first",
        "key",
        "last",
        "lingers",
        "scores",
        "source",
        "stepped_from",
        "ways",
    )

    def __init__(self, key: str, first: int, last: int, evidence: Evidence, source: Pass | None):
        self.key = key
        self.first = first
        self.last = last
        self.evidence = evidence
        self.source = source
        self.came_then = False
        self.lingers = False
        self.alone = None if source is None else source.seen_alone_by()
        self.choice = Choice(None, None, 0.0, 0.0, 0.0)
        # The best way's score by the room after this node, and the room before the node and the
        # room the tag was in after the node before, on that way.
        self.scores: dict[str | None, float] = {}
        self.came: Came = {}
        self.ways: list[Way] | None = None
        # The scores before the node that its own were made of: with the same ones again, so are
        # its own.
        self.stepped_from: dict[str | None, float] | None = None

    def close(self) -> None:
        """Let go of what only an open choice needs; it can be worked out again."""
        self.ways = None
        self.came = {}

    @property
    def at_ms(self) -> int:
        """Where the node stands in time."""
        return self.evidence.at_ms

    def __lt__(self, other: "Node") -> bool:
        return (self.at_ms, self.key, self.first) < (other.at_ms, other.key, other.first)
