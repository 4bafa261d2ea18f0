"""The agent's reading side: pages and the API ask here. Its connection cannot write.

What changes with every batch (gateways, the newest sightings) comes from memory, the rest from
the ledger's tables, always by an index and a page at a time.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import aiosqlite

from edge.agent.gateways.known import Gateways
from edge.agent.gateways.rate_book import RateBook
from edge.agent.intake.queue import Intake
from edge.agent.intake.sorting import Sorter
from edge.agent.ledger.docking import Docking, docking
from edge.agent.ledger.evidence import Heard, Window, heard_before
from edge.agent.ledger.store import Ledger
from edge.agent.ledger.timeline import Happening, timeline
from edge.agent.link.publisher import config_payloads
from edge.agent.live import Live
from edge.agent.shown.cart_views import DeviceInCart, cart_view
from edge.agent.shown.gateway_views import gateway_view
from edge.agent.shown.views import (
    Acknowledged,
    AlertView,
    CartView,
    DeviceView,
    GatewayView,
    Page,
    Totals,
)
from edge.contracts.devices import COLUMNS, Device
from edge.contracts.school import Cart, Room, School

PAGE_AT_MOST = 500
HEARD_KEPT = 64  # statements whose reads are kept at hand: the devices people look at
EPC_FROM = 5  # characters: all tags of a school begin alike, and "14" is a number

_SHOWN = """
SELECT d.epc, d.recorded, d.asset_tag, d.serial, d.model, d.home, d.cart, d.number,
    o.t, o.gateway, o.antenna, w.room, w.since, w.confidence, p.cart, p.since, p.confidence
FROM ({chosen}) AS d
LEFT JOIN observed AS o ON o.epc = d.epc
LEFT JOIN whereabouts AS w ON w.epc = d.epc
LEFT JOIN presence AS p ON p.epc = d.epc
"""
_ORDER = " ORDER BY d.recorded DESC, d.cart, length(d.number), d.number, d.epc"
_EXACT_FIRST = _ORDER.replace(
    "BY ", "BY (d.number = :exact OR d.asset_tag = :exact COLLATE NOCASE) IS TRUE DESC, "
)
_OF_CART = """
SELECT * FROM devices WHERE epc IN (
    SELECT epc FROM devices WHERE cart = :cart UNION SELECT epc FROM presence WHERE cart = :cart
)
"""
# Of all carts in one statement, so that no device is seen in two places: those that lie where they
# belong counted, with the mean of how sure that is, and the few others one by one.
_OF_ALL_CARTS = """
SELECT * FROM (
    SELECT count(*) AS of_them, NULL AS epc, NULL AS asset_tag, NULL AS number, d.cart AS cart,
        d.cart AS in_cart, avg(p.confidence), NULL, NULL, NULL, NULL, 1 AS recorded
    FROM devices AS d JOIN presence AS p ON p.epc = d.epc AND p.cart = d.cart GROUP BY d.cart
    UNION ALL
    SELECT 1, d.epc, d.asset_tag, d.number, d.cart, p.cart, p.confidence,
        w.room, o.t, o.gateway, o.antenna, d.recorded
    FROM devices AS d LEFT JOIN presence AS p ON p.epc = d.epc
    LEFT JOIN whereabouts AS w ON w.epc = d.epc LEFT JOIN observed AS o ON o.epc = d.epc
    WHERE p.cart IS NOT d.cart
) AS d
"""
_MATCHES = (
    "(d.epc LIKE :epc ESCAPE '\\' OR d.asset_tag LIKE :q ESCAPE '\\'"
    " OR d.serial LIKE :q ESCAPE '\\' OR d.model LIKE :q ESCAPE '\\'"
    " OR d.number LIKE :q ESCAPE '\\'"
    " OR d.cart IN (SELECT value FROM json_each(:carts))"
    " OR d.epc IN (SELECT epc FROM whereabouts"
    " WHERE room IN (SELECT value FROM json_each(:rooms))))"
)
_NEW = "d.recorded = 0"
_ALERT = """
SELECT a.id, a.t, a.decided, a.rule, a.late, a.epc, a.doorway, a.gateway, a.why,
    a.closed_at, a.reason, a.retracted, d.number, d.asset_tag, k.at, k.account, k.note
