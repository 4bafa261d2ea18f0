"""How often a long proof is repeated: a sample in `make test`, the full figure in `make soak`.

    @pytest.mark.parametrize("run", range(count(3, 200)))
    def test_a_killed_agent_loses_nothing(run): rng = seeded("agent kills", run)

Every run draws from one seed, which pytest's header names; `ROLLCALL_SEED=N` repeats a run.
"""

import os
import random

SOAK = os.environ.get("ROLLCALL_SOAK") == "1"
SEED = int(os.environ.get("ROLLCALL_SEED") or random.SystemRandom().randrange(1_000_000_000))


def count(sample: int, full: int) -> int:
    """How many times to do it in this run."""
    return full if SOAK else sample


def seeded(*what: object) -> random.Random:
    """A source of chance of its own for one purpose, the same whenever the run's seed is."""
    return random.Random(":".join(map(str, (SEED, *what))))
