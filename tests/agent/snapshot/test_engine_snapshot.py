"""An engine that is read back from a snapshot goes on as if it had never stopped."""

import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.agent.engine import Engine
from edge.agent.snapshot.engine_snapshot import SnapshotError, read, write
from edge.agent.snapshot.plain import NotPlain, Reader, Writer, fields_of
from edge.contracts.devices import Device
from edge.contracts.events import Event
from edge.contracts.readlog import (
    CalendarRow,
    DeviceRow,
    GatewayRow,
    LoanRow,
    ReadRow,
    Row,
    SchoolRow,
    decode_row,
)
from edge.contracts.school import School
from edge.contracts.school_file import parse_school
from simulator.people.devices import make_devices
from simulator.people.timetable import default_start
from simulator.run import plan_run
from simulator.school_log import write_log
from tests.engine.scenes import (
    NOON,
    OTHER,
    SCHOOL_TEXT,
    TAG,
    fell_silent,
    lies_in_cart,
    looks,
    numbered,
    school,
    seen,
    walk,
)
from tests.support.counts import count, seeded
from tests.support.files import ROOT

SCHOOL_FILE = ROOT / "simulator" / "schools" / "demo.toml"
BELL_S = 3_500.0  # from the default start: ten minutes before the first bell, lessons of 50 min
BUILD = "this one"
OTHER_SCHOOL = SCHOOL_TEXT.replace("Test School", "Other School")

times = st.floats(0, 3600).map(lambda s: NOON + round(s, 1))
epcs = st.sampled_from([TAG, OTHER])
doors = st.sampled_from(["d1", "d2", "front"])
carts = st.sampled_from(["c1", "c2"])


def late(rows: list[ReadRow], by: float) -> list[Row]:
    return [msgspec.structs.replace(row, rx=row.rx + by) for row in rows]


def a_stay_in_a_cart(cart: str, start: float, length: float, epc: str) -> list[Row]:
    end = start + length
    return [
        *lies_in_cart(cart, start, end, epc=epc),
        fell_silent(cart, end, epc),
        *looks(f"gw-{cart}", start, end + 60),
    ]


def an_outage(gateway: str, start: float, length: float) -> list[Row]:
    return [
        GatewayRow(rx=start, gateway=gateway, online=False),
        GatewayRow(rx=start + length, gateway=gateway, online=True),
    ]


def a_loan(epc: str, start: float, length: float) -> list[Row]:
    return [
        LoanRow(rx=start, epc=epc, start=start),
        LoanRow(rx=start + length, epc=epc, start=start, ended=start + length),
    ]


scenes: st.SearchStrategy[list[Row]] = st.one_of(
    st.builds(
        lambda door, at, side, slow, rssi, epc, by: late(
            walk(door, at, side, seconds=slow, rssi=rssi, epc=epc), by
        ),
        doors,
        times,
        st.sampled_from([1, 2]),
        st.floats(1, 60),
        st.booleans(),
        epcs,
        st.sampled_from([0.0, 0.0, 20.0, 3600.0]),
    ),
    st.builds(
        lambda door, antenna, at, epc: list(
            seen(f"gw-{door}", antenna, [at, at + 0.4], rssi=-61.0, epc=epc)
        ),
        doors,
        st.sampled_from([1, 2]),
        times,
        epcs,
    ),
    st.builds(a_stay_in_a_cart, carts, times, st.floats(5, 900), epcs),
    st.builds(an_outage, st.sampled_from(["gw-d1", "gw-front", "gw-c1"]), times, st.floats(5, 900)),
    st.builds(a_loan, epcs, times, st.floats(5, 900)),
    st.builds(lambda at: [CalendarRow(rx=at, start=at, until=at + 600)], times),
    st.builds(lambda at, epc, home: [DeviceRow(rx=at, epc=epc, home=home)], times, epcs, doors),
    st.builds(lambda at: [SchoolRow(rx=at, text=OTHER_SCHOOL)], times),
)
histories = st.lists(scenes, min_size=1, max_size=12).map(
    lambda parts: numbered([row for part in parts for row in part])
)


def feed_all(engine: Engine, rows: list[Row]) -> list[Event]:
    return [event for row in rows for event in engine.feed(row)]


def fed_with_stops(engine: Engine, rows: list[Row], cuts: list[int]) -> list[Event]:
    """Feed rows, but write the engine down and read it back at each cut."""
    events: list[Event] = []
    done = 0
    for cut in [*cuts, len(rows)]:
        events += feed_all(engine, rows[done:cut])
        done = cut
        engine = read(write(engine, BUILD), BUILD, engine.school)
    return events + engine.flush()


@given(rows=histories, data=st.data())
@settings(max_examples=count(60, 3000), deadline=None)
def test_a_snapshot_taken_anywhere_changes_nothing(rows: list[Row], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), min_size=1, max_size=4)))
    devices = [Device(epc=TAG, home="r1", cart="c1")]
    whole = Engine(school(), devices)
    expected = feed_all(whole, rows) + whole.flush()
    assert fed_with_stops(Engine(school(), devices), rows, cuts) == expected


