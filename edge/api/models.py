"""What the API answers, as the OpenAPI document describes it. Times are Unix seconds.

Rooms, carts, doorways and gateways are named by their ids in the school file.
"""

from typing import Any, Generic, Literal, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from edge.agent.ledger.acknowledging import NOTE_AT_MOST
from edge.agent.shown.views import CartView, DeviceView, GatewayView

T = TypeVar("T")

Broker = Literal["connected", "unreachable"]

_Confidence = Field(ge=0, le=1, description="Probability that it is so.")


class _Model(BaseModel):
    # The agent's views are read by their attributes; what a view has more is left out.
    model_config = ConfigDict(from_attributes=True)


class MissingDevice(_Model):
    """A device that belongs in a cart and is not there."""

    number: str | None = Field(description="What stands on its lid.")
    asset_tag: str | None
    last_room: str | None = Field(description="Null too for one who may not see places.")
    last_seen: float | None = Field(description="Null too for one who may not see places.")


class Cart(_Model):
    """One cart now."""

    id: str
    name: str
    room: str = Field(description="The room it is in.")
    state: Literal["ok", "unsure", "unreadable"]
    expected: int = Field(description="How many devices name it as their cart.")
    present: int | None = Field(description="How many of them lie in it; null when unreadable.")
    capacity: int
    missing: list[MissingDevice]
    confidence: float | None = _Confidence
    updated: float | None = Field(description="When its gateway last reported; null: never.")

    @classmethod
    def of(cls, view: CartView, *, with_places: bool) -> "Cart":
        """Make the answer from the agent's view, for one who may see the places or not."""
        cart = cls.model_validate(view)
        if not with_places:
            for device in cart.missing:
                device.last_room = device.last_seen = None
        return cart


class Assigned(_Model):
    """Where a device belongs."""

    home: str | None
    cart: str | None


class Observed(_Model):
    """Where a device last answered a reader, and how long ago."""

    room: str | None = Field(description="The room that antenna faces or stands in.")
    gateway: str
    antenna: int | None
    t: float
    age: float = Field(description="Seconds since then.")


class Inferred(_Model):
    """Where a device is thought to be now."""

    room: str | None
    since: float | None
    confidence: float | None = _Confidence
    in_cart: str | None
    in_cart_since: float | None
    in_cart_confidence: float | None = _Confidence


class Device(_Model):
    """One device with its three places, never mixed."""

    epc: str
    label: str = Field(description="Its number, else its asset tag, else the end of its EPC.")
    recorded: bool = Field(description="False: a tag of the school's that has no record yet.")
    asset_tag: str | None
    serial: str | None
    model: str | None
    number: str | None
    assigned: Assigned
    observed: Observed | None
    inferred: Inferred

    @classmethod
    def of(cls, view: DeviceView, now: float) -> "Device":
        """Make the answer from the agent's view; `now` is for the age."""
        observed = None
        if view.seen_at is not None and view.seen_gateway is not None:
            observed = Observed(
                room=view.seen_room,
                gateway=view.seen_gateway,
                antenna=view.seen_antenna,
                t=view.seen_at,
                age=max(0.0, round(now - view.seen_at, 3)),
            )
        inferred = Inferred(
            room=view.room,
            since=view.room_since,
            confidence=view.room_confidence,
            in_cart=view.in_cart,
            in_cart_since=view.in_cart_since,
            in_cart_confidence=view.in_cart_confidence,
        )
        return cls(
            epc=view.epc,
            label=view.label,
            recorded=view.recorded,
            asset_tag=view.asset_tag,
            serial=view.serial,
            model=view.model,
            number=view.number,
            assigned=Assigned(home=view.home, cart=view.cart),
            observed=observed,
            inferred=inferred,
        )


class Antenna(_Model):
    """What one antenna did in its gateway's last batch."""

    antenna: int
    place: str | None
    rounds: int
    on_air_ms: int


class Gateway(_Model):
    """One gateway; `known` is false for one that the school file does not name."""

    id: str
    name: str
    known: bool
    state: Literal["online", "offline", "silent", "never heard"]
    state_since: float | None
    places: list[str]
    last_batch: float | None
    boot: str | None
    reset: str | None
    hw: str | None
    conflict: list[str] = Field(description="Boards under this one id when there are several.")
    firmware: str | None
    readers: list[str]
    config_current: bool | None
    clock_set: bool | None
    health: dict[str, Any] | None = Field(description="As the gateway last sent it.")
    health_at: float | None
    antennas: list[Antenna]
    last_log: str | None
    lost: int = Field(description="Batches that its boots lost for good.")

    @classmethod
    def of(cls, view: GatewayView) -> "Gateway":
        """Make the answer from the agent's view."""
        return cls.model_validate(msgspec.to_builtins(view))


class CommandReply(BaseModel):
    """What a gateway answered: whether it did it, and what it says, `error` where it did not."""

    gateway: str
    do: str
    ok: bool
    said: dict[str, Any]


class Acknowledgement(BaseModel):
    """What somebody says who sees to an alert."""

    note: str = Field(default="", max_length=NOTE_AT_MOST)


class Acknowledged(_Model):
    """That somebody has seen to an alert."""

    at: float
    account: str | None = Field(description="Null: somebody at this machine.")
    note: str


class Alert(_Model):
    """Something a person should look at, until it is closed or turns out wrong."""

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
    acknowledged: Acknowledged | None


class Totals(_Model):
    """The books of the journal."""

    journal_pos: int
    ledger_pos: int = Field(description="How far the engine's events are committed.")
    batches: int
    repeats: int
    quarantined: int
    reads: int
    sum_n: int = Field(description="Raw reads behind the reads.")
    lost: int = Field(description="Batches that are gone for good.")
    events: int
    dropped: int = Field(description="Batches refused by the full intake; they come again.")
    set_aside: int = Field(description="Journal rows that were left out for a fault.")


class Paged(BaseModel, Generic[T]):
    """One page of a list of `total` items, from `offset` on."""

    items: list[T]
    total: int
    offset: int
    limit: int


class Alive(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """The agent can answer; the broker may be away all the same."""

    status: Literal["ready"] = "ready"
    broker: Broker
    set_aside: int = Field(description="Journal rows that were left out for a fault.")
