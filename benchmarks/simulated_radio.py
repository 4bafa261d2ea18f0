"""What comes of the simulated radio at doorways and in carts, read off logs and their truth.

    python benchmarks/simulated_radio.py [--seeds 1 2 3] [--hours 7.5] [--scenario demo-day]

Prints the table of docs/simulator.md. A crossing's reads are those of its device at its doorway
within NEAR_S of it; a crossing with another of the same device there within twice that is left out.
"""

from __future__ import annotations

import argparse
import tempfile
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from edge.contracts.readlog import LooksRow, ReadRow, Row, decode_row
from edge.contracts.school import School
from edge.contracts.school_file import parse_school
from edge.contracts.truth import (
    READABLE_RAW,
    TrueCrossing,
    TrueDocked,
    TrueUndocked,
    Truth,
    decode_truth,
)
from simulator.people.devices import make_devices
from simulator.run import plan_run
from simulator.school_log import write_log

DEMO = Path(__file__).resolve().parents[1] / "simulator" / "schools" / "demo.toml"
NEAR_S = 8.0


class Found(msgspec.Struct):
    """What is added up over the logs."""

    raw: list[int] = []  # of each crossing
    heard: int = 0
    by_both: int = 0
    levels: list[float] = []  # dBm, the strongest read of each record at a doorway
    full_s: float = 0.0  # seconds of carts with all of their devices in them
    full_reads: int = 0  # raw reads in those


def main() -> None:
    """Simulate, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--hours", type=float, default=7.5)
    parser.add_argument("--scenario", default="demo-day")
    options = parser.parse_args()
    found = Found()
    text = DEMO.read_text(encoding="utf-8")
    school = parse_school(text)
    for seed in options.seeds:
        devices = make_devices(school, seed)
        run = plan_run(school, text, devices, options.scenario, options.hours, seed, None)
        with tempfile.TemporaryDirectory() as folder:
            write_log(run, Path(folder), lambda _: True)
            add(found, Path(folder), {d.epc: d.cart for d in devices if d.cart}, school)
    for line in table(found):
        print(line)


def add(found: Found, folder: Path, cart_of: dict[str, str], school: School) -> None:
    """Add one log."""
    truth = [decode_truth(line) for line in (folder / "truth.jsonl").open("rb")]
    crossings = [fact for fact in truth if isinstance(fact, TrueCrossing)]
    found.raw += [crossing.raw for crossing in crossings]
    with (folder / "reads.jsonl").open("rb") as lines:
        rows = [row for n, line in enumerate(lines, 1) if (row := decode_row(line, n))]
    reads = [row for row in rows if isinstance(row, ReadRow) and row.t is not None and row.n]
    doors = {(d.gateway, a): d.id for d in school.doorways.values() for a in d.antennas}
    at: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for row in reads:
        door = doors.get((row.gateway, row.antenna))
        if door is not None:
            at[row.epc, door].append((row.t + (row.span or 0.0), row.antenna))
            if row.rssi is not None:
                found.levels.append(row.rssi)
    for seen in at.values():
        seen.sort()
    for crossing in alone(crossings):
        seen = at[crossing.epc, crossing.doorway]
        begin = bisect_left(seen, (crossing.t - NEAR_S, 0))
        end = bisect_right(seen, (crossing.t + NEAR_S, 99))
        antennas = {antenna for _, antenna in seen[begin:end]}
        found.heard += bool(antennas)
        found.by_both += len(antennas) > 1
    _add_carts(found, truth, reads, rows, cart_of, school)


def alone(crossings: Sequence[TrueCrossing]) -> Iterator[TrueCrossing]:
    """Yield the crossings whose reads can be of no other."""
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for crossing in crossings:
        times[crossing.epc, crossing.doorway].append(crossing.t)
    for crossing in crossings:
        others = times[crossing.epc, crossing.doorway]
        if sum(abs(t - crossing.t) < 2 * NEAR_S for t in others) == 1:
            yield crossing


def _add_carts(
    found: Found,
    truth: Sequence[Truth],
    reads: Sequence[ReadRow],
    rows: Sequence[Row],
    cart_of: dict[str, str],
    school: School,
) -> None:
    """Add up the reads of carts while all their devices lie in them."""
    last = max(row.rx for row in rows)
    first = min(row.rx for row in rows)
    gateway = {cart.id: cart.gateway for cart in school.carts.values()}
    looked: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if isinstance(row, LooksRow):
            looked[row.gateway].append(row.rx)
    for cart in school.carts:
        own = {epc for epc, home in cart_of.items() if home == cart}
        inside: set[str] = set()
        spans: list[tuple[float, float]] = []
        since = None
        facts = [f for f in truth if isinstance(f, TrueDocked | TrueUndocked) and f.cart == cart]
        for fact in sorted(facts, key=lambda f: f.t):
            if isinstance(fact, TrueDocked):
                inside.add(fact.epc)
            else:
                inside.discard(fact.epc)
            full = inside >= own
            if full and since is None:
                since = fact.t
            elif not full and since is not None:
                spans.append((since, fact.t))
                since = None
        if since is not None:
            spans.append((since, last))
        for begin, end in spans:
            begin = max(begin + 60, first)  # the coalescer's still tags come in summaries of 30 s
            if end - begin < 300:
                continue
            if sum(begin <= rx <= end for rx in looked[gateway[cart]]) < (end - begin) / 15:
                continue  # rolled, or dark
            found.full_s += end - begin
            found.full_reads += sum(
                row.n
                for row in reads
                if row.gateway == gateway[cart] and row.t is not None and begin <= row.t <= end
            )


def table(found: Found) -> Iterator[str]:
    """Yield the rows."""
    raw = sorted(found.raw)
    readable = sum(count >= READABLE_RAW for count in raw) / len(raw)
    yield f"crossings: {len(raw):,}"
    yield f"crossings with at least {READABLE_RAW} raw reads: {readable:.0%}"
    shown = " / ".join(str(_at(raw, share)) for share in (0.05, 0.25, 0.5, 0.75, 0.95))
    yield f"raw reads a crossing, 5/25/50/75/95 %: {shown}"
    yield f"heard by both antennas, of those heard: {found.by_both / found.heard:.0%}"
    levels = sorted(found.levels)
    shown = " / ".join(f"{_at(levels, share):.0f}" for share in (0.05, 0.5, 0.95))
    yield f"strongest level of a record at a doorway, 5/50/95 %: {shown} dBm"
    if found.full_s:
        yield f"a full cart: {found.full_reads / found.full_s:.0f} reads/s"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


if __name__ == "__main__":
    main()
