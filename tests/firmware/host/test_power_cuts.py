"""No batch that stood on flash is lost and none changes, wherever the power is cut."""

import subprocess
from pathlib import Path

from tests.firmware.flash import TornFiles
from tests.firmware.power_cuts import History
from tests.support.counts import count, seeded

FIRMWARE_TESTS = Path(__file__).resolve().parent.parent
HISTORIES = count(3, 40)  # of 25 cuts each


def test_flash_that_lasts_loses_nothing_at_any_cut() -> None:
    rng = seeded("cuts of large flash")
    for _ in range(HISTORIES):
        history = History(rng, TornFiles(), 200)
        history.run(25)
        history.check(may_lose=False)


def test_flash_that_is_full_tells_all_it_gave_up() -> None:
    rng = seeded("cuts of small flash")
    for _ in range(HISTORIES):
        history = History(rng, TornFiles(), 4)
        history.run(25)
        history.check(may_lose=True)


def test_littlefs_under_micropython_boots_and_loses_nothing(micropython_binary: list[str]) -> None:
    script = str(FIRMWARE_TESTS / "power_cuts.py")
    seed = str(seeded("cuts of littlefs").randrange(1 << 30))
    words = [*micropython_binary, "-X", "heapsize=4m", script, str(FIRMWARE_TESTS.parents[1]), seed]
    done = subprocess.run(
        [*words, str(count(20, 1000))], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, f"seed {seed}: {done.stdout}{done.stderr}"
