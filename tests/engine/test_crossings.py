"""Which way a tag went through a doorway, and when it did not."""

import pytest

from edge.agent.engine import Engine
from edge.contracts.events import Crossed
from edge.contracts.readlog import ReadRow
from edge.contracts.school import Doorway, Room, School
from tests.engine.scenes import (
    NOON,
    TAG,
    crossings,
    numbered,
    run,
    school,
    seen,
    standing,
    walk,
)


@pytest.mark.parametrize("rssi", [True, False])
@pytest.mark.parametrize("seconds", [1.5, 4.0, 20.0])
def test_a_walk_is_one_crossing_in_the_direction_it_went(seconds: float, rssi: bool) -> None:
    reads = int(4 * seconds) + 4
    for towards, rooms in ((2, ("hall", "r1")), (1, ("r1", "hall"))):
        rows = walk("d1", NOON, towards, seconds=seconds, reads=reads, rssi=rssi)
        assert crossings(run(rows)) == [("d1", *rooms)]


def test_there_and_back_is_two_crossings() -> None:
    rows = walk("d1", NOON, 2) + walk("d1", NOON + 30, 1)
    assert crossings(run(rows)) == [("d1", "hall", "r1"), ("d1", "r1", "hall")]


def test_a_crossing_happens_between_the_two_antennas_and_is_known_soon_after() -> None:
    event = next(e for e in run(walk("d1", NOON, 2)) if isinstance(e, Crossed))
    assert event.t == pytest.approx(NOON, abs=0.5)
    assert event.decided - NOON <= 6
    assert event.confidence > 0.9
    assert event.why["reads"] == {"1": 12, "2": 12}


def test_who_lingers_behind_the_door_is_said_to_have_crossed_before_leaving_it() -> None:
    stays = seen("gw-front", 2, (NOON + 2 + k * 0.5 for k in range(60)), rssi=-68)
    events = run(walk("front", NOON, 2) + stays)
    crossed = next(e for e in events if isinstance(e, Crossed))
    assert crossed.decided - NOON < 10
    assert crossings(events) == [("front", "hall", "outside")]


def test_a_tag_carried_past_along_the_hall_crosses_nothing() -> None:
    past_d1 = seen("gw-d1", 1, (NOON + 20 + k * 0.2 for k in range(20)), rssi=-60)
    rows = walk("d2", NOON, 1) + past_d1 + walk("front", NOON + 30, 2)
    assert crossings(run(rows)) == [("d2", "r2", "hall"), ("front", "hall", "outside")]


def test_both_sides_with_one_centroid_and_one_of_them_faint_is_passing_by() -> None:
    near = seen("gw-d1", 1, (NOON + k * 0.25 for k in range(12)), rssi=-52)
    faint = seen("gw-d1", 2, (NOON + 0.1 + k * 0.25 for k in range(12)), rssi=-72)
    on = walk("front", NOON + 12, 2)
    assert crossings(run(near + faint + on)) == [("front", "hall", "outside")]


def test_a_tag_lying_near_a_door_for_hours_crosses_nothing() -> None:
    rows = [
        ReadRow(
            rx=NOON + k * 30 + 30,
            t=NOON + k * 30,
            gateway="gw-d1",
            antenna=antenna,
            epc=TAG,
            rssi=level,
            n=100,
            span=29.0,
            peak=float(7 * k % 29),
        )
        for k in range(240)
        for antenna, level in ((1, -70.0), (2, -55.0))
    ]
    events = run(rows)
    assert crossings(events) == []
    assert [e.room for e in standing(events) if hasattr(e, "room")] == ["r1"]


def test_a_tag_read_near_a_door_without_end_by_a_plain_reader_crosses_nothing() -> None:
    rows = seen("gw-d1", 2, (NOON + k * 0.5 for k in range(2000)), rssi=-55)
    rows += seen("gw-d1", 1, (NOON + 0.2 + k * 0.7 for k in range(1400)), rssi=-71)
    assert crossings(run(rows)) == []


def test_one_side_alone_is_a_crossing_when_the_tag_turns_up_beyond() -> None:
    into_r1 = walk("d1", NOON, 2)
    out_seen_inside_only = seen("gw-d1", 2, [NOON + 600, NOON + 600.4], rssi=-60)
    rows = into_r1 + out_seen_inside_only + walk("d2", NOON + 620, 2)
    assert crossings(run(rows)) == [
        ("d1", "hall", "r1"),
        ("d1", "r1", "hall"),
        ("d2", "hall", "r2"),
    ]


