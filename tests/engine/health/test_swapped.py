"""Two gateways that stand at each other's places."""

import random

import msgspec

from edge.agent.engine import Engine
from edge.contracts.events import Alert, Closed, Event
from edge.contracts.readlog import ReadRow, Row, SchoolRow
from edge.contracts.school_file import parse_school
from tests.engine.scenes import NOON, SCHOOL_TEXT, numbered, walk

# Two halls of three rooms each; the door between the halls is `d0`, that of room 2 leads to hall 2.
HALLS = {"d1": "hall", "d3": "hall", "d4": "hall", "d2": "hall-2", "d5": "hall-2", "d6": "hall-2"}
TWO_HALLS = SCHOOL_TEXT.replace('["hall", "r2"]', '["hall-2", "r2"]').replace(
    '{ 1 = "hall", 2 = "r2" }', '{ 1 = "hall-2", 2 = "r2" }'
)
for door, room, hall in [
    ("d0", "hall-2", "hall"),
    *[(door, f"r{door[1]}", hall) for door, hall in HALLS.items() if door not in ("d1", "d2")],
]:
    TWO_HALLS += f"""
[rooms.{room}]
kind = "{"hall" if room == "hall-2" else "classroom"}"
[doorways.{door}]
between = ["{hall}", "{room}"]
gateway = "gw-{door}"
antennas = {{ 1 = "{hall}", 2 = "{room}" }}
"""
EXCHANGED = {"gw-d1": "gw-d2", "gw-d2": "gw-d1"}


def days_work(first: int, count: int) -> list[ReadRow]:
    """From room to room, another one every ten minutes."""
    rows: list[ReadRow] = []
    rng = random.Random(first)
    here = "d1"
    for k in range(first, first + count):
        at = NOON + 600 * k
        there = rng.choice([door for door in HALLS if door != here])
        rows += walk(here, at, 1)
        if HALLS[here] != HALLS[there]:
            rows += walk("d0", at + 15, 2 if HALLS[there] == "hall-2" else 1)
        rows += walk(there, at + 30, 2)
        here = there
    return rows


def exchanged(rows: list[ReadRow]) -> list[ReadRow]:
    return [
        msgspec.structs.replace(row, gateway=EXCHANGED.get(row.gateway, row.gateway))
        for row in rows
    ]


def told(rows: list[Row]) -> list[tuple[Alert, Closed | None]]:
    engine = Engine(parse_school(TWO_HALLS))
    events: list[Event] = [e for row in numbered(rows) for e in engine.feed(row)]
    closed = {e.of: e for e in events if isinstance(e, Closed)}
    alerts = [e for e in events if isinstance(e, Alert) and e.rule == "swapped-gateways"]
    return [(alert, closed.get(alert.id)) for alert in alerts]


def test_two_gateways_that_changed_places_are_told_once_by_both_names() -> None:
    [(alert, closed)] = told([*days_work(0, 60), *exchanged(days_work(60, 120))])
    assert (alert.gateway, alert.why["other"]) == ("gw-d1", "gw-d2")
    assert alert.why["unseen"] >= alert.why["unseen_if_swapped"] + 10
    assert alert.decided - NOON < 150 * 600
    assert closed is None


def test_where_all_stand_in_their_places_nothing_is_told() -> None:
    assert told([*days_work(0, 300)]) == []


def test_a_doorway_that_sees_nothing_any_more_is_no_exchange() -> None:
    blind = [row for row in days_work(60, 120) if row.gateway != "gw-d0"]
    assert told([*days_work(0, 60), *blind]) == []


def test_it_closes_itself_when_they_are_put_right() -> None:
    [(_, closed)] = told([*exchanged(days_work(0, 120)), *days_work(120, 120)])
    assert closed is not None
    assert closed.reason == "put right"


def test_it_closes_when_the_school_file_says_where_they_stand() -> None:
    right = TWO_HALLS.replace('"gw-d1"', '"gw-x"').replace('"gw-d2"', '"gw-d1"')
    row = SchoolRow(rx=NOON + 119.9 * 600, text=right.replace('"gw-x"', '"gw-d2"'))
    [(_, closed)] = told([*exchanged(days_work(0, 119)), row, *exchanged(days_work(120, 20))])
    assert closed is not None
    assert closed.reason == "put right"
