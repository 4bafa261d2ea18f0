"""How fast `rollcall replay` is, against a loop that only decodes and encodes the same lines.

Usage: python benchmarks/replay.py [LOG --school SCHOOL] [--repeats N]
Without a log it makes one of walks. Prints the ratio of the two; 0.5 is the mark.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from edge.contracts.readlog import encode_row

sys.path.insert(0, str(Path(__file__).parent))

from engine import ROOMS, walks

LOOP = """
import json, sys
with open(sys.argv[1], "rb") as log, open(sys.argv[2], "w") as out:
    for line in log:
        out.write(json.dumps(json.loads(line)) + "\\n")
"""


def main() -> None:
    """Print the processor time of both, the best of each, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, nargs="?")
    parser.add_argument("--school", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if (options.log is None) != (options.school is None):
        parser.error("give a log together with its school, or neither")
    with tempfile.TemporaryDirectory() as folder:
        log, school = options.log, options.school
        if log is None:
            log, school = made(Path(folder))
        out = str(Path(folder) / "out")
        loop = [sys.executable, "-c", LOOP, str(log), out]
        replay = [sys.executable, "-m", "edge.cli", "replay", str(log)]
        replay += ["--school", str(school), "--out", out]
        lines = sum(1 for _ in log.open("rb"))
        loop_s = min(seconds(loop) for _ in range(options.repeats))
        replay_s = min(seconds(replay) for _ in range(options.repeats))
    print(f"{lines} lines")
    print(f"json loop {loop_s:.2f} s: {lines / loop_s:.0f} lines/s")
    print(f"replay    {replay_s:.2f} s: {lines / replay_s:.0f} lines/s")
    print(f"ratio     {loop_s / replay_s:.2f} (mark 0.5)")


def made(folder: Path) -> tuple[Path, Path]:
    """Write a log of 300,000 reads of 1,000 tags, and its school."""
    log = folder / "reads.jsonl"
    with log.open("wb") as out:
        out.writelines(encode_row(row) + b"\n" for row in walks(1_000, 300_000))
    school = folder / "school.toml"
    text = 'name = "Bench"\nsite = "bench"\ntimezone = "UTC"\n[rooms.hall]\nkind = "hall"\n'
    for k in range(ROOMS):
        text += f'[rooms.r{k}]\nkind = "classroom"\n[doorways.d{k}]\n'
        text += f'between = ["hall", "r{k}"]\ngateway = "gw-{k}"\n'
        text += f'antennas = {{ 1 = "hall", 2 = "r{k}" }}\n'
    school.write_text(text)
    return log, school


def seconds(command: list[str]) -> float:
    """Return the processor time that a command took, its start with it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


if __name__ == "__main__":
    main()
