"""What a cart shows, from what is known of its devices and its gateway. Pure."""

from collections.abc import Sequence

import msgspec

from edge.agent.gateways.known import SILENT_AFTER_S, GatewayState
from edge.agent.shown.views import CartReason, CartState, CartView, MissingView
from edge.contracts.school import Cart, School

# Below this the engine has not seen enough of a device to vouch for it.
SURE = 0.8
# After the first batch of a run: a gateway's modules need this long to have read every tag.
SETTLE_S = 10.0
# The engine takes 3 s of answers to put a device into a cart; until then no count is told.
COUNTING_S = 5.0


class DeviceInCart(msgspec.Struct, frozen=True, kw_only=True):
    """A device that belongs in a cart or lies in it.

    `in_cart` is where the engine last put it (None: it was taken out, or never put anywhere);
    `room` is where it is thought to be, `seen_room` where it was last read.
    """

    epc: str
    label: str
    number: str | None
    asset_tag: str | None
    cart: str | None
    in_cart: str | None
    confidence: float | None
    room: str | None
    seen_room: str | None
    seen_at: float | None


def cart_view(
    school: School,
    cart: Cart,
    gateway: GatewayState,
    room: str | None,
    devices: Sequence[DeviceInCart],
    now: float,
) -> CartView:
    """Show a cart; `room` is where the cart itself was last located, if it has a tag."""
    reason = unreadable(cart, gateway, now)
    own = [device for device in devices if device.cart == cart.id]
    inside = [device for device in devices if device.in_cart == cart.id]
    here = [device for device in inside if device.cart == cart.id] if own else inside
    if reason is None and _is_new(gateway, now, COUNTING_S) and len(here) < max(1, len(own)):
        reason = "counting"  # a count on its way up would name devices as missing that lie there
    confidence = _confidence(here)
    at = room if room is not None and room in school.rooms else cart.home
    return CartView(
        id=cart.id,
        name=cart.name or cart.id,
        home=cart.home,
        home_name=_room_name(school, cart.home),
        room=at,
        room_name=_room_name(school, at),
        gateway=cart.gateway,
        state=_state(reason, confidence, cart, gateway, now),
        reason=reason,
        expected=len(own),
        present=None if reason else len(here),
        capacity=cart.capacity,
        missing=[_missing(school, d) for d in own if reason is None and d.in_cart != cart.id],
        extra=[device.label for device in inside if own and device.cart != cart.id],
        confidence=None if reason else confidence,
        updated=gateway.last_batch,
    )


def unreadable(cart: Cart, gateway: GatewayState, now: float) -> CartReason | None:
    """Say why a cart cannot be read now, or None when it can."""
    if gateway.online is False:
        return "offline"
    if gateway.last_batch is None:
        return "never heard"
    if gateway.is_silent(now):
        return "silent"
    if not any(_looks(gateway, antenna, now) for antenna in cart.antennas):
        return "not looking"
    return None


def _state(
    reason: CartReason | None,
    confidence: float,
    cart: Cart,
    gateway: GatewayState,
    now: float,
) -> CartState:
    if reason is not None:
        return "unreadable"
    deaf = not all(_looks(gateway, antenna, now) for antenna in cart.antennas)
    return "unsure" if _is_new(gateway, now, SETTLE_S) or deaf or confidence < SURE else "ok"


def _is_new(gateway: GatewayState, now: float, within_s: float) -> bool:
    return gateway.first_batch is None or now - gateway.first_batch < within_s


def _looks(gateway: GatewayState, antenna: int, now: float) -> bool:
    state = gateway.antennas.get(antenna)
    return state is not None and now - state.looked_at <= SILENT_AFTER_S


def _confidence(here: Sequence[DeviceInCart]) -> float:
    """How sure the count is: the mean over the devices counted; an empty cart is sure."""
    known = [device.confidence for device in here if device.confidence is not None]
    return round(sum(known) / len(known), 3) if known else 1.0


def _missing(school: School, device: DeviceInCart) -> MissingView:
    room = device.room or device.seen_room
    return MissingView(
        epc=device.epc,
        label=device.label,
        number=device.number,
        asset_tag=device.asset_tag,
        last_room=room,
        last_room_name=None if room is None else _room_name(school, room),
        last_seen=device.seen_at,
    )


def _room_name(school: School, room: str) -> str:
    known = school.rooms.get(room)
    return (known.name or known.id) if known is not None else room
