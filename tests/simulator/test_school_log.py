"""A written log: reproducible, in order of arrival, and with a truth that agrees with it."""

from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from edge.contracts.readlog import (
    DeviceRow,
    GatewayRow,
    LoanRow,
    LooksRow,
    ReadRow,
    Row,
    SchoolRow,
    decode_row,
)
from edge.contracts.truth import (
    Start,
    TrueCrossing,
    TrueDocked,
    TrueUndocked,
    Truth,
    decode_truth,
)
from simulator.run import plan_run
from simulator.school_log import write_log
from simulator.settings import SimulatorError
from tests.simulator.demo_school import PATH, SCHOOL, devices

HOURS = 1.2  # the way in, one lesson, and the break after it


def _write(seed: int, hours: float = HOURS) -> dict[str, bytes]:
    """Write a log; its files by name."""
    run = plan_run(SCHOOL, PATH.read_text(), devices(), "demo-day", hours, seed, None)
    with TemporaryDirectory() as folder:
        write_log(run, Path(folder), lambda seconds: True)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@cache
def _log() -> tuple[list[Row], list[Truth]]:
    files = _write(1)
    lines = files["reads.jsonl"].splitlines()
    rows = [decode_row(line, number) for number, line in enumerate(lines, 1)]
    truth = [decode_truth(line) for line in files["truth.jsonl"].splitlines()]
    return [row for row in rows if row is not None], truth


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again = _write(7, 0.3), _write(7, 0.3)
    other = _write(8, 0.3)
    for name in ("reads.jsonl", "truth.jsonl"):
        assert first[name] == again[name] != other[name]


def test_the_log_begins_with_school_and_devices_and_is_in_order_of_arrival() -> None:
    rows, _ = _log()
    assert isinstance(rows[0], SchoolRow) and rows[0].text == PATH.read_text()
    assert sum(isinstance(row, DeviceRow) for row in rows) == 120
    assert {row.gateway for row in rows if isinstance(row, GatewayRow)} == set(SCHOOL.gateway_ids)
    assert [row.rx for row in rows] == sorted(row.rx for row in rows)


def test_every_gateway_looks_at_least_every_ten_seconds() -> None:
    rows, _ = _log()
    times: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if isinstance(row, LooksRow):
            times[row.gateway].append(row.rx)
            assert set(row.looks) == {1, 2}
    assert set(times) == set(SCHOOL.gateway_ids)
    for seen in times.values():
        assert max(after - at for at, after in pairwise(seen)) < 10.2


def test_looks_add_up_to_the_time_the_antennas_had() -> None:
    rows, _ = _log()
    on_air_ms = defaultdict(int)
    for row in rows:
        if isinstance(row, LooksRow):
            for antenna, (rounds, on_air) in row.looks.items():
                assert rounds <= on_air  # no round is as short as a millisecond
                on_air_ms[row.gateway, antenna] += on_air
    for total in on_air_ms.values():
        assert total == pytest.approx(HOURS * 3_600_000 * 70 / 160, rel=0.01)


def test_batches_are_numbered_without_gaps_and_hold_at_most_20_reads() -> None:
    rows, _ = _log()
    reads: dict[tuple[str, int], int] = defaultdict(int)
    seqs: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if isinstance(row, ReadRow) and row.seq is not None:
            reads[row.gateway, row.seq] += 1
            assert row.t is not None and row.t <= row.rx < row.t + 45
        elif isinstance(row, LooksRow) and row.seq is not None:
            seqs[row.gateway].append(row.seq)
    assert max(reads.values()) <= 20
    for numbers in seqs.values():
        assert numbers == list(range(len(numbers)))


def test_truth_is_in_order_and_every_crossing_starts_where_the_device_was() -> None:
    _, truth = _log()
    assert [fact.t for fact in truth] == sorted(fact.t for fact in truth)
    room: dict[str, str] = {}
    cart: dict[str, str | None] = {}
    for fact in truth:
        if isinstance(fact, Start):
            room[fact.epc] = fact.room
        elif isinstance(fact, TrueCrossing):
            assert fact.from_room == room[fact.epc]
            assert cart.get(fact.epc) is None
            assert {fact.from_room, fact.to_room} == set(SCHOOL.doorways[fact.doorway].between)
            assert (fact.allowed is None) == (fact.to_room != "outside")
            room[fact.epc] = fact.to_room
        elif isinstance(fact, TrueDocked):
            assert cart.get(fact.epc) is None
            assert SCHOOL.carts[fact.cart].home == room[fact.epc]
            cart[fact.epc] = fact.cart
        elif isinstance(fact, TrueUndocked):
            assert cart[fact.epc] == fact.cart
            cart[fact.epc] = None


def test_raw_counts_agree_with_the_reads_in_the_log() -> None:
    rows, truth = _log()
    merged: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        if isinstance(row, ReadRow) and row.gateway.startswith("gw-d10"):
            merged[row.gateway, row.epc] += row.n
    raw: dict[tuple[str, str], int] = defaultdict(int)
    for fact in truth:
        if isinstance(fact, TrueCrossing):
            raw[SCHOOL.doorways[fact.doorway].gateway, fact.epc] += fact.raw
    doors = [key for key in raw if key[0].startswith("gw-d10") and raw[key]]
    assert doors
    assert all(merged[key] >= raw[key] for key in doors)  # more: turned round, passed by


def test_most_crossings_can_be_read_and_some_cannot() -> None:
    _, truth = _log()
    raw = [fact.raw for fact in truth if isinstance(fact, TrueCrossing)]
    assert len(raw) > 100
    assert 0.85 < sum(count >= 2 for count in raw) / len(raw) < 0.995


def test_leave_to_go_out_stands_in_the_log() -> None:
    rows, _ = _log()
    loans = [row for row in rows if isinstance(row, LoanRow)]
    assert loans and any(loan.ended for loan in loans)


def test_a_run_can_be_stopped_and_what_was_written_is_whole(tmp_path: Path) -> None:
    run = plan_run(SCHOOL, PATH.read_text(), devices(), "demo-day", 2.0, 1, None)
    write_log(run, tmp_path, lambda seconds: seconds < 60)
    for number, line in enumerate((tmp_path / "reads.jsonl").read_bytes().splitlines(), 1):
        decode_row(line, number)


@pytest.mark.parametrize(
    ("scenario", "hours", "known"),
    [("nonsense", 1.0, True), ("demo-day", 0.0, True), ("demo-day", 1.0, False)],
)
def test_what_cannot_be_simulated_is_said(scenario: str, hours: float, known: bool) -> None:
    with pytest.raises(SimulatorError):
        plan_run(SCHOOL, "", devices() if known else [], scenario, hours, 1, None)
