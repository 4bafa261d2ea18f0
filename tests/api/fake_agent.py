"""An agent in memory with the surface of `edge.api.ports.Agent`, and makers of what it shows."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from edge.agent.gateways.listening import Listening
from edge.agent.ledger.docking import Docking
from edge.agent.ledger.evidence import Heard, Window
from edge.agent.ledger.timeline import Happening
from edge.agent.live import Change, Live
from edge.agent.school.school_book import Version
from edge.agent.shown.views import (
    Acknowledged,
    AlertView,
    CartView,
    DeviceView,
    GatewayView,
    MissingView,
    Page,
    Totals,
)
from edge.agent.tags.tag_book import TagBook
from edge.contracts.commands import Command, TagCommand
from edge.contracts.devices import COLUMNS, Device
from edge.contracts.school import School
from edge.contracts.school_file import parse_school
from edge.contracts.settings import NotifySettings
from edge.custody.store import Custody
from edge.notify.desk import NoticeDesk

NOW = 1763995320.0  # 2025-11-24 07:42 in Denver, a Monday

SCHOOL = School(name="Lincoln Elementary", site="lincoln", timezone="America/Denver")


class FakeAgent:
    """Shows what it is given; `change` puts it in place of the old and tells the watchers."""

    def __init__(self, *carts: CartView) -> None:
        self.queries = FakeQueries(list(carts))
        self.live = Live()
        self.listening = Listening()
        self.allowed: list[tuple[list[str], float, float]] = []
        self.custody = Custody(Path("no-database"), lambda: NOW)
        self.notices = NoticeDesk(Path("no-database"), NotifySettings(), lambda: "School")
        self.recorded: list[Device] = []
        self.tags = TagBook(Path("no-database"), lambda: self.school, lambda: NOW)
        self.answers: list[dict[str, Any]] = []  # to one command each, before `answer`
        self.commanded: list[tuple[str, Command | TagCommand]] = []
        self.updated: list[str] = []
        self.answer: dict[str, Any] | Exception = {"id": "1", "ok": True}
        self.school = SCHOOL
        self.school_book = FakeBook()
        self.not_ready_because: str | None = None
        self.cannot_write: str | None = None
        self.broker_connected = True

    async def allow_exits(self, epcs: Sequence[str], start: float, until: float) -> None:
        """Note what was allowed."""
        self.allowed.append((list(epcs), start, until))

    async def keep_records(self, devices: Sequence[Device]) -> None:
        """Note what was recorded."""
        self.recorded += devices

    async def acknowledge(self, alerts: Sequence[str], account: str | None, note: str) -> bool:
        """Note it on the alerts shown."""
        if not {view.id for view in self.queries.all_alerts}.issuperset(alerts):
            return False
        self.queries.all_alerts = [
            msgspec.structs.replace(view, acknowledged=Acknowledged(NOW, account, note))
            if view.id in alerts
            else view
            for view in self.queries.all_alerts
        ]
        self.live.publish([Change("alert", alert) for alert in alerts])
        return True

    async def command(self, gateway: str, command: Command | TagCommand) -> dict[str, Any]:
        """Note it, and answer what `answer` holds, or raise it."""
        self.commanded.append((gateway, command))
        if self.answers:
            return self.answers.pop(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def update(self, gateway: str) -> dict[str, Any]:
        """Note it, and answer as to a command."""
        self.updated.append(gateway)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def change(self, *carts: CartView) -> None:
        """Show these carts from now on in place of those with the same ids."""
        new = {cart.id: cart for cart in carts}
        self.queries.shown = [new.get(cart.id, cart) for cart in self.queries.shown]
        self.live.publish(Change(topic="cart", id=cart.id) for cart in carts)


class FakeBook:
    """A school file that two people have written; satisfies `SchoolBook` as far as it is read."""

    path = Path("/etc/rollcall/school.toml")
    replaceable = True

    def __init__(self) -> None:
        first = 'name = "Lincoln"\nsite = "lincoln"\ntimezone = "America/Denver"\n'
        self.all_versions = [
            Version(7, NOW - 60, f"{first}[rooms.r101]\n", by_page=True, account="someone"),
            Version(1, NOW - 90_000, first, by_page=False, account=None),
        ]

    def text(self) -> str:
        return self.all_versions[0].text

    def is_in_force(self, text: str) -> bool:
        return text == self.text()

    def checked(self, text: str) -> School:
        return parse_school(text)

    async def versions(self, offset: int, limit: int) -> Page[Version]:
        shown = self.all_versions[offset : offset + limit]
        return Page(shown, len(self.all_versions), offset, limit)

    async def version(self, pos: int) -> tuple[Version, Version | None] | None:
        found = [one for one in self.all_versions if one.pos <= pos]
        if not found or found[0].pos != pos:
            return None
        return found[0], found[1] if len(found) > 1 else None


class FakeQueries:
    """The reading side of `FakeAgent`; satisfies `edge.agent.shown.views.Queries`."""

    def __init__(self, shown: list[CartView]) -> None:
        self.shown = shown
        self.all_devices: list[DeviceView] = []
        self.all_gateways: list[GatewayView] = []
        self.all_alerts: list[AlertView] = []
        self.went_through: dict[str, int] = {}
        self.happened: dict[str, list[Happening]] = {}
        self.docked: list[Docking] = []
        self.all_heard: dict[tuple[str, str], list[Heard]] = {}
        self.on_desk: dict[str, list[str]] = {}
        self.odd_starts: dict[str, tuple[float, str]] = {}
        self.broken = False
        self.asked = 0

    async def carts(self, now: float) -> list[CartView]:
        self.asked += 1
        if self.broken:
            raise RuntimeError("the ledger cannot be read")
        return list(self.shown)

    async def cart(self, cart: str, now: float) -> CartView | None:
        return next((view for view in self.shown if view.id == cart), None)

    async def devices(
        self, offset: int = 0, limit: int = 50, query: str = "", *, new: bool = False
    ) -> Page[DeviceView]:
        shown = [d for d in self.all_devices if not (new and d.recorded)]
        found = [d for d in shown if query.upper() in d.epc or query == d.asset_tag]
        return Page(found[offset : offset + limit], len(found), offset, limit)

    async def device(self, epc: str) -> DeviceView | None:
        return next((view for view in self.all_devices if view.epc == epc), None)

    async def records(self) -> dict[str, Device]:
        return {
            d.epc: Device(*(getattr(d, name) for name in COLUMNS))
            for d in self.all_devices
            if d.recorded
        }

    async def devices_of(self, cart: str) -> list[DeviceView]:
        return [d for d in self.all_devices if cart in (d.cart, d.in_cart)]

    async def devices_in(self, room: str) -> list[DeviceView]:
        return [d for d in self.all_devices if d.room == room]

    async def devices_at_home(self, room: str) -> list[DeviceView]:
        return [d for d in self.all_devices if d.home == room]

    async def devices_on(self, desk: str, now: float) -> list[DeviceView]:
        on = self.on_desk.get(desk, [])
        return [d for epc in on for d in self.all_devices if d.epc == epc]

    async def rooms(self) -> dict[str, int]:
        return Counter(d.room for d in self.all_devices if d.room is not None)

    async def traffic(self, since: float) -> dict[str, int]:
        return self.went_through

    async def docking(self, cart: str, since: float) -> list[Docking]:
        return [event for event in self.docked if event.cart == cart and event.t >= since]

    async def timeline(self, epc: str, offset: int = 0, limit: int = 50) -> Page[Happening]:
        found = self.happened.get(epc, [])
        return Page(found[offset : offset + limit], len(found), offset, limit)

    async def odd_start(self, gateway: str) -> tuple[float, str] | None:
        return self.odd_starts.get(gateway)

    async def gateways(self) -> list[GatewayView]:
        return self.all_gateways

    async def heard(self, epc: str, window: Window) -> list[Heard]:
        own = self.all_heard.get((epc, window.gateway), [])
        return [one for one in own if window.since <= one.t <= window.until]

    async def alerts(
        self, open_only: bool = True, offset: int = 0, limit: int = 50, epc: str | None = None
    ) -> Page[AlertView]:
        shown = [a for a in self.all_alerts if a.open or not open_only]
        found = [a for a in shown if epc in (None, a.epc)]
        return Page(found[offset : offset + limit], len(found), offset, limit)

    async def totals(self) -> Totals:
        return Totals(
            journal_pos=40,
            ledger_pos=38,
            batches=7,
            repeats=1,
            quarantined=0,
            reads=120,
            sum_n=360,
            lost=2,
            events=31,
            dropped=0,
            commits=5,
        )


def a_cart(
    cart: str = "c3",
    *,
    missing: list[MissingView] | None = None,
    expected: int = 30,
    **changes: object,
) -> CartView:
    """A cart with these devices missing."""
    missing = missing or []
    view: dict[str, object] = {
        "id": cart,
        "name": f"Cart {cart.removeprefix('c')}",
        "home": "r101",
        "home_name": "Room 101",
        "room": "r101",
        "room_name": "Room 101",
        "gateway": f"gw-{cart}",
        "state": "ok",
        "reason": None,
        "expected": expected,
        "present": expected - len(missing),
        "capacity": 30,
        "missing": missing,
        "extra": [],
        "confidence": 0.98,
        "updated": NOW - 4,
    }
    return CartView(**{**view, **changes})  # type: ignore[arg-type]


def unreadable(cart: str = "c3", **changes: object) -> CartView:
    """A cart whose gateway went away 20 minutes ago."""
    gone = {"state": "unreadable", "reason": "offline", "present": None, "confidence": None}
    return a_cart(cart, **{**gone, "updated": NOW - 1200, **changes})  # type: ignore[arg-type]


def away(
    number: str, room: str | None = None, seen: float | None = NOW - 300, name: str | None = None
) -> MissingView:
    """A device that is not in its cart."""
    return MissingView(
        epc=f"3414257BF4000000{int(number):08X}",
        label=number,
        number=number,
        asset_tag=f"LIN-{int(number):04}",
        last_room=room,
        last_room_name=name or (room and f"Room {room.removeprefix('r')}"),
        last_seen=seen,
    )


def a_device(number: int = 14, **changes: object) -> DeviceView:
    """A device that was last seen at a doorway and is thought to be in the room behind it."""
    view: dict[str, object] = {
        "epc": f"3414257BF4000000{number:08X}",
        "label": str(number),
        "recorded": True,
        "asset_tag": f"LIN-{number:04}",
        "serial": None,
        "model": "Chromebook 3100",
        "number": str(number),
        "home": "r101",
        "cart": "c3",
        "seen_at": NOW - 90,
        "seen_gateway": "gw-d204",
        "seen_antenna": 2,
        "seen_room": "hall-a",
        "room": "r204",
        "room_name": "Room 204",
        "room_since": NOW - 80,
        "room_confidence": 0.93,
        "in_cart": None,
        "in_cart_since": None,
        "in_cart_confidence": None,
    }
    return DeviceView(**{**view, **changes})  # type: ignore[arg-type]


def a_gateway(gateway: str = "gw-c3", **changes: object) -> GatewayView:
    """A gateway that is well."""
    view: dict[str, object] = {
        "id": gateway,
        "name": gateway,
        "known": True,
        "state": "online",
        "state_since": NOW - 3600,
        "places": ["c3"],
        "last_batch": NOW - 4,
        "boot": "0000001f9a3c12e4",
        "reset": "power",
        "hw": "a0b765c1d2e3",
        "conflict": [],
        "firmware": "0.1.0",
        "readers": ["m100"],
        "config_current": True,
        "clock_set": True,
        "health": None,
        "health_at": None,
        "antennas": [],
        "last_log": None,
        "lost": 0,
    }
    return GatewayView(**{**view, **changes})  # type: ignore[arg-type]
