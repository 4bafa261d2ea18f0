"""Logs of scenarios: the same bytes each time, a truth that agrees, and faults that show."""

from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from edge.contracts.readlog import GatewayRow, LooksRow, ReadRow, Row, decode_row
from edge.contracts.school_file import parse_school
from edge.contracts.truth import Start, TrueCrossing, Truth, decode_truth
from simulator.run import Run, plan_run
from simulator.school_log import write_log
from tests.simulator.demo_school import PATH, START_S, devices

TEXT = PATH.read_text()
SCHOOL = parse_school(TEXT)
BELL_S = START_S + 570  # half a minute before the first lesson
SHORT_H = 0.1


def _run(name: str, hours: float = SHORT_H) -> Run:
    return plan_run(SCHOOL, TEXT, devices(), name, hours, 4, BELL_S)


def _write(name: str, hours: float = SHORT_H) -> tuple[bytes, bytes]:
    with TemporaryDirectory() as folder:
        write_log(_run(name, hours), Path(folder), lambda seconds: True)
        log, truth = Path(folder) / "reads.jsonl", Path(folder) / "truth.jsonl"
        return log.read_bytes(), truth.read_bytes()


@cache
def _log(name: str, hours: float = SHORT_H) -> tuple[list[Row], list[Truth]]:
    log, truth = _write(name, hours)
    rows = [decode_row(line, number) for number, line in enumerate(log.splitlines(), 1)]
    return [row for row in rows if row is not None], [
        decode_truth(line) for line in truth.splitlines()
    ]


@pytest.mark.parametrize("name", ["cart-roundtrip", "clothes", "disorder", "wrong-clocks"])
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    assert _write(name) == _write(name)


@pytest.mark.parametrize("name", ["cart-roundtrip", "clothes", "loiterers", "disorder", "outage"])
def test_rows_are_in_order_of_arrival_and_truth_goes_from_room_to_room(name: str) -> None:
    rows, truth = _log(name)
    assert [row.rx for row in rows] == sorted(row.rx for row in rows)
    room: dict[str, str] = {}
    for fact in truth:
        if isinstance(fact, Start):
            room[fact.epc] = fact.room
        elif isinstance(fact, TrueCrossing):
            assert room[fact.epc] == fact.from_room
            room[fact.epc] = fact.to_room
    known = {device.epc for device in devices()} | {cart.epc for cart in SCHOOL.carts.values()}
    assert {row.epc for row in rows if isinstance(row, ReadRow)} <= known


def test_a_rolled_carts_gateway_is_dark_then_boots_anew_and_doors_see_the_carts_tag() -> None:
    run = _run("cart-roundtrip", 0.25)
    rows, truth = _log("cart-roundtrip", 0.25)
    assert len(run.tags.epcs) == 120 + len(SCHOOL.carts)
    words = [row for row in rows if isinstance(row, GatewayRow) and row.rx > BELL_S + 1]
    assert words and not words[0].online
    for gateway in {word.gateway for word in words}:
        looks = [row for row in rows if isinstance(row, LooksRow) and row.gateway == gateway]
        boots = list(dict.fromkeys(row.boot for row in looks))
        came = [word for word in words if word.gateway == gateway and word.online]
        assert boots[1:] == [word.boot for word in came]
        for word in came:
            seqs = [row.seq for row in looks if row.boot == word.boot]
            assert seqs == list(range(len(seqs)))
        gaps = [after.rx - row.rx for row, after in pairwise(looks)]
        assert not came or max(gaps) > 25  # every other gap is at most ten seconds
    own = {cart.epc for cart in SCHOOL.carts.values()}
    cart = [f for f in truth if isinstance(f, TrueCrossing) and f.epc in own]
    inside = [f for f in truth if isinstance(f, TrueCrossing) and f.epc not in own]
    assert cart and all(crossing.raw >= 2 for crossing in cart)
    assert sum(crossing.raw < 2 for crossing in inside) > len(inside) / 2


def test_each_row_of_a_gateway_with_a_wrong_clock_tells_its_uptime() -> None:
    rows, _ = _log("wrong-clocks")
    sync = defaultdict(set)
    for row in rows:
        if isinstance(row, ReadRow | LooksRow):
            assert row.up is not None and row.t is not None
            sync[row.gateway].add(row.sync is None)
    never = [gateway for gateway, unset in sync.items() if unset == {True}]
    assert len(never) == 2 and len(sync) == 11


def test_some_batches_of_a_disorderly_network_stand_in_the_log_twice() -> None:
    rows, _ = _log("disorder")
    names = [(r.gateway, r.boot, r.seq) for r in rows if isinstance(r, LooksRow)]
    assert 0.01 < 1 - len(set(names)) / len(names) < 0.1


def test_walks_past_a_door_are_counted_for_they_stand_in_no_truth(tmp_path: Path) -> None:
    statistics = write_log(_run("hall-passers", 0.3), tmp_path, lambda seconds: True)
    assert statistics.passes > 2 * len(statistics.crossings) > 10
    assert f"{statistics.passes} walks past a door" in statistics.crossing_line()


def test_swapped_gateways_go_dark_and_each_comes_back_with_the_others_tags() -> None:
    rows, _ = _log("swapped", 1.0)
    words = [row for row in rows if isinstance(row, GatewayRow) and row.rx > BELL_S + 1]
    assert [word.online for word in words] == [False, False, True, True]
    pair = {word.gateway for word in words}
    assert len(pair) == 2
    back_s = max(word.rx for word in words)
    boots = defaultdict(set)
    for row in rows:
        if isinstance(row, LooksRow) and row.gateway in pair:
            boots[row.gateway, row.rx > back_s].add(row.boot)
    one, other = sorted(pair)
    assert not boots[one, False] & boots[one, True]
    assert not boots[other, False] & boots[other, True]
