"""What emulated modules cost: processor share of one process that serves many, reading and idle.

    python benchmarks/emulators.py [--modules 22] [--tags 5] [--seconds 10]

The client that starts the polls and drains the sockets runs in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import resource
import selectors
import socket
import time

from simulator.modules.field import FixedField, make_tags
from simulator.modules.module import EmulatedModule
from simulator.modules.port import serve_tcp

MULTI_POLL = bytes.fromhex("bb0027000322ffff4a7e")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=22)
    parser.add_argument("--tags", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    for state, polls in (("idle", False), ("reading", True)):
        share, notices = asyncio.run(measure(options.modules, options.tags, options.seconds, polls))
        print(
            f"{options.modules} modules {state}, {options.tags} tags each: "
            f"{share:.2%} of a core, {share / options.modules:.3%} each, "
            f"{notices / options.seconds / options.modules:.1f} notices a second each"
        )


async def measure(count: int, tags: int, seconds: float, polls: bool) -> tuple[float, int]:
    """Return this process's share of a core while serving, and the notices sent."""
    modules, ports = [], []
    for seed in range(count):
        rng = random.Random(seed)
        modules.append(EmulatedModule("m100", FixedField(make_tags(tags, rng), rng), rng=rng))
        ports.append(await serve_tcp(modules[-1]))
    addresses = [port.address.rpartition(":")[2] for port in ports]
    client = multiprocessing.get_context("spawn").Process(target=drain, args=(addresses, polls))
    client.start()
    await asyncio.sleep(2.0)
    cpu_s, notices, begin_s = cpu(), sum(m.notices_sent for m in modules), time.monotonic()
    await asyncio.sleep(seconds)
    share = (cpu() - cpu_s) / (time.monotonic() - begin_s)
    notices = sum(m.notices_sent for m in modules) - notices
    client.terminate()
    await asyncio.to_thread(client.join)
    for port in ports:
        port.close()
    return share, notices


def cpu() -> float:
    """Return the processor seconds this process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def drain(ports: list[str], polls: bool) -> None:
    """Connect to each module, start its poll, and read what comes for ever."""
    ready = selectors.DefaultSelector()
    for port in ports:
        link = socket.create_connection(("127.0.0.1", int(port)))
        if polls:
            link.sendall(MULTI_POLL)
        ready.register(link, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            if not key.fileobj.recv(65536):
                return


if __name__ == "__main__":
    main()
