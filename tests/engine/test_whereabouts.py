"""Where a tag is thought to be, also where readers missed it."""

from edge.agent.engine import Engine
from edge.contracts.devices import Device
from edge.contracts.events import Located
from edge.contracts.readlog import GatewayRow, ReadRow, SchoolRow, TimeRow
from edge.contracts.school_file import parse_school
from tests.engine.scenes import (
    NOON,
    SCHOOL_TEXT,
    TAG,
    crossings,
    numbered,
    record,
    run,
    school,
    seen,
    walk,
)


def test_a_crossing_moves_the_tag_and_tells_where_it_was_before() -> None:
    stays = record(run(walk("d1", NOON, 1)))
    assert [room for _, room in stays] == ["r1", "hall"]
    assert stays[0][0] < NOON - 1.4
    assert abs(stays[1][0] - NOON) < 0.5


def test_a_tag_seen_at_one_door_and_next_at_another_was_in_between() -> None:
    into_r1 = walk("d1", NOON, 2)
    into_r2 = walk("d2", NOON + 1800, 2)  # nobody saw it leave r1
    stays = record(run(into_r1 + into_r2))
    assert [room for _, room in stays][-4:] == ["hall", "r1", "hall", "r2"]
    left_r1 = stays[-2][0]
    assert NOON + 1500 < left_r1 < NOON + 1800  # halls are passed through, rooms stayed in


def test_where_a_tag_was_in_between_is_less_sure_than_where_it_was_seen_to_go() -> None:
    events = run(walk("d1", NOON, 2) + walk("d2", NOON + 1800, 2))
    last = max(e.decided for e in events if isinstance(e, Located))
    sure = {e.t: e.confidence for e in events if isinstance(e, Located) and e.decided == last}
    *_, left_r1, went_into_r2 = sorted(sure)
    assert sure[left_r1] < 0.6 < 0.9 < sure[went_into_r2]


def test_reads_without_level_or_looks_place_a_tag_by_the_side_that_saw_it() -> None:
    rows = seen("gw-d2", 2, [NOON, NOON + 0.3]) + seen("gw-d1", 2, [NOON + 900, NOON + 900.4])
    stays = record(run(rows))
    assert stays[0][1] == "r2"
    assert stays[-1][1] == "r1"


def test_an_unknown_start_is_likelier_at_home_but_home_is_never_said_by_itself() -> None:
    device = Device(epc=TAG, home="r1")
    assert run([], devices=[device]) == []
    both_sides_at_once = [
        *seen("gw-d1", 1, (NOON + k * 0.2 for k in range(10))),
        *seen("gw-d1", 2, (NOON + 0.1 + k * 0.2 for k in range(10))),
    ]
    assert record(run(both_sides_at_once, devices=[device]))[0][1] == "r1"


def test_a_desk_that_reads_a_tag_places_it_in_its_room() -> None:
    assert record(run(seen("gw-desk", 1, [NOON, NOON + 1]))) == [(NOON, "hall")]


def test_a_later_pass_corrects_what_was_thought_before() -> None:
    rows = walk("d1", NOON, 2) + seen("gw-d1", 2, [NOON + 600], rssi=-60)
    assert record(run(rows))[-1][1] == "r1"
    rows += walk("d2", NOON + 615, 2)
    stays = record(run(rows))
    assert [room for _, room in stays][-2:] == ["hall", "r2"]
    assert NOON + 599 < stays[-2][0] < NOON + 616


def test_reads_without_a_time_move_nothing() -> None:
    rows = [
        ReadRow(rx=r.rx, t=None, gateway=r.gateway, antenna=r.antenna, epc=r.epc, rssi=r.rssi)
        for r in walk("d1", NOON, 2)
    ]
    assert run(rows) == []


def test_a_clock_hours_ahead_moves_nothing() -> None:
    rows = [
        ReadRow(rx=r.rx, t=r.rx + 7200, gateway=r.gateway, antenna=r.antenna, epc=r.epc)
        for r in walk("d1", NOON, 2)
    ]
    assert run(rows) == []


def test_a_school_row_replaces_the_school_given() -> None:
    swapped = SCHOOL_TEXT.replace(
        'antennas = { 1 = "hall", 2 = "r1" }', 'antennas = { 1 = "r1", 2 = "hall" }'
    )
    rows = [SchoolRow(rx=NOON - 60, text=swapped), *walk("d1", NOON, 2)]
    assert crossings(run(rows)) == [("d1", "r1", "hall")]