@pytest.mark.parametrize("run", range(count(1, 5)))
def test_nor_does_one_of_a_simulated_school_between_two_lessons(run: int, tmp_path: Path) -> None:
    simulated, rows = simulated_bell(tmp_path, seed=4 + run % 3)
    whole = Engine(simulated)
    expected = feed_all(whole, rows) + whole.flush()
    cuts = sorted(seeded("snapshots", run).sample(range(len(rows)), 6))
    assert fed_with_stops(Engine(simulated), rows, cuts) == expected
    assert len(expected) > 100


def simulated_bell(folder: Path, seed: int) -> tuple[School, list[Row]]:
    text = SCHOOL_FILE.read_text(encoding="utf-8")
    simulated = parse_school(text)
    devices = make_devices(simulated, seed)
    start = default_start(simulated) + BELL_S
    write_log(
        plan_run(simulated, text, devices, "demo-day", 0.1, seed, start), folder, lambda _: True
    )
    with (folder / "reads.jsonl").open("rb") as lines:
        return simulated, [row for n, line in enumerate(lines, 1) if (row := decode_row(line, n))]


def busy_engine() -> Engine:
    engine = Engine(school())
    feed_all(engine, numbered([*walk("d1", NOON, 1), *lies_in_cart("c1", NOON, NOON + 70)]))
    return engine


def described(value: Any, met: dict[int, int]) -> Any:
    """All that can be reached from a value, and which of it is one object."""
    kind = type(value)
    if kind is tuple:
        return [described(item, met) for item in value]
    if kind in (str, int, float, bool, type(None), frozenset) or issubclass(kind, msgspec.Struct):
        return (kind, value)
    if id(value) in met:
        return ("again", met[id(value)])
    met[id(value)] = len(met)
    if isinstance(value, dict):
        return (kind, [described(item, met) for item in value.items()])
    if kind in (list, set):
        return (kind, [described(item, met) for item in value])
    fields = fields_of(kind) or tuple(vars(value))
    return (kind, [(name, described(getattr(value, name), met)) for name in fields])


def test_the_same_state_gives_the_same_bytes() -> None:
    data = write(busy_engine(), BUILD)
    assert write(busy_engine(), BUILD) == data


def test_an_engine_that_was_read_holds_all_that_the_other_held() -> None:
    engine = busy_engine()
    again = read(write(engine, BUILD), BUILD, school())
    assert described(again, {}) == described(engine, {})
    assert len(str(described(engine, {}))) > 10_000


def test_what_the_bytes_name_is_made_only_where_it_is_the_engines() -> None:
    with pytest.raises(NotPlain, match=r"subprocess\.call is no class of the engine"):
        Reader([]).value(pickle.dumps(subprocess.call))


def test_an_engine_that_has_seen_nothing_can_be_written_too() -> None:
    engine = read(write(Engine(), BUILD), BUILD, None)
    assert engine.school is None
    assert feed_all(engine, numbered(walk("d1", NOON, 1))) == []


@pytest.mark.parametrize(
    ("change", "build", "in_force", "reason"),
    [
        (lambda data: b"SQLite format 3", BUILD, school(), "no snapshot"),
        (lambda data: data.replace(b"engine 2\n", b"engine 1\n"), BUILD, school(), "format"),
        (lambda data: data[:-1], BUILD, school(), "damaged"),
        (lambda data: data[:99] + b"?" + data[100:], BUILD, school(), "damaged"),
        (lambda data: data, "another one", school(), "another build"),
        (lambda data: data, BUILD, parse_school(OTHER_SCHOOL), "another school file"),
        (lambda data: data, BUILD, None, "another school file"),
    ],
)
def test_a_snapshot_that_does_not_fit_is_refused_with_the_reason(
    change: Callable[[bytes], bytes], build: str, in_force: School | None, reason: str
) -> None:
    with pytest.raises(SnapshotError, match=reason):
        read(change(write(busy_engine(), BUILD)), build, in_force)


def test_a_snapshot_of_an_engine_with_other_fields_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = write(busy_engine(), BUILD)
    monkeypatch.setattr("edge.agent.engine.passes.Sums.__slots__", ("first", "last"))
    with pytest.raises(SnapshotError, match=r"Sums has other fields"):
        read(data, BUILD, school())


def test_what_is_no_state_is_never_written() -> None:
    with pytest.raises(NotPlain, match="function"):
        Writer().plain({"when": [lambda: None]})


def test_what_two_objects_share_is_still_shared_and_big_numbers_stay_exact() -> None:
    engine = busy_engine()
    again = read(write(engine, BUILD), BUILD, school())
    assert again._alerts._speaker is again._speaker
    assert again._tags[TAG]._passes.keys() == engine._tags[TAG]._passes.keys()
