"""Runs the engine over a read log, line by line, as fast as it can."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from edge.agent.engine import Engine
from edge.agent.intake.arrivals import Arrivals
from edge.agent.ledger.set_aside import reason_of
from edge.contracts.events import Event, encode_event
from edge.contracts.readlog import BadLine, ReadRow, decode_row


@dataclass
class Tally:
    """What a replay went through: `rows` of any kind, `reads` among them, `seconds` it took.

    `repeats` are the rows that were dropped because their batch had come before.
    """

    rows: int = 0
    reads: int = 0
    events: int = 0
    bad: int = 0
    repeats: int = 0
    unknown_kinds: int = 0
    seconds: float = field(default=0.0, compare=False)


def replay(
    lines: Iterable[bytes],
    engine: Engine,
    write: Callable[[bytes], object],
    on_bad: Callable[[BadLine], None],
    flush: bool = True,
) -> Tally:
    """Feed a log's lines to the engine and write its events, one JSON line each.

    A line that is no row is handed to `on_bad` and skipped; empty lines are skipped too. With
    `flush`, time goes on after the last line until nothing is pending.
    """
    tally = Tally()
    started = time.perf_counter()
    arrivals = Arrivals()
    take = arrivals.take
    feed = engine.feed
    reads = 0
    rows = 0
    for number, line in enumerate(lines, 1):
        try:
            row = decode_row(line, number)
        except BadLine as bad:
            if line.strip():
                tally.bad += 1
                on_bad(bad)
            continue
        if row is None:
            tally.unknown_kinds += 1
            continue
        rows += 1
        if type(row) is ReadRow:
            reads += 1
        taken = take(row)
        if taken is None:
            continue
        try:
            events = feed(taken)
        except Exception as error:  # noqa: BLE001 - set aside, as the live agent does
            tally.bad += 1
            on_bad(BadLine(number, f"set aside: {reason_of(error)}"))
            continue
        if events:
            tally.events += len(events)
            write(_lines(events))
    if flush:
        events = engine.flush()
        tally.events += len(events)
        write(_lines(events))
    tally.rows = rows
    tally.reads = reads
    tally.repeats = arrivals.repeats
    tally.seconds = time.perf_counter() - started
    return tally


def _lines(events: list[Event]) -> bytes:
    return b"".join([encode_event(event) + b"\n" for event in events])
