"""Writes a run as files: `reads.jsonl` in order of arrival, and `truth.jsonl`."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

import msgspec

from edge.contracts.devices import Device
from edge.contracts.readlog import (
    CalendarRow,
    DeviceRow,
    GatewayRow,
    LoanRow,
    LooksRow,
    ReadRow,
    Row,
    SchoolRow,
    encode_rows,
)
from edge.contracts.truth import READABLE_RAW, TrueCrossing, encode_truth
from simulator.chain import Chain, Piece
from simulator.coalescer.shapes import NO_RSSI
from simulator.gateways.batching import Notice, SentBatch
from simulator.people.itinerary import Leave
from simulator.run import Run


class Statistics(msgspec.Struct):
    """What a log holds."""

    raw_reads: int = 0
    records: int = 0
    batches: int = 0
    crossings: list[int] = []  # raw reads of each
    passes: int = 0  # walks past a door
    turns: int = 0  # to a door and back

    def crossing_line(self) -> str:
        """Say in a sentence how well the doorways saw."""
        raw = sorted(self.crossings)
        if not raw:
            return "no crossings"
        readable = sum(count >= READABLE_RAW for count in raw)
        return (
            f"{len(raw)} crossings, {readable / len(raw):.1%} of them with at least "
            f"{READABLE_RAW} raw reads, median {raw[len(raw) // 2]}; {self.passes} walks past a "
            f"door, {self.turns} up to one and back"
        )


def write_log(run: Run, folder: Path, progress: Callable[[float], bool]) -> Statistics:
    """Run a school and write its log and truth.

    `progress` is told the seconds simulated; where it answers False the run ends there, and the
    files hold what happened until then. Raises OSError.
    """
    statistics = Statistics()
    chain = run.chain()
    with (
        _not_collecting(),
        (folder / "reads.jsonl").open("wb") as reads,
        (folder / "truth.jsonl").open("wb") as truth,
    ):
        reads.write(encode_rows(list(head_rows(run, chain))))
        truth.writelines(encode_truth(fact) + b"\n" for fact in chain.start_truth)
        for piece in chain.pieces(run.length_ms):
            reads.write(encode_rows(piece_rows(run, piece)))
            truth.writelines(encode_truth(fact) + b"\n" for fact in piece.truth)
            _count(statistics, piece)
            if not progress(piece.until_ms / 1000):
                break
    statistics.passes, statistics.turns = chain.truth.passes, chain.truth.turns
    return statistics


@contextmanager
def _not_collecting() -> Iterator[None]:
    """Keep the collector of cycles out: a run makes none, and it takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def head_rows(run: Run, chain: Chain) -> Iterator[Row]:
    """Yield what the agent knows when the log begins: school, devices, gateways online."""
    rx = run.start_s
    yield SchoolRow(rx=rx, text=run.school_text)
    for device in run.devices:
        yield DeviceRow(rx=rx, **msgspec.structs.asdict(device))
    for gateway, boot in chain.gateways.boots().items():
        yield GatewayRow(rx=rx, gateway=gateway, online=True, boot=boot)


def piece_rows(run: Run, piece: Piece) -> list[Row]:
    """Return the rows of a piece in order of arrival."""
    arrivals: list[tuple[float, SentBatch | Leave | Notice]] = [
        *((_unix(run, notice.rx_ms), notice) for notice in piece.notices),
        *((leave.at_s, leave) for leave in piece.leaves),
        *((_unix(run, batch.rx_ms), batch) for batch in piece.batches),
    ]
    arrivals.sort(key=itemgetter(0))
    rows: list[Row] = []
    for rx, arrival in arrivals:
        if isinstance(arrival, SentBatch):
            _add_batch(rows, run, rx, arrival)
        elif isinstance(arrival, Leave):
            rows.append(_leave_row(run.devices, arrival))
        else:
            rows.append(
                GatewayRow(rx=rx, gateway=arrival.gateway, online=arrival.online, boot=arrival.boot)
            )
    return rows


def _add_batch(rows: list[Row], run: Run, rx: float, batch: SentBatch) -> None:
    epcs, gateway, boot, seq, sync = (
        run.tags.epcs,
        batch.gateway,
        batch.boot,
        batch.seq,
        batch.sync_s,
    )
    up = batch.up_ms - batch.boot_ms if batch.tells_up else None
    zero_ms = round(run.start_s * 1000) + batch.ahead_ms
    for tag, antenna, rssi, first_ms, n, span_ms, peak_ms in batch.reads:
        rows.append(
            ReadRow(
                rx=rx,
                t=(zero_ms + first_ms) / 1000,
                gateway=gateway,
                antenna=antenna,
                epc=epcs[tag],
                rssi=None if rssi == NO_RSSI else rssi / 10,
                n=n,
                span=span_ms / 1000,
                peak=peak_ms / 1000,
                boot=boot,
                seq=seq,
                up=up,
                sync=sync,
            )
        )
    # a batch that comes as it should is as good as its arrival; of any other its closing counts
    looked_ms = batch.sent_ms + batch.ahead_ms if batch.tells_up else batch.rx_ms
    rows.append(
        LooksRow(
            rx=rx,
            t=_unix(run, looked_ms),
            gateway=gateway,
            looks=batch.looks,
            boot=boot,
            seq=seq,
            up=up,
            sync=sync,
        )
    )


def _leave_row(devices: Sequence[Device], leave: Leave) -> Row:
    rx = round(leave.at_s, 3)
    start_s, until_s = round(leave.from_s, 3), round(leave.until_s, 3)
    epcs = [devices[device].epc for device in leave.devices]
    if leave.calendar:
        return CalendarRow(rx=rx, start=start_s, until=until_s, epcs=epcs)
    ended_s = None if leave.ended_s is None else round(leave.ended_s, 3)
    return LoanRow(rx=rx, epc=epcs[0], start=start_s, due=until_s, ended=ended_s)


def _unix(run: Run, up_ms: int) -> float:
    """Return Unix seconds of a moment of uptime, whole milliseconds."""
    return (round(run.start_s * 1000) + up_ms) / 1000


def _count(statistics: Statistics, piece: Piece) -> None:
    statistics.raw_reads += piece.raw_reads
    statistics.batches += len(piece.batches)
    statistics.records += sum(len(batch.reads) for batch in piece.batches)
    statistics.crossings += [f.raw for f in piece.truth if isinstance(f, TrueCrossing)]
