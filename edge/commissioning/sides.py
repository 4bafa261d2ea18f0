"""Which antenna faces which room, by walks both ways. Pure.

Each walk in which two antennas heard the tag apart in time gives each antenna one vote: early, it
faces the room that the walk came from. A side is told once it leads by three votes: where one walk
in fifty misleads that is wrong once in 100,000, where one in six does (both antennas to one side
of the door) once in 125. Else it stays untold.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from edge.commissioning.walks import Heard, Walk, moments_in

APART_S = 0.25  # a gateway tells time in quarters of a second
LEAD = 3
FIRST_WALKS = 4  # two each way
MORE_WALKS = 2
MOST_WALKS = 10

Verdict = Literal["as filed", "exchanged", "some differ", "unclear"]


def told_sides(
    antennas: Iterable[int], walks: Sequence[Walk], heard: Sequence[Heard]
) -> dict[int, str | None]:
    """Return the room that each antenna faces, None where the walks do not tell."""
    votes: dict[int, dict[str, int]] = {antenna: {} for antenna in antennas}
    for walk in walks:
        moments = {a: t for a, t in moments_in(walk, heard).items() if a in votes}
        if not moments or max(moments.values()) - min(moments.values()) < APART_S:
            continue
        middle = (max(moments.values()) + min(moments.values())) / 2
        for antenna, moment in moments.items():
            room = walk.origin if moment < middle else walk.goal
            votes[antenna][room] = votes[antenna].get(room, 0) + 1
    return {antenna: _leading(count) for antenna, count in votes.items()}


def verdict(told: Mapping[int, str | None], filed: Mapping[int, str]) -> Verdict:
    """Hold what was told against the school file."""
    if any(room is None for room in told.values()):
        return "unclear"
    differing = [antenna for antenna, room in told.items() if filed[antenna] != room]
    if not differing:
        return "as filed"
    return "exchanged" if len(differing) == len(told) else "some differ"


def _leading(votes: Mapping[str, int]) -> str | None:
    ranked = sorted(votes.items(), key=lambda vote: -vote[1])
    if not ranked:
        return None
    second = ranked[1][1] if len(ranked) > 1 else 0
    return ranked[0][0] if ranked[0][1] - second >= LEAD else None