def test_a_doorway_with_one_antenna_goes_by_where_the_tag_was() -> None:
    rooms = {name: Room(id=name, kind="classroom") for name in ("a", "b", "c")}
    doorways = {
        "ab": Doorway(id="ab", between=("a", "b"), gateway="gw-ab", antennas={1: "a"}),
        "bc": Doorway(id="bc", between=("b", "c"), gateway="gw-bc", antennas={1: "b", 2: "c"}),
    }
    engine = Engine(School(name="S", site="s", timezone="UTC", rooms=rooms, doorways=doorways))
    rows = walk("bc", NOON, 1) + seen("gw-ab", 1, [NOON + 60, NOON + 60.5, NOON + 61], rssi=-60)
    events = [event for row in numbered(rows) for event in engine.feed(row)] + engine.flush()
    assert crossings(events) == [("bc", "c", "b"), ("ab", "b", "a")]


def test_four_antennas_of_a_doorway_are_weighed_together() -> None:
    rooms = {name: Room(id=name) for name in ("a", "b")}
    doorway = Doorway(
        id="d", between=("a", "b"), gateway="gw-d", antennas={1: "a", 2: "b", 3: "a", 4: "b"}
    )
    engine = Engine(
        School(name="S", site="s", timezone="UTC", rooms=rooms, doorways={"d": doorway})
    )
    rows = walk("d", NOON, 2)
    rows += [
        ReadRow(rx=r.rx, t=r.t, gateway=r.gateway, antenna=r.antenna + 2, epc=r.epc, rssi=r.rssi)
        for r in rows[1::3]
    ]
    events = [event for row in numbered(rows) for event in engine.feed(row)] + engine.flush()
    assert crossings(events) == [("d", "a", "b")]


def test_levels_are_never_compared_between_antennas_for_direction() -> None:
    rows = [
        ReadRow(
            rx=r.rx,
            t=r.t,
            gateway=r.gateway,
            antenna=r.antenna,
            epc=r.epc,
            rssi=(r.rssi or 0) - (20 if r.antenna == 1 else 0),
        )
        for r in walk("d1", NOON, 2)
    ]
    assert crossings(run(rows)) == [("d1", "hall", "r1")]


def test_tags_that_match_no_prefix_and_antennas_not_in_the_file_give_nothing() -> None:
    rows = walk("d1", NOON, 2, epc="E28011606000020500000001") + walk("d9", NOON, 2)
    engine = Engine(school())
    events = [event for row in numbered(rows) for event in engine.feed(row)] + engine.flush()
    assert events == []
    assert engine.dropped == {"foreign": 24, "unknown antenna": 24}


def test_a_clear_walk_is_said_while_its_tag_is_still_heard() -> None:
    for rssi in (True, False):
        stays = seen("gw-front", 2, (NOON + 1 + k * 0.5 for k in range(40)), rssi=-68)
        plain = seen("gw-front", 2, (NOON + 1 + k * 0.5 for k in range(40)))
        events = run(walk("front", NOON, 2, rssi=rssi) + (stays if rssi else plain))
        crossed = next(e for e in events if isinstance(e, Crossed))
        assert crossed.decided - NOON <= (4 if rssi else 6)


def test_who_turns_round_in_the_doorway_crosses_nothing() -> None:
    inside = seen("gw-d1", 2, (NOON + k * 0.2 for k in range(16)), rssi=-52)
    out = seen("gw-d1", 1, (NOON + 2.1 + k * 0.2 for k in range(10)), rssi=-55)
    back = seen("gw-d1", 2, (NOON + 4.2 + k * 0.2 for k in range(6)), rssi=-62)
    on = walk("d1", NOON + 120, 1) + walk("front", NOON + 128, 2)
    assert crossings(run(inside + out + back + on)) == [
        ("d1", "r1", "hall"),
        ("front", "hall", "outside"),
    ]


@pytest.mark.parametrize("lingers_in", [1, 2])
def test_who_stands_beside_the_door_crosses_when_going_through_it(lingers_in: int) -> None:
    times = (NOON + (4 if lingers_in == 2 else -44) + k * 0.5 for k in range(80))
    stands = seen("gw-d1", lingers_in, times, rssi=-48)
    strays = seen("gw-d1", 3 - lingers_in, (NOON + 7 * k for k in range(-6, 7)), rssi=-72)
    by_side = [row for row in strays if (row.t > NOON) == (lingers_in == 2)]
    events = standing(run(walk("d1", NOON, 2) + stands + by_side))
    [crossed] = [e for e in events if isinstance(e, Crossed)]
    assert crossed.t == pytest.approx(NOON, abs=3)
