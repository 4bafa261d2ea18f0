"""How long to wait before trying again: full jitter, so that many do not come back at once."""

import random

FIRST_S = 0.5
MOST_S = 15.0  # an unreachable broker is tried again within this


def full_jitter(attempt: int, rng: random.Random) -> float:
    """Seconds to wait after the failed attempt `attempt`, counted from 0."""
    return rng.uniform(0.0, min(MOST_S, FIRST_S * 2.0 ** min(attempt, 10)))
