"""What it says that a tag was not seen for a while: nobody stays in a hall without being seen on.

Who walks along a hall is seen at its next door within seconds; who went into a room is not seen
for a lesson. So after a pass that only one side saw, silence tells which it was.
"""

from math import exp, log

# Walks along a hall leave gaps between doors of about so long. A few devices are left in halls,
# and some go on through a door that does not see them.
_BETWEEN_DOORS_MS = 5_000
_LEFT_OR_MISSED = 0.05
# Who was seen again after a longer gap came through an unseen door, or stopped on the way.
_AT_MOST_MS = 15_000
# From so long on, more silence says no more.
TOLD_MS = 15_000


def since_seen(gap_ms: int) -> float:
    """Log-likelihood that a tag in a hall was not seen on for so long."""
    return _waited(min(gap_ms, TOLD_MS), _BETWEEN_DOORS_MS)


def between(gap_ms: int) -> float:
    """Log-likelihood that a tag was in a hall all the time between two passes."""
    return _waited(gap_ms, _AT_MOST_MS)


def _waited(gap_ms: int, usual_ms: int) -> float:
    share = max(gap_ms, 0) / usual_ms
    return log(_LEFT_OR_MISSED + (1 - _LEFT_OR_MISSED) * exp(-min(share * share, 50.0)))
