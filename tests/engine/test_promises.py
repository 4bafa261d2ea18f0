"""What holds for every log: a function of its rows, in any order of arrival within the lag."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import edge.agent.engine
from edge.agent.engine import Engine
from edge.contracts.events import Event
from edge.contracts.readlog import ReadRow, Row, TimeRow, decode_row, encode_row
from tests.engine.scenes import (
    NOON,
    OTHER,
    TAG,
    crossings,
    fell_silent,
    lies_in_cart,
    looks,
    numbered,
    record,
    run,
    school,
    seen,
    standing,
    walk,
)
from tests.support.counts import count

SCENE: list[Row] = [
    *walk("d1", NOON, 1),
    *walk("front", NOON + 8, 2, epc=TAG),
    *walk("d2", NOON + 4, 1, epc=OTHER, rssi=False),
    *walk("front", NOON + 40, 1),
    *seen("gw-d1", 2, [NOON + 55.0, NOON + 55.4], rssi=-61.0),
    *walk("d2", NOON + 70, 2),
]
IN_CARTS: list[Row] = [
    *lies_in_cart("c1", NOON, NOON + 70),
    fell_silent("c1", NOON + 70),
    *looks("gw-c1", NOON, NOON + 110),
    *walk("d1", NOON + 90, 1),
]


def feed_all(engine: Engine, rows: list[Row]) -> list[Event]:
    return [event for row in rows for event in engine.feed(row)]


@given(data=st.data())
@settings(max_examples=count(60, 1000))
def test_any_order_of_arrival_within_the_lag_gives_the_same_record(data: st.DataObject) -> None:
    delays = data.draw(
        st.lists(
            st.one_of(st.just(0.0), st.floats(0, 44)), min_size=len(SCENE), max_size=len(SCENE)
        )
    )
    delayed = [
        ReadRow(
            rx=row.rx + delay,
            t=row.t,
            gateway=row.gateway,
            antenna=row.antenna,
            epc=row.epc,
            rssi=row.rssi,
        )
        for row, delay in zip(SCENE, delays, strict=True)
        if isinstance(row, ReadRow)
    ]
    end = [TimeRow(rx=NOON + 200)]
    in_order, shuffled = run(SCENE + end), run(delayed + end)
    origin = min(row.rx for row in SCENE)
    for epc in (TAG, OTHER):
        assert since(record(shuffled, epc), origin) == since(record(in_order, epc), origin)
    assert passages(shuffled) == passages(in_order)


def passages(events: list[Event]) -> list[tuple[object, ...]]:
    found = [e for e in standing(events) if hasattr(e, "from_room")]
    return sorted((e.epc, e.t, e.doorway, e.from_room, e.to_room) for e in found)


def since(stays: list[tuple[float, str | None]], origin: float) -> list[tuple[float, str | None]]:
    """A tag's first stay is said from when the engine began, which is the first arrival."""
    return [
        (max(t, origin + 45), room) if k == 0 else (t, room) for k, (t, room) in enumerate(stays)
    ]


@pytest.mark.parametrize("rows", [SCENE, IN_CARTS])
def test_a_log_gives_the_events_that_the_live_rows_gave_ids_included(rows: list[Row]) -> None:
    live = run(rows)
    written = [encode_row(row) for row in numbered(rows)]
    replayed = [decode_row(line, 10 * k) for k, line in enumerate(written, 1)]
    engine = Engine(school())
    assert feed_all(engine, [row for row in replayed if row is not None]) + engine.flush() == live


def test_time_rows_bring_decisions_forward_but_not_other_ones() -> None:
    rows = walk("d1", NOON, 2)
    told = run([*rows, *(TimeRow(rx=NOON + k) for k in range(2, 9))], flush=False)
    assert crossings(told) == crossings(run(rows)) == [("d1", "hall", "r1")]
    assert record(told) == record(run(rows))


def test_pending_tells_whether_time_alone_brings_a_decision() -> None:
    engine = Engine(school())
    assert not engine.pending
    rows = numbered(walk("d1", NOON, 2))
    feed_all(engine, rows)
    assert engine.pending
    assert engine.now == rows[-1].rx
    feed_all(engine, [TimeRow(rx=NOON + 20, pos=100)])
    assert not engine.pending


def test_flush_twice_says_nothing_new_and_goes_on_counting_at_the_last_row() -> None:
    engine = Engine(school())
    rows = numbered(walk("d1", NOON, 2))
    before = feed_all(engine, rows)
    flushed = engine.flush()
    assert before == []
    assert [e.id for e in flushed] == [f"{rows[-1].pos}.{k}" for k in range(len(flushed))]
    assert engine.flush() == []


def test_events_carry_the_row_that_advanced_time_and_whole_seconds() -> None:
    events = run([*walk("d1", NOON, 2), TimeRow(rx=NOON + 60.5)], flush=False)
    assert {e.id.split(".")[0] for e in events} == {"25"}
    assert all(e.decided == int(e.decided) for e in events)
    assert all(e.t <= e.decided <= NOON + 6 for e in events)


def test_rows_of_one_batch_share_a_position_and_ids_stay_unique() -> None:
    rows = [
        ReadRow(
            rx=row.rx,
            pos=1 + k // 10,
            t=row.t,
            gateway=row.gateway,
            antenna=row.antenna,
            epc=row.epc,
            rssi=row.rssi,
        )
        for k, row in enumerate(numbered(SCENE))
        if isinstance(row, ReadRow)
    ]
    engine = Engine(school())
    ids = [e.id for e in feed_all(engine, list(rows)) + engine.flush()]
    assert len(ids) == len(set(ids))


def test_time_never_goes_back() -> None:
    engine = Engine(school())
    feed_all(engine, [TimeRow(rx=NOON + 10, pos=1), TimeRow(rx=NOON, pos=2)])
    assert engine.now == NOON + 10


def test_a_hole_of_days_in_a_log_costs_no_more_than_its_rows() -> None:
    far = NOON + 30 * 86_400
    engine = Engine(school())
    events = feed_all(engine, numbered([*walk("d1", NOON, 2), *walk("d1", far, 1)]))
    assert crossings(events + engine.flush()) == [("d1", "hall", "r1"), ("d1", "r1", "hall")]


def test_the_engine_is_pure() -> None:
    """It imports its own modules, the contracts, and of the library nothing with effects."""
    pure = {
        "bisect",
        "collections",
        "datetime",
        "hashlib",
        "dataclasses",
        "heapq",
        "math",
        "msgspec",
        "operator",
        "statistics",
        "sys",
        "typing",
        "zoneinfo",
    }
    folder = Path(edge.agent.engine.__file__).parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                assert name.startswith(("edge.agent.engine", "edge.contracts")) or (
                    name.split(".")[0] in pure
                ), f"{path.name} imports {name}"
