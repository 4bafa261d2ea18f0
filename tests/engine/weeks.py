"""A school with bells in its own time zone, for the rules that count lessons and days."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.agent.engine import Engine
from edge.contracts.devices import Device
from edge.contracts.events import Alert, Closed, Event
from edge.contracts.readlog import ReadRow, Row, TimeRow
from edge.contracts.school_file import parse_school
from tests.engine.scenes import SCHOOL_TEXT, TAG, numbered, standing

ZONE = ZoneInfo("America/Denver")
BELLS = """
[bells]
days = ["mon", "tue", "wed", "thu", "fri"]
lessons = [["08:00", "10:00"], ["10:15", "12:15"], ["13:00", "15:00"]]
closed = ["2026-09-21"]
"""
MINE = Device(TAG, home="r1")


def at(day: int, clock: str) -> float:
    """Unix time of a clock in school on a day of September 2026; the 14th is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE).timestamp()


def hours(start: float, until: float) -> list[Row]:
    """Something arrives every quarter of an hour, as in a school with gateways."""
    return [TimeRow(rx=start + k * 900) for k in range(int((until - start) // 900) + 1)]


def told(
    rows: Iterable[Row], devices: Iterable[Device] = (MINE,), rules: str = "", bells: str = BELLS
) -> list[Event]:
    """Feed rows to the engine of that school."""
    text = SCHOOL_TEXT.replace('timezone = "UTC"', 'timezone = "America/Denver"') + bells + rules
    engine = Engine(parse_school(text), devices)
    events = [event for row in numbered(rows) for event in engine.feed(row)]
    return events + engine.flush()


def alerts(events: Iterable[Event], rule: str) -> list[tuple[Alert, str | None]]:
    """Return the alerts of a rule that stand, each with the reason that closed it."""
    events = standing(events)
    reasons = {e.of: e.reason for e in events if isinstance(e, Closed)}
    return [(e, reasons.get(e.id)) for e in events if isinstance(e, Alert) and e.rule == rule]


def late(rows: Iterable[ReadRow], rx: float) -> list[Row]:
    """The same reads, delivered at `rx` after an outage."""
    return [
        ReadRow(rx=rx, t=r.t, gateway=r.gateway, antenna=r.antenna, epc=r.epc, rssi=r.rssi)
        for r in rows
    ]
