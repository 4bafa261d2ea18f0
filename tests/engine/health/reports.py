"""Gateways that come and go, walks by the hour, and the alerts of a rule."""

from collections.abc import Iterable

from edge.contracts.events import Alert, Closed, Event
from edge.contracts.readlog import GatewayRow, ReadRow
from tests.engine.scenes import NOON, walk

DEAF_S = 600.0  # from one walk to the next


def went(at: float, gateway: str = "gw-d1") -> GatewayRow:
    return GatewayRow(rx=at, gateway=gateway, online=False)


def came(at: float, gateway: str = "gw-d1") -> GatewayRow:
    return GatewayRow(rx=at, gateway=gateway, online=True)


def alerts(events: Iterable[Event], rule: str) -> list[tuple[Alert, Closed | None]]:
    """Return the alerts of a rule, each with what closed it."""
    events = list(events)
    closed = {e.of: e for e in events if isinstance(e, Closed)}
    return [(e, closed.get(e.id)) for e in events if isinstance(e, Alert) and e.rule == rule]


def walks(first: int, count: int, deaf: int | None = None) -> list[ReadRow]:
    """Go in and out by door 1, one walk every ten minutes; antenna `deaf` hears nothing."""
    rows = []
    for k in range(first, first + count):
        rows += walk("d1", NOON + k * DEAF_S, 1 + (k + 1) % 2)
    return [row for row in rows if row.antenna != deaf]
