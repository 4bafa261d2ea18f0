"""A power cut at any moment of an update leaves a slot that starts, and is what was confirmed."""

import subprocess
from pathlib import Path

from tests.support.counts import count, seeded

SCRIPT = Path(__file__).resolve().parent.parent / "update_cuts.py"


def test_a_whole_slot_starts_wherever_the_power_was_cut(micropython_binary: list[str]) -> None:
    seed = str(seeded("cuts of updates").randrange(1 << 30))
    words = [*micropython_binary, "-X", "heapsize=4m", str(SCRIPT), str(SCRIPT.parents[2]), seed]
    done = subprocess.run(
        [*words, str(count(50, 1000))], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, f"seed {seed}: {done.stdout}{done.stderr}"
