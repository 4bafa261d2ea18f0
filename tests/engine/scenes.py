"""Small schools and hand-made logs for the engine's tests."""

import math
from collections.abc import Iterable

from edge.agent.engine import Engine
from edge.contracts.devices import Device
from edge.contracts.events import Crossed, Event, Located, Retracted
from edge.contracts.readlog import LooksRow, ReadRow, Row
from edge.contracts.school import School
from edge.contracts.school_file import parse_school

NOON = 1_763_900_000.0
TAG = "3414257BF400000000000001"
OTHER = "3414257BF400000000000002"

SCHOOL_TEXT = """
name = "Test School"
site = "test"
timezone = "UTC"
epc_prefixes = ["3414257BF4"]

[rooms.hall]
kind = "hall"
[rooms.r1]
kind = "classroom"
[rooms.r2]
kind = "classroom"
[rooms.outside]
kind = "outside"

[doorways.d1]
between = ["hall", "r1"]
gateway = "gw-d1"
antennas = { 1 = "hall", 2 = "r1" }
[doorways.d2]
between = ["hall", "r2"]
gateway = "gw-d2"
antennas = { 1 = "hall", 2 = "r2" }
[doorways.front]
between = ["hall", "outside"]
gateway = "gw-front"
antennas = { 1 = "hall", 2 = "outside" }

[carts.c1]
home = "r1"
gateway = "gw-c1"
antennas = [1]
[carts.c2]
home = "r2"
gateway = "gw-c2"
antennas = [1]

[desks.office]
room = "hall"
gateway = "gw-desk"
antennas = [1]
"""


def school() -> School:
    """Return a hall with two classrooms, a way out, two carts and a desk."""
    return parse_school(SCHOOL_TEXT)


def walk(
    doorway: str,
    at: float,
    towards: int,
    *,
    seconds: float = 3.0,
    reads: int = 12,
    rssi: bool = True,
    epc: str = TAG,
) -> list[ReadRow]:
    """Go through a doorway at a time, to the side of antenna `towards` (1 or 2).

    Each antenna is 0.7 m off the middle of a path of 4 m; levels fall with distance.
    """
    rows = []
    for k in range(reads):
        along = k / (reads - 1)
        x = (-2 + 4 * along) * (1 if towards == 2 else -1)
        for antenna, stands in ((1, -0.7), (2, 0.7)):
            level = -50 - 40 * math.log10(max(0.6, math.hypot(x - stands, 0.6)))
            if not rssi and level < -60:
                continue  # out of the antenna's reach: without levels only that tells the order
            t = at + (along - 0.5) * seconds + 0.04 * antenna
            rows.append(
                ReadRow(
                    rx=t,
                    t=round(t, 3),
                    gateway=f"gw-{doorway}",
                    antenna=antenna,
                    epc=epc,
                    rssi=round(level, 1) if rssi else None,
                )
            )
    return rows


def seen(
    gateway: str, antenna: int, times: Iterable[float], rssi: float | None = None, epc: str = TAG
) -> list[ReadRow]:
    """Read a tag once at each time."""
    return [ReadRow(rx=t, t=t, gateway=gateway, antenna=antenna, epc=epc, rssi=rssi) for t in times]


def lies_in_cart(
    cart: str, start: float, end: float, *, rssi: float | None = -50.0, epc: str = TAG
) -> list[ReadRow]:
    """Answer inside a cart as a gateway tells it: fine records for 10 s, then one each 30 s.

    Four answers a second, as in a cart that is not full.
    """
    gateway = f"gw-{cart}"
    rows = seen(gateway, 1, (start + k * 0.25 for k in range(40)), rssi, epc)
    t = start + 10
    while t < end:
        span = min(30.0, end - t)
        rows.append(
            ReadRow(
                rx=t + span + 4,
                t=t,
                gateway=gateway,
                antenna=1,
                epc=epc,
                rssi=rssi,
                n=max(1, int(4 * span)),
                span=span,
            )
        )
        t += 30.0
    return rows


def fell_silent(cart: str, last: float, epc: str = TAG) -> ReadRow:
    """Say that a tag in a cart last answered at `last`."""
    return ReadRow(rx=last + 8, t=last, gateway=f"gw-{cart}", antenna=1, epc=epc, n=0, span=3.5)


def looks(gateway: str, start: float, end: float, rounds: int = 14) -> list[LooksRow]:
    """Look all the time, told every 5 s."""
    return [
        LooksRow(rx=start + k * 5, gateway=gateway, looks={1: (rounds, 70 * rounds)})
        for k in range(int((end - start) // 5) + 1)
    ]


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Put rows in order of arrival and give them their positions."""
    ordered = sorted(rows, key=lambda row: row.rx)
    fields = [{f: getattr(r, f) for f in r.__struct_fields__} for r in ordered]
    return [
        type(row)(**{**known, "pos": pos})
        for pos, (row, known) in enumerate(zip(ordered, fields, strict=True), 1)
    ]


def run(rows: Iterable[Row], devices: Iterable[Device] = (), flush: bool = True) -> list[Event]:
    """Feed rows, in order of arrival, to a new engine."""
    engine = Engine(school(), devices)
    events = [event for row in numbered(rows) for event in engine.feed(row)]
    return events + engine.flush() if flush else events


def standing(events: Iterable[Event]) -> list[Event]:
    """Return the events that were not taken back, retractions left out."""
    events = list(events)
    gone = {event.of for event in events if isinstance(event, Retracted)}
    return [e for e in events if e.id not in gone and not isinstance(e, Retracted)]


def crossings(events: Iterable[Event]) -> list[tuple[str, str, str]]:
    """Return (doorway, from, to) of the crossings that stand, by time."""
    found = [e for e in standing(events) if isinstance(e, Crossed)]
    return [(e.doorway, e.from_room, e.to_room) for e in sorted(found, key=lambda e: e.t)]


def record(events: Iterable[Event], epc: str = TAG) -> list[tuple[float, str | None]]:
    """Return what is thought in the end of a tag's whereabouts: (from, room), changes only."""
    stays: list[tuple[float, str | None]] = []
    for event in events:
        if isinstance(event, Located) and event.epc == epc:
            stays = [stay for stay in stays if stay[0] < event.t]
            stays.append((event.t, event.room))
    return [s for k, s in enumerate(stays) if k == 0 or s[1] != stays[k - 1][1]]
