"""Each baseline does what its rule says, and says it as the engine would."""

import pytest

from benchmarks.baselines import BASELINES, Baseline
from benchmarks.baselines.edgex import EdgeX
from benchmarks.baselines.fixed_window import FixedWindow
from benchmarks.baselines.last_read import LastRead
from benchmarks.baselines.smurf import Smurf
from edge.contracts.events import Alert, Crossed, Docked, Event, Located, Undocked
from edge.contracts.readlog import CalendarRow, LoanRow, ReadRow, Row, TimeRow
from tests.engine.scenes import NOON, TAG, school

SCHOOL = school()
RULES = [rules[0] for rules in BASELINES.values()]


def read(
    at: float, gateway: str, antenna: int = 1, rssi: float = -50.0, n: int = 1, span: float = 0.0
) -> ReadRow:
    t = NOON + at
    rx = t + span + 0.25
    return ReadRow(rx=rx, t=t, gateway=gateway, antenna=antenna, epc=TAG, rssi=rssi, n=n, span=span)


def walk(gateway: str, at: float = 0.0) -> list[Row]:
    """A slow walk past antenna 1, then antenna 2, each of them louder when it is nearer."""
    near = [-70, -60, -50, -45, -50, -60]
    first = [read(at + k / 2, gateway, 1, level, 4, 0.2) for k, level in enumerate(near)]
    second = [read(at + 2.1 + k / 2, gateway, 2, level, 4, 0.2) for k, level in enumerate(near)]
    return sorted([*first, *second], key=lambda row: row.rx)


def docked(seconds: int) -> list[Row]:
    return [read(at, "gw-c1", n=3, span=0.2) for at in range(seconds)]


def silence(at: float, gateway: str = "gw-c1") -> list[Row]:
    ended = ReadRow(
        rx=NOON + at + 4.0, t=NOON + at, gateway=gateway, antenna=1, epc=TAG, n=0, span=4.0
    )
    return [ended, *(TimeRow(rx=NOON + at + 4.0 + k) for k in range(700))]


def kinds(events: list[Event], *wanted: type) -> list[Event]:
    return [event for event in events if isinstance(event, wanted)]


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_slow_walk_into_a_room_ends_in_that_room_by_its_doorway(rule: Baseline) -> None:
    events = rule.events(SCHOOL, walk("gw-d1"))
    crossings = kinds(events, Crossed)
    assert crossings
    assert {event.doorway for event in crossings} == {"d1"}
    assert crossings[-1].to_room == "r1"
    assert kinds(events, Located)[-1].room == "r1"


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_what_leaves_is_an_alert_only_where_nothing_allows_it(rule: Baseline) -> None:
    loan = LoanRow(rx=NOON, epc=TAG, start=NOON - 60)
    other = CalendarRow(rx=NOON, start=NOON - 60, until=NOON + 60, epcs=["00"])
    trip = CalendarRow(rx=NOON, start=NOON - 60, until=NOON + 60)
    assert kinds(rule.events(SCHOOL, walk("gw-front")), Alert)
    assert kinds(rule.events(SCHOOL, [other, *walk("gw-front")]), Alert)
    for permission in (loan, trip):
        events = rule.events(SCHOOL, [permission, *walk("gw-front")])
        assert kinds(events, Crossed) and not kinds(events, Alert)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_tag_in_a_cart_is_docked_once_and_is_in_the_carts_home(rule: Baseline) -> None:
    events = rule.events(SCHOOL, docked(60))
    assert [event.cart for event in kinds(events, Docked)] == ["c1"]
    assert [event.room for event in kinds(events, Located)] == ["r1"]
    assert kinds(events, Undocked) == []


@pytest.mark.parametrize("rule", RULES[1:], ids=repr)
def test_a_tag_that_falls_silent_is_out_in_the_end(rule: Baseline) -> None:
    events = rule.events(SCHOOL, [*docked(60), *silence(59.0)])
    assert len(kinds(events, Undocked)) == 1
    assert isinstance(events[-1], Undocked) and events[-1].t < NOON + 60


def test_the_last_read_alone_never_takes_a_tag_out_of_a_cart() -> None:
    events = LastRead().events(SCHOOL, [*docked(60), *silence(59.0), *walk("gw-d2", 900.0)])
    assert [event.decided > NOON + 900 for event in kinds(events, Undocked)] == [True]


@pytest.mark.parametrize("rule", [FixedWindow(3.0), Smurf(0.5), EdgeX()], ids=repr)
def test_a_still_tag_between_two_half_minute_records_is_not_out(rule: Baseline) -> None:
    records = [read(10.0 + 30.0 * k, "gw-c1", n=60, span=30.0) for k in range(6)]
    assert kinds(rule.events(SCHOOL, [*docked(10), *records]), Undocked) == []


def test_a_window_counts_votes_or_takes_the_strongest() -> None:
    rows = [read(0.0, "gw-d1", 1, -60.0, 5), read(0.5, "gw-d1", 2, -40.0, 1)]
    assert kinds(FixedWindow(3.0, "count").events(SCHOOL, rows), Crossed) == []
    assert len(kinds(FixedWindow(3.0, "strongest").events(SCHOOL, rows), Crossed)) == 1


@pytest.mark.parametrize(("waited", "moved"), [(1.2, False), (1.3, True)])
def test_edgex_takes_an_equally_loud_antenna_after_one_and_a_quarter_seconds(
    waited: float, moved: bool
) -> None:
    # threshold / -slope + hold-off = 6 / 0.008 + 500 ms = 1.25 s, by the rule's own numbers
    rows = [read(0.0, "gw-d1", 1), read(0.0, "gw-d1", 2), read(waited, "gw-d1", 2)]
    assert bool(kinds(EdgeX().events(SCHOOL, rows), Crossed)) is moved


def test_edgex_needs_two_levels_before_it_moves() -> None:
    rows = [read(0.0, "gw-d1", 1, -60.0), read(5.0, "gw-d1", 2, -30.0)]
    assert kinds(EdgeX().events(SCHOOL, rows), Crossed) == []
    rows.append(read(5.5, "gw-d1", 2, -30.0))
    assert len(kinds(EdgeX().events(SCHOOL, rows), Crossed)) == 1


def test_smurf_waits_longer_for_a_tag_that_answers_seldom() -> None:
    often = [read(k / 2, "gw-c1", n=5, span=0.4) for k in range(60)]
    seldom = [read(k * 2.0, "gw-c1", n=1) for k in range(60)]
    waits = []
    for rows in (often, seldom):
        last = max(row.t for row in rows) - NOON
        out = kinds(Smurf(0.5).events(SCHOOL, [*rows, *silence(last)]), Undocked)
        waits.append(out[0].decided - NOON - last)
    assert waits[0] < waits[1]
