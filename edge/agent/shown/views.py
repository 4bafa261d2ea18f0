"""What the agent shows of itself: the structs that pages and the API are made of.

Times are Unix seconds. Rooms, carts, doorways and gateways are named by their ids; `..._name` is
what a person calls them. `Queries` is the agent's reading side; every call is a coroutine.
"""

from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec

from edge.agent.gateways.known import Crash
from edge.agent.gateways.rates import AntennaRate
from edge.agent.ledger.docking import Docking
from edge.agent.ledger.evidence import Heard, Window
from edge.agent.ledger.timeline import Happening
from edge.contracts.devices import Device
from edge.contracts.wire import Health

T = TypeVar("T")

CartState = Literal["ok", "unsure", "unreadable"]
CartReason = Literal["offline", "never heard", "silent", "not looking", "counting"]
GatewayState = Literal["online", "offline", "silent", "never heard"]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list of `total` items, from `offset` on."""

    items: list[T]
    total: int
    offset: int
    limit: int


class MissingView(msgspec.Struct, frozen=True, kw_only=True):
    """A device that belongs in a cart and is not there; `last_room` inferred, else observed."""

    epc: str
    label: str
    number: str | None
    asset_tag: str | None
    last_room: str | None
    last_room_name: str | None
    last_seen: float | None


class CartView(msgspec.Struct, frozen=True, kw_only=True):
    """One cart now. `present` and `confidence` are None when it cannot be read.

    `expected` counts the devices whose cart it is, `present` those of them that lie in it (all
    that lie in it where no device names it as its cart); `extra` are labels of devices in it that
    belong elsewhere; `reason` says why it cannot be read; `updated` is the last batch from it.
    """

    id: str
    name: str
    home: str
    home_name: str
    room: str
    room_name: str
    gateway: str
    state: CartState
    reason: CartReason | None
    expected: int
    present: int | None
    capacity: int
    missing: list[MissingView]
    extra: list[str]
    confidence: float | None
    updated: float | None


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """One device with its three places, never mixed: assigned, last observed, inferred now.

    `recorded` is False for a tag of the school's that has no record yet.
    """

    epc: str
    label: str
    recorded: bool
    asset_tag: str | None
    serial: str | None
    model: str | None
    number: str | None
    home: str | None
    cart: str | None
    seen_at: float | None
    seen_gateway: str | None
    seen_antenna: int | None
    seen_room: str | None
    room: str | None
    room_name: str | None
    room_since: float | None
    room_confidence: float | None
    in_cart: str | None
    in_cart_since: float | None
    in_cart_confidence: float | None


class AntennaView(msgspec.Struct, frozen=True, kw_only=True):
    """What one antenna did in the last batch: rounds made and milliseconds on air."""

    antenna: int
    place: str | None
    rounds: int
    on_air_ms: int


class GatewayView(msgspec.Struct, frozen=True, kw_only=True):
    """One gateway. `known` is False for one that the school file does not name.

    `conflict` lists the hardware ids seen under this one id when there is more than one;
    `config_current` compares what the gateway says it runs with what the agent published (None:
    it has not said); `lost` counts batches its boots lost for good; `clock_odd` says what was wrong
    with the time of its last batch, where it could not be right; `rates` are those of the antennas
    that have one; `crash` is the last that it told since the agent's start.
    """

    id: str
    name: str
    known: bool
    state: GatewayState
    state_since: float | None
    places: list[str]
    last_batch: float | None
    boot: str | None
    reset: str | None
    hw: str | None
    conflict: list[str]
    firmware: str | None
    readers: list[str]
    config_current: bool | None
    clock_set: bool | None
    health: Health | None
    health_at: float | None
    antennas: list[AntennaView]
    last_log: str | None
    lost: int
    clock_odd: str | None = None
    rates: list[AntennaRate] = []
    crash: Crash | None = None


class Acknowledged(msgspec.Struct, frozen=True):
    """That somebody has seen to an alert; `account` None is whoever sat at this machine."""

    at: float
    account: str | None
    note: str


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should look at, until it is closed or turns out wrong (`retracted`)."""

    id: str
    t: float
    decided: float
    rule: str
    late: bool
    epc: str | None
    label: str | None
    doorway: str | None
    gateway: str | None
    why: dict[str, Any]
    open: bool
    closed_at: float | None
    reason: str | None
    retracted: bool
    acknowledged: Acknowledged | None = None


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The books of the journal. `sum_n` adds up the raw reads behind the `reads`.

    `lost` batches are gone for good; `dropped` were refused by the full intake since the start
    and come again; `commits` of the journal were made since the start; `set_aside` rows brought an
    exception and were left out; `waiting` batches and facts are still to be journaled; `put_off`
    facts found no room and were offered again; `missed` changes were too many for a watcher, who
    then asked for all; `ledger_pos` is how far the engine's events are committed.
    """

    journal_pos: int
    ledger_pos: int
    batches: int
    repeats: int
    quarantined: int
    reads: int
    sum_n: int
    lost: int
    events: int
    dropped: int
    commits: int = 0
    set_aside: int = 0
    waiting: int = 0
    put_off: int = 0
    missed: int = 0


class Queries(Protocol):
    """The agent's reading side. Lists are paged; nothing here writes."""

    async def carts(self, now: float) -> list[CartView]:
        """Every cart of the school file, in its order."""

    async def cart(self, cart: str, now: float) -> CartView | None:
        """One cart, or None where the school file has no such id."""

    async def devices(
        self, offset: int = 0, limit: int = 50, query: str = "", *, new: bool = False
    ) -> Page[DeviceView]:
        """Devices by cart and number, a page at a time.

        `query` is looked for in tag, serial, model and number, in the names of the cart that a
        device belongs in and of the room that it is thought to be in, and, where it is not too
        short, in the EPC. What it names exactly comes first. `new`: only tags of the school's
        that have no record.
        """

    async def device(self, epc: str) -> DeviceView | None:
        """One device, or a tag of the school's that was seen; else None."""

    async def records(self) -> dict[str, Device]:
        """Every record of a device, by its EPC."""

    async def devices_of(self, cart: str) -> list[DeviceView]:
        """Devices that belong in a cart or lie in it, by number."""

    async def devices_in(self, room: str) -> list[DeviceView]:
        """Devices that are thought to be in a room, by cart and number."""

    async def devices_at_home(self, room: str) -> list[DeviceView]:
        """Devices whose home is a room, or a cart that belongs there, by cart and number."""

    async def devices_on(self, desk: str, now: float) -> list[DeviceView]:
        """Tags of the school's that lie on a desk's reader, the one put down last first."""

    async def rooms(self) -> dict[str, int]:
        """How many devices are thought to be in each room that has any."""

    async def traffic(self, since: float) -> dict[str, int]:
        """How many crossings of each doorway stand since a time."""

    async def docking(self, cart: str, since: float) -> list[Docking]:
        """What came into a cart and left it since a time, the oldest first."""

    async def timeline(self, epc: str, offset: int = 0, limit: int = 50) -> Page[Happening]:
        """What is thought to have happened to a device, the newest first."""

    async def heard(self, epc: str, window: Window) -> list[Heard]:
        """The reads of a tag behind a statement; none where they are no longer kept."""

    async def gateways(self) -> list[GatewayView]:
        """Every gateway that the school file names or that was heard."""

    async def odd_start(self, gateway: str) -> tuple[float, str] | None:
        """When a gateway last started after no ordinary end, and its word for why; else None."""

    async def alerts(
        self, open_only: bool = True, offset: int = 0, limit: int = 50, epc: str | None = None
    ) -> Page[AlertView]:
        """Alerts, the newest first; of one device, or of all."""

    async def totals(self) -> Totals:
        """The books of the journal."""
