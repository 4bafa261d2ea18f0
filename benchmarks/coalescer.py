"""Both coalescers on the same raw reads of a school: simulated seconds per second, and the ratio.

    python benchmarks/coalescer.py [--devices 1000] [--carts 30] [--doorways 60] [--minutes 10]

Two thirds of the devices lie in carts, read about once a second on each of two antennas; the
others lie in rooms, out of hearing, and every few minutes some of them pass a doorway. The
firmware's runs on CPython here, for one gateway after the other. Seconds are of the processor,
of which each uses one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from simulator.coalescer import RawReads, VectorCoalescer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "firmware"))
from gateway.coalescer import Coalescer
from gateway.coalescer_settings import TICK_MS

ANTENNAS = 2
ON_AIR_MS = 110  # of each antenna in a tick of 250 ms, both taking turns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--carts", type=int, default=30)
    parser.add_argument("--doorways", type=int, default=60)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--passes", type=int, default=200, help="doorway passes a minute")
    options = parser.parse_args()
    gateways = options.carts + options.doorways
    reads = school(
        options.devices, options.carts, options.doorways, options.minutes, options.passes
    )
    seconds = options.minutes * 60
    print(f"{len(reads.at_ms):,} raw reads in {seconds} s of {gateways} gateways")

    took, records = run_vector(reads, gateways, options.devices, seconds)
    print(f"simulator: {records:,} records, {seconds / took:,.0f} simulated seconds per second")
    firmware_took, firmware_records = run_firmware(reads, gateways, seconds)
    print(
        f"firmware on CPython: {firmware_records:,} records, "
        f"{seconds / firmware_took:,.1f} simulated seconds per second"
    )
    print(f"ratio: {firmware_took / took:,.1f}")


def run_vector(reads: RawReads, gateways: int, tags: int, seconds: int) -> tuple[float, int]:
    """Seconds it took, and records sent; given minute by minute, as a simulator would."""
    coalescer = VectorCoalescer(gateways, ANTENNAS, tags)
    looks = np.full((60_000 // TICK_MS, gateways, ANTENNAS), ON_AIR_MS)
    begin = time.process_time()
    records = 0
    for until_ms in range(60_000, seconds * 1000 + 1, 60_000):
        start, stop = np.searchsorted(reads.at_ms, (until_ms - 60_000, until_ms))
        records += len(coalescer.step(reads.between(start, stop), looks, until_ms))
    records += len(coalescer.flush())
    return time.process_time() - begin, records


def run_firmware(reads: RawReads, gateways: int, seconds: int) -> tuple[float, int]:
    """The same, one coalescer for each gateway; splitting the reads is not counted."""
    took = 0.0
    sent = []
    for gateway in range(gateways):
        mine = reads.gateway == gateway
        epcs = [int(tag).to_bytes(12, "big") for tag in reads.tag[mine]]
        columns = (reads.antenna[mine], reads.rssi_tenths[mine], reads.at_ms[mine])
        antenna, rssi, at_ms = (column.tolist() for column in columns)
        coalescer = Coalescer(lambda *record: sent.append(record))
        begin = time.process_time()
        at = 0
        for end_ms in range(TICK_MS, seconds * 1000 + 1, TICK_MS):
            while at < len(at_ms) and at_ms[at] < end_ms:
                coalescer.add(epcs[at], 0, 12, antenna[at], rssi[at], at_ms[at])
                at += 1
            for port in range(ANTENNAS):
                coalescer.looked(port, 1, ON_AIR_MS)
            coalescer.tick(end_ms)
        coalescer.flush()
        took += time.process_time() - begin
    return took, len(sent)


def school(devices: int, carts: int, doorways: int, minutes: int, passes: int) -> RawReads:
    """Raw reads of parked devices and of passes through doorways."""
    random = np.random.default_rng(1)
    end_ms = minutes * 60_000
    parked = np.arange(devices * 2 // 3)
    parts = [still(random, parked, parked % carts, antenna, end_ms) for antenna in range(ANTENNAS)]
    for _ in range(passes * minutes):
        tag = int(random.integers(len(parked), devices))
        door = carts + int(random.integers(doorways))
        at_ms = int(random.integers(end_ms - 5_000))
        parts += [walk(random, tag, door, antenna, at_ms) for antenna in range(ANTENNAS)]
    table = np.concatenate(parts, axis=1)
    return RawReads(*table[:, np.argsort(table[4], kind="stable")])


def still(
    random: np.random.Generator, tags: np.ndarray, carts: np.ndarray, antenna: int, end_ms: int
) -> np.ndarray:
    """About one read a second of each tag, 2 dB of noise around a level of its own."""
    which = random.integers(0, len(tags), len(tags) * end_ms // 1000)
    level = random.integers(-750, -450, len(tags))[which]
    rssi = np.rint(level + random.normal(0, 20, len(which))).astype(np.int64)
    at_ms = random.integers(0, end_ms, len(which))
    return np.stack([carts[which], tags[which], np.full(len(which), antenna), rssi, at_ms])


def walk(
    random: np.random.Generator, tag: int, door: int, antenna: int, from_ms: int
) -> np.ndarray:
    """Three seconds past an antenna, 7 reads a second, the second antenna 0.7 s later."""
    at_ms = np.sort(random.integers(0, 3_000, 21))
    rssi = np.rint(-480 - 0.15 * np.abs(at_ms - 1_500) + random.normal(0, 20, 21))
    columns = (np.full(21, door), np.full(21, tag), np.full(21, antenna))
    return np.stack([*columns, rssi.astype(np.int64), from_ms + 700 * antenna + at_ms])


if __name__ == "__main__":
    main()