def test_hour_old_reads_mend_the_past_and_leave_the_present() -> None:
    on_time = walk("d1", NOON, 2) + walk("d2", NOON + 3000, 2)
    late = [
        ReadRow(
            rx=NOON + 5400 + k * 0.01,
            t=r.t,
            gateway=r.gateway,
            antenna=r.antenna,
            epc=r.epc,
            rssi=r.rssi,
        )
        for k, r in enumerate(walk("d1", NOON + 1200, 1))
    ]
    before = record(run(on_time))
    after = record(run(on_time + late))
    assert before[-1] == after[-1]
    assert [room for _, room in after][-3:] == ["r1", "hall", "r2"]
    assert abs(after[-2][0] - (NOON + 1200)) < 0.5
    assert len(numbered(late)) == 24
    assert school().rooms.keys() >= {"r1", "r2"}


def test_who_is_seen_at_a_door_from_the_hall_only_and_then_nowhere_went_in() -> None:
    """And soon: whoever walked on would be seen at the next door."""
    rows = walk("d2", NOON, 1) + seen("gw-d1", 1, [NOON + 6, NOON + 6.4, NOON + 6.8], rssi=-60)
    time_goes_on = [TimeRow(rx=NOON + k) for k in range(8, 40)]
    events = run([*rows, *time_goes_on], flush=False)
    assert crossings(events) == [("d2", "r2", "hall"), ("d1", "hall", "r1")]
    assert next(e for e in events if getattr(e, "to_room", "") == "r1").decided <= NOON + 16


def test_who_is_seen_on_walked_past() -> None:
    rows = walk("d2", NOON, 1) + seen("gw-d1", 1, [NOON + 6, NOON + 6.4, NOON + 6.8], rssi=-60)
    on = walk("front", NOON + 12, 2)
    assert crossings(run(rows + on)) == [("d2", "r2", "hall"), ("front", "hall", "outside")]


def test_silence_says_nothing_in_a_hall_that_leads_nowhere_else() -> None:
    before, rest = SCHOOL_TEXT.split("[doorways.d2]")
    text = before + rest[rest.index("[doorways.front]") : rest.index("[carts")]
    engine = Engine(parse_school(text))
    rows = [
        *walk("front", NOON, 1),
        *seen("gw-d1", 1, [NOON + 6, NOON + 6.4, NOON + 6.8], rssi=-60),
    ]
    events = [event for row in numbered(rows) for event in engine.feed(row)] + engine.flush()
    assert crossings(events) == [("front", "outside", "hall")]


def test_silence_says_nothing_while_a_gateway_of_the_hall_is_offline() -> None:
    """What it saw comes late: then the silence is over, or it is one."""
    dark = GatewayRow(rx=NOON - 5, gateway="gw-front", online=False)
    back = GatewayRow(rx=NOON + 60, gateway="gw-front", online=True)
    at_d1 = seen("gw-d1", 1, [NOON + 6, NOON + 6.4, NOON + 6.8], rssi=-60)
    until_then = [dark, *walk("d2", NOON, 1), *at_d1, TimeRow(rx=NOON + 50)]
    assert crossings(run(until_then, flush=False)) == [("d2", "r2", "hall")]
    went_in = [*until_then, back, TimeRow(rx=NOON + 90)]
    assert crossings(run(went_in, flush=False)) == [("d2", "r2", "hall"), ("d1", "hall", "r1")]


def test_what_is_seen_at_one_door_of_a_hall_again_and_again_lies_there() -> None:
    """By one side or the other, as people pass: who went through would be seen at other doors."""
    carried_out = walk("d1", NOON, 1)
    times = [NOON + 60 * k for k in range(2, 10)]
    by_turns = [seen("gw-d1", 1 + k % 2, [t, t + 0.3], -70) for k, t in enumerate(times)]
    events = run([*carried_out, *(row for rows in by_turns for row in rows)])
    assert crossings(events) == [("d1", "r1", "hall")]


def test_what_goes_through_between_other_doors_is_believed_though_one_side_saw_it() -> None:
    elsewhere = [walk("d2", NOON, 1), walk("d2", NOON + 400, 2)]
    at_d1 = [seen("gw-d1", 2, [t, t + 0.3, t + 0.6], -60) for t in (NOON + 12, NOON + 385)]
    events = run([row for rows in (*elsewhere, *at_d1) for row in rows])
    assert [doorway for doorway, _, _ in crossings(events)] == ["d2", "d1", "d1", "d2"]


def test_what_comes_in_by_an_exit_went_out_when_its_one_side_saw_it_there() -> None:
    """And not later, unseen by both; so the alert of that exit is not taken back."""
    into_the_hall = walk("d1", NOON, 1)
    fading = [seen("gw-front", 1, [NOON + 8 + 0.2 * k], -56 - k) for k in range(14)]
    out = [row for rows in fading for row in rows]
    back = walk("front", NOON + 90, 1)
    events = run([*into_the_hall, *out, *back])
    assert crossings(events) == [
        ("d1", "r1", "hall"),
        ("front", "hall", "outside"),
        ("front", "outside", "hall"),
    ]
