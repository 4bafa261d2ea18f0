"""How many reads a second the engine takes, decoding not counted, and what a tag costs.

Usage: python benchmarks/engine.py [--records N] [--tags N ...]

A gateway merges reads: a record (a row of the read log) holds `n` of them, and the engine works
by the record. Both are printed. Two mixes, the dear and the cheap end of a school's day:

- walks: every tag goes in and out through a doorway all the time; two antennas, four fine records
  a second each, three reads a record. Each 24 records are a pass, to be judged and explained;
- carts: every tag lies in a charging cart of 30 and answers 1.4 times a second, one record in 30 s.
"""

import argparse
import gc
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator

from edge.agent.engine import Engine
from edge.contracts.readlog import LooksRow, ReadRow, Row
from edge.contracts.school import Cart, Doorway, Room, School

START = 1_763_900_000.0
ROOMS = 40
READS_A_PASS = 24  # records: two antennas, three seconds at four fine records a second each
SECONDS_BETWEEN_PASSES = 120.0
CART_HOLDS = 30
STILL_S = 30.0
STILL_READS = 42

Mix = Callable[[int, int], Iterator[Row]]


def main() -> None:
    """Print one line for each mix and number of tags."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=400_000)
    parser.add_argument("--tags", type=int, nargs="+", default=[100, 1_000, 10_000, 40_000])
    options = parser.parse_args()
    print(
        f"{'mix':>6} {'tags':>7} {'reads/s':>10} {'records/s':>10} {'us/record':>10}"
        f" {'events':>8} {'records/tag':>12} {'KiB/tag':>8}"
    )
    for mix in (walks, in_carts):
        for tags in options.tags:
            rows = list(mix(tags, options.records))
            reads, records = reads_and_records(rows)
            seconds, events = measure(rows, school(tags))
            held = memory(rows, school(tags)) / tags
            print(
                f"{mix.__name__.removeprefix('in_'):>6} {tags:>7} {reads / seconds:>10,.0f}"
                f" {records / seconds:>10,.0f} {1e6 * seconds / records:>10.2f} {events:>8}"
                f" {records / tags:>12.1f} {held:>8.2f}",
                flush=True,
            )


def school(tags: int) -> School:
    """Return a hall with a room behind each doorway, and carts for the tags in the first."""
    rooms = {"hall": Room(id="hall", kind="hall")}
    doorways = {}
    for k in range(ROOMS):
        room = f"r{k}"
        rooms[room] = Room(id=room, kind="classroom")
        doorways[f"d{k}"] = Doorway(
            id=f"d{k}", between=("hall", room), gateway=f"gw-{k}", antennas={1: "hall", 2: room}
        )
    carts = {
        f"c{k}": Cart(id=f"c{k}", home="r0", gateway=f"gw-c{k}", antennas=[1])
        for k in range(-(-tags // CART_HOLDS))
    }
    return School(
        name="Bench", site="bench", timezone="UTC", rooms=rooms, doorways=doorways, carts=carts
    )


def walks(tags: int, records: int) -> Iterator[Row]:
    """Yield rows of tags that walk in and out of a room each, in order of arrival."""
    rng = random.Random(1)
    walk_s = max(SECONDS_BETWEEN_PASSES, records / 10_000)
    rows = []
    count = 0
    number = 0
    while count < records:
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


def in_carts(tags: int, records: int) -> Iterator[Row]:
    """Yield the rows of tags that lie in carts, with their gateways' looks, in order of arrival."""
    rng = random.Random(1)
    level = [rng.gauss(-52, 4) for _ in range(tags)]
    pos = 0
    for stretch in range(-(-records // tags)):
        for tag in range(tags):
            pos += 1
            begins = START + STILL_S * (stretch + tag / tags)
            gateway = f"gw-c{tag // CART_HOLDS}"
            rx = begins + STILL_S
            if not tag % CART_HOLDS:
                yield LooksRow(rx=rx, pos=pos, t=rx, gateway=gateway, looks={1: (400, 29_000)})
            yield ReadRow(
                rx=rx,
                pos=pos,
                t=begins,
                gateway=gateway,
                antenna=1,
                epc=f"3414257BF4{tag:014X}",
                rssi=round(level[tag] + rng.gauss(0, 1), 1),
                span=29.5,
                n=STILL_READS,
                peak=12.0,
            )


def reads_and_records(rows: list[Row]) -> tuple[int, int]:
    """Return how many reads were merged to how many records."""
    numbers = [row.n for row in rows if isinstance(row, ReadRow)]
    return sum(numbers), len(numbers)


def measure(rows: list[Row], where: School) -> tuple[float, int]:
    """Return seconds of processor time, and how many events came of the rows."""
    gc.collect()
    gc.freeze()  # the rows are the benchmark's: walking them is no cost of the engine
    engine = Engine(where)
    events = 0
    started = time.process_time()
    for row in rows:
        events += len(engine.feed(row))
    events += len(engine.flush())
    return time.process_time() - started, events


def memory(rows: list[Row], where: School) -> float:
    """Return the KiB that the engine holds after the rows."""
    tracemalloc.start()
    engine = Engine(where)
    for row in rows:
        engine.feed(row)
    engine.flush()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 1024


if __name__ == "__main__":
    main()