FROM alerts AS a LEFT JOIN devices AS d ON d.epc = a.epc
LEFT JOIN acknowledged AS k ON k.alert = a.id
"""
_OPEN = " WHERE a.closed_at IS NULL AND a.retracted = 0"


class LedgerQueries:
    """Implements `edge.agent.shown.views.Queries`."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        school: Callable[[], School],
        gateways: Gateways,
        sorter: Sorter,
        ledger: Ledger,
        intake: Intake,
        live: Live,
        now: Callable[[], float],
        rates: RateBook,
    ) -> None:
        self._connection = connection
        self._school = school
        self._gateways = gateways
        self._sorter = sorter
        self._ledger = ledger
        self._intake = intake
        self._live = live
        self._now = now
        self._rates = rates
        self._heard: dict[tuple[str, Window], list[Heard]] = {}

    async def carts(self, now: float) -> list[CartView]:
        """Every cart of the school file, in its order."""
        school = self._school()
        devices: dict[str, list[DeviceInCart]] = {cart: [] for cart in school.carts}
        for row in await self._rows(_OF_ALL_CARTS + _ORDER, {}):
            device = self._in_a_cart(row[1:11])
            for cart in {device.cart, device.in_cart}:
                if cart in devices:
                    devices[cart] += [device] * row[0]
        return [
            self._cart_view(cart, await self._room_of(cart), devices[cart.id], now)
            for cart in school.carts.values()
        ]

    async def cart(self, cart: str, now: float) -> CartView | None:
        """One cart, or None where the school file has no such id."""
        found = self._school().carts.get(cart)
        return None if found is None else await self._cart(found, now)

    async def devices(
        self, offset: int = 0, limit: int = 50, query: str = "", *, new: bool = False
    ) -> Page[DeviceView]:
        """Devices by cart and number, a page at a time.

        `query` is looked for in tag, serial, model and number, in the names of the cart that a
        device belongs in and of the room that it is thought to be in, and from `EPC_FROM`
        characters on in the EPC. What it names exactly comes first. `new`: only tags of the
        school's that have no record.
        """
        limit = min(max(limit, 1), PAGE_AT_MOST)
        wanted = [sql for asked, sql in ((query, _MATCHES), (new, _NEW)) if asked]
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        school = self._school()
        values: dict[str, object] = {
            "q": _like(query),
            "epc": _like(query) if len(query) >= EPC_FROM else "",
            "exact": query,
            "carts": json.dumps(_named(school.carts.values(), query)),
            "rooms": json.dumps(_named(school.rooms.values(), query)),
            "limit": limit,
            "offset": max(offset, 0),
        }
        order = _EXACT_FIRST if query else _ORDER
        chosen = f"SELECT * FROM devices AS d{where}{order} LIMIT :limit OFFSET :offset"
        rows = await self._rows(_SHOWN.format(chosen=chosen) + order, values)
        ((total,),) = await self._rows(f"SELECT count(*) FROM devices AS d{where}", values)
        return Page([self._device_view(row) for row in rows], total, max(offset, 0), limit)

    async def device(self, epc: str) -> DeviceView | None:
        """One device, or a tag of the school's that was seen; else None."""
        chosen = "SELECT * FROM devices WHERE epc = :epc"
        rows = await self._rows(_SHOWN.format(chosen=chosen), {"epc": epc.upper()})
        return self._device_view(rows[0]) if rows else None

    async def records(self) -> dict[str, Device]:
        """Every record of a device, by its EPC."""
        query = f"SELECT {', '.join(COLUMNS)} FROM devices WHERE recorded = 1"
        found = (Device(*row) for row in await self._rows(query, {}))
        return {device.epc: device for device in found}

    async def devices_of(self, cart: str) -> list[DeviceView]:
        """Devices that belong in a cart or lie in it, by number."""
        rows = await self._rows(_SHOWN.format(chosen=_OF_CART) + _ORDER, {"cart": cart})
        return [self._device_view(row) for row in rows]

    async def devices_in(self, room: str) -> list[DeviceView]:
        """Devices that are thought to be in a room, by cart and number."""
        chosen = "SELECT d.* FROM devices AS d JOIN whereabouts USING (epc) WHERE room = :room"
        rows = await self._rows(_SHOWN.format(chosen=chosen) + _ORDER, {"room": room})
        return [self._device_view(row) for row in rows]

    async def devices_at_home(self, room: str) -> list[DeviceView]:
        """Devices whose home is a room, or a cart that belongs there, by cart and number."""
        carts = [cart.id for cart in self._school().carts.values() if cart.home == room]
        chosen = (
            "SELECT * FROM devices WHERE cart IN (SELECT value FROM json_each(:carts))"
            " OR (home = :room AND cart IS NULL)"
        )
        values = {"room": room, "carts": json.dumps(carts)}
        rows = await self._rows(_SHOWN.format(chosen=chosen) + _ORDER, values)
        return [self._device_view(row) for row in rows]

    async def devices_on(self, desk: str, now: float) -> list[DeviceView]:
        """Tags of the school's that lie on a desk's reader, the one put down last first."""
        known = self._school().desks.get(desk)
        epcs = [] if known is None else self._gateways.lying.on(known, now)
        found = [await self.device(epc) for epc in epcs]
        return [device for device in found if device is not None]

    async def rooms(self) -> dict[str, int]:
        """How many devices are thought to be in each room that has any."""
        return dict(
            await self._rows(
                "SELECT room, count(*) FROM whereabouts WHERE room IS NOT NULL GROUP BY room", {}
            )
        )

    async def traffic(self, since: float) -> dict[str, int]:
        """How many crossings of each doorway stand since a time."""
        query = (
            "SELECT body ->> '$.doorway', count(*) FROM events"
            " WHERE kind = 'crossed' AND retracted = 0 AND t >= :since GROUP BY 1"
        )
        return dict(await self._rows(query, {"since": since}))

    async def docking(self, cart: str, since: float) -> list[Docking]:
        """What came into a cart and left it since a time, the oldest first."""
        return await docking(self._connection, cart, since)

    async def timeline(self, epc: str, offset: int = 0, limit: int = 50) -> Page[Happening]:
        """What is thought to have happened to a device, the newest first."""
        limit, offset = min(max(limit, 1), PAGE_AT_MOST), max(offset, 0)
        found, total = await timeline(self._connection, epc.upper(), offset, limit)
        return Page(found, total, offset, limit)

    async def heard(self, epc: str, window: Window) -> list[Heard]:
        """The reads of a tag behind a statement; none where they are no longer kept."""
        found = self._heard.get((epc, window))
        if found is None:  # a page asks again at each change, and what was heard then stays
            found = await heard_before(self._connection, epc, window)
            self._heard[epc, window] = found
            if len(self._heard) > HEARD_KEPT:
                del self._heard[next(iter(self._heard))]
        return found

    async def gateways(self) -> list[GatewayView]:
        """Every gateway that the school file names or that was heard."""
        school = self._school()
        configs = config_payloads(school)
        now = self._now()
        return [
            gateway_view(
                school,
                self._gateways.get(gateway),
                configs.get(gateway),
                self._sorter.books.lost_of(self._sorter.boots_of(gateway)),
                now,
                self._rates.of(gateway),
            )
            for gateway in sorted({*configs, *self._gateways.heard()})
        ]

    async def odd_start(self, gateway: str) -> tuple[float, str] | None:
        """When a gateway last started after no ordinary end, and its word for why; else None."""
        query = (
            "SELECT at, reset FROM starts WHERE gateway = :gateway AND reset <> ''"
            " AND reset NOT IN ('start', 'power', 'unclean', 'command') ORDER BY at DESC LIMIT 1"
        )
        rows = await self._rows(query, {"gateway": gateway})
        return (rows[0][0], rows[0][1]) if rows else None

    async def alerts(
        self, open_only: bool = True, offset: int = 0, limit: int = 50, epc: str | None = None
    ) -> Page[AlertView]:
        """Alerts, the newest first; of one device, or of all."""
        limit = min(max(limit, 1), PAGE_AT_MOST)
        where = _OPEN if open_only else " WHERE 1"
        where += "" if epc is None else " AND a.epc = :epc"
        values = {"limit": limit, "offset": max(offset, 0), "epc": epc}
        rows = await self._rows(
            f"{_ALERT}{where} ORDER BY a.decided DESC, a.id DESC LIMIT :limit OFFSET :offset",
            values,
        )
        ((total,),) = await self._rows(f"SELECT count(*) FROM alerts AS a{where}", values)
        return Page([_alert_view(row) for row in rows], total, max(offset, 0), limit)

    async def totals(self) -> Totals:
        """The books of the journal."""
        rows = await self._rows(
            "SELECT name, value FROM counters"
            " UNION ALL SELECT 'set_aside', count(*) FROM set_aside"
            " UNION ALL SELECT 'journal_pos', coalesce(max(pos), 0) FROM journal",
            {},
        )
        counts: dict[str, int] = dict(rows)
        counts["ledger_pos"] = max(counts["ledger_pos"], self._ledger.complete_pos)
        return Totals(
            **counts,
            commits=self._sorter.commits,
            lost=self._sorter.books.lost(),
            waiting=len(self._intake),
            dropped=self._intake.dropped,
            put_off=self._intake.put_off,
            missed=self._live.missed,
        )

    async def _cart(self, cart: Cart, now: float) -> CartView:
        devices = [_in_cart(device) for device in await self.devices_of(cart.id)]
        return self._cart_view(cart, await self._room_of(cart), devices, now)

    async def _room_of(self, cart: Cart) -> str | None:
        """Where a cart with a tag of its own was last located."""
        if cart.epc is None:
            return None
        query = "SELECT room FROM whereabouts WHERE epc = :epc"
        at = await self._rows(query, {"epc": cart.epc.upper()})
        return at[0][0] if at else None

    def _cart_view(
        self, cart: Cart, room: str | None, devices: list[DeviceInCart], now: float
    ) -> CartView:
        gateway = self._gateways.get(cart.gateway)
        return cart_view(self._school(), cart, gateway, room, devices, now)

    def _in_a_cart(self, row: Sequence[Any]) -> DeviceInCart:
        """One device, or (without an EPC) each of those that lie where they belong."""
        epc, asset_tag, number, cart, in_cart, sure, room, seen_at, gateway, antenna = row
        newer = self._ledger.sightings.get(epc)
        if newer is not None and (seen_at is None or (newer.t or 0.0) >= seen_at):
            seen_at, gateway, antenna = newer.t, newer.gateway, newer.antenna
        place = self._school().place_of(gateway, antenna) if gateway is not None else None
        return DeviceInCart(
            epc=epc or "",
            label=Device(epc=epc or "", asset_tag=asset_tag, number=number).label,
            number=number,
            asset_tag=asset_tag,
            cart=cart,
            in_cart=in_cart,
            confidence=sure if in_cart else None,
            room=room,
            seen_room=place.side if place else None,
            seen_at=seen_at,
        )

    def _device_view(self, row: Sequence[Any]) -> DeviceView:
        epc, recorded, asset_tag, serial, model, home, cart, number = row[:8]
        seen_at, gateway, antenna, room, since, confidence, in_cart, put_in, sure = row[8:]
        newer = self._ledger.sightings.get(epc)
        if newer is not None and (seen_at is None or (newer.t or 0.0) >= seen_at):
            seen_at, gateway, antenna = newer.t, newer.gateway, newer.antenna
        school = self._school()
        place = school.place_of(gateway, antenna) if gateway is not None else None
        named = school.rooms.get(room)
        return DeviceView(
            epc=epc,
            label=Device(epc=epc, asset_tag=asset_tag, number=number).label,
            recorded=bool(recorded),
            asset_tag=asset_tag,
            serial=serial,
            model=model,
            number=number,
            home=home,
            cart=cart,
            seen_at=seen_at,
            seen_gateway=gateway,
            seen_antenna=antenna,
            seen_room=place.side if place else None,
            room=room,
            room_name=(named.name or named.id) if named else room,
            room_since=since,
            room_confidence=confidence,
            in_cart=in_cart,
            in_cart_since=put_in if in_cart else None,
            in_cart_confidence=sure if in_cart else None,
        )

    async def _rows(self, query: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        async with self._connection.execute(query, dict(values)) as cursor:
            return [tuple(row) for row in await cursor.fetchall()]


def _in_cart(device: DeviceView) -> DeviceInCart:
    return DeviceInCart(
        epc=device.epc,
        label=device.label,
        number=device.number,
        asset_tag=device.asset_tag,
        cart=device.cart,
        in_cart=device.in_cart,
        confidence=device.in_cart_confidence,
        room=device.room,
        seen_room=device.seen_room,
        seen_at=device.seen_at,
    )


def _alert_view(row: Sequence[Any]) -> AlertView:
    (id_, t, decided, rule, late, epc, doorway, gateway, why) = row[:9]
    closed_at, reason, retracted, number, asset_tag = row[9:14]
    label = None
    if epc is not None:
        label = Device(epc=epc, asset_tag=asset_tag, number=number).label
    return AlertView(
        id=id_,
        t=t,
        decided=decided,
        rule=rule,
        late=bool(late),
        epc=epc,
        label=label,
        doorway=doorway,
        gateway=gateway,
        why=json.loads(why),
        open=closed_at is None and not retracted,
        closed_at=closed_at,
        reason=reason,
        retracted=bool(retracted),
        acknowledged=None if row[14] is None else Acknowledged(*row[14:]),
    )


def _named(things: Iterable[Cart | Room], query: str) -> list[str]:
    """Return the ids of those whose name holds `query`."""
    wanted = query.casefold()
    return [one.id for one in things if wanted in (one.name or one.id).casefold()]


def _like(query: str) -> str:
    escaped = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
