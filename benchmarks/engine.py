"""How many reads a second the engine takes, decoding not counted, and what a tag costs.

Usage: python benchmarks/engine.py [--reads N] [--tags N ...]
"""

import argparse
import gc
import random
import time
import tracemalloc
from collections.abc import Iterator

from edge.agent.engine import Engine
from edge.contracts.readlog import ReadRow
from edge.contracts.school import Doorway, Room, School

START = 1_763_900_000.0
ROOMS = 40
READS_A_PASS = 24  # two antennas, three seconds at four fine records a second each
SECONDS_BETWEEN_PASSES = 120.0


def main() -> None:
    """Print one line for each number of tags."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=400_000)
    parser.add_argument("--tags", type=int, nargs="+", default=[100, 1_000, 10_000, 40_000])
    options = parser.parse_args()
    print(f"{'tags':>7} {'reads/s':>9} {'us/read':>8} {'events':>8} {'KiB/tag':>8}")
    for tags in options.tags:
        rows = list(walks(tags, options.reads))
        rate, events = measure(rows)
        print(
            f"{tags:>7} {rate:>9.0f} {1e6 / rate:>8.2f} {events:>8} {memory(rows) / tags:>8.2f}",
            flush=True,
        )


def school() -> School:
    """Return a hall with a room behind each doorway."""
    rooms = {"hall": Room(id="hall", kind="hall")}
    doorways = {}
    for k in range(ROOMS):
        room = f"r{k}"
        rooms[room] = Room(id=room, kind="classroom")
        doorways[f"d{k}"] = Doorway(
            id=f"d{k}", between=("hall", room), gateway=f"gw-{k}", antennas={1: "hall", 2: room}
        )
    return School(name="Bench", site="bench", timezone="UTC", rooms=rooms, doorways=doorways)


def walks(tags: int, reads: int) -> Iterator[ReadRow]:
    """Yield rows of tags that walk in and out of a room each, in order of arrival."""
    rng = random.Random(1)
    walk_s = max(SECONDS_BETWEEN_PASSES, reads / 10_000)
    rows = []
    count = 0
    number = 0
    while count < reads:
        tag = number % tags
        begins = number // tags * walk_s + walk_s * tag / tags
        enters = number // tags % 2 == 0
        for k in range(READS_A_PASS):
            antenna = 1 + k % 2
            nearest = 0.35 if (antenna == 1) == enters else 0.65
            off = k / READS_A_PASS - nearest
            rows.append((begins + k / 8, tag, antenna, -45 - 120 * off * off + rng.gauss(0, 2)))
        number += 1
        count += READS_A_PASS
    rows.sort()
    for pos, (at, tag, antenna, rssi) in enumerate(rows, 1):
        yield ReadRow(
            rx=START + at,
            pos=pos,
            t=START + at,
            gateway=f"gw-{tag % ROOMS}",
            antenna=antenna,
            epc=f"3414257BF4{tag:014X}",
            rssi=round(rssi, 1),
            span=0.2,
            n=3,
            peak=0.1,
        )


def measure(rows: list[ReadRow]) -> tuple[float, int]:
    """Return reads a second of processor time, and how many events came of them."""
    gc.collect()
    gc.freeze()  # the rows are the benchmark's: walking them is no cost of the engine
    engine = Engine(school())
    events = 0
    started = time.process_time()
    for row in rows:
        events += len(engine.feed(row))
    events += len(engine.flush())
    return len(rows) / (time.process_time() - started), events


def memory(rows: list[ReadRow]) -> float:
    """Return the KiB that the engine holds after the rows."""
    tracemalloc.start()
    engine = Engine(school())
    for row in rows:
        engine.feed(row)
    engine.flush()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 1024


if __name__ == "__main__":
    main()
