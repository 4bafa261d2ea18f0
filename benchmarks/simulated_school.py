"""Simulated seconds a second of processor time, beside a loop over the log that comes of them.

    python benchmarks/simulated_school.py [--devices 1000] [--buildings 1] [--hours 0.5] [--seed 1]
    python benchmarks/simulated_school.py --district [--hours 0.25] [--seed 1]

The school is made by `simulator.schools.district`, its log begins ten minutes before the first
bell: the first half hour is the busiest of a day. The loop only decodes and encodes the lines of
that log with `json`: how many times as long the simulator takes says more than seconds on an
unknown machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from edge.contracts.school_file import parse_school
from simulator.people.devices import make_devices
from simulator.run import plan_run
from simulator.school_log import write_log
from simulator.schools.district import BUILDINGS, DEVICES, district_text

MARK = 1000


def main() -> None:
    """Print what was simulated, the speed, the ratio to the loop, and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--buildings", type=int, default=1)
    parser.add_argument("--district", action="store_true", help=f"{DEVICES} in {BUILDINGS}")
    parser.add_argument("--hours", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    size = (BUILDINGS, DEVICES) if options.district else (options.buildings, options.devices)
    text = district_text(*size)
    school = parse_school(text)
    devices = make_devices(school, options.seed)
    run = plan_run(school, text, devices, "demo-day", options.hours, options.seed, None)
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        statistics = write_log(run, Path(folder), lambda _: True)
        took_s = time.process_time() - began
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        log = Path(folder) / "reads.jsonl"
        log_mb = log.stat().st_size // 2**20
        loop_s = seconds_of_loop(log, Path(folder) / "copy.jsonl")
    simulated_s = run.length_ms / 1000
    print(
        f"{len(devices):,} devices, {len(school.carts)} carts, {len(school.doorways)} doorways, "
        f"{simulated_s / 3600:g} h: {statistics.raw_reads:,} raw reads, "
        f"{statistics.records:,} records, a log of {log_mb} MB"
    )
    print(
        f"{simulated_s / took_s:,.0f} simulated seconds a second (mark {MARK:,} for 1,000 devices)"
    )
    print(f"json loop over the log {loop_s:.2f} s, simulator {took_s:.2f} s: {took_s / loop_s:.1f}")
    print(f"peak of memory {peak_mb} MB")


def seconds_of_loop(log: Path, copy: Path) -> float:
    """Return the processor time of decoding and encoding each line."""
    began = time.process_time()
    with log.open("rb") as lines, copy.open("w") as out:
        for line in lines:
            out.write(json.dumps(json.loads(line)) + "\n")
    return time.process_time() - began


if __name__ == "__main__":
    main()
