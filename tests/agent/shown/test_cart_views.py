"""What a cart says, and above all when it says that it cannot be read."""

from typing import Any

import msgspec

from edge.agent.gateways.known import SILENT_AFTER_S, Gateways, GatewayState
from edge.agent.shown.cart_views import COUNTING_S, DeviceInCart, cart_view
from edge.agent.shown.views import CartView
from edge.contracts.readlog import GatewayRow
from edge.contracts.wire import Batch
from tests.agent.schools import payload, school

NOW = 1_763_900_000.0


def device(number: int, in_cart: str | None = "c1", cart: str | None = "c1") -> DeviceInCart:
    return DeviceInCart(
        epc=f"E{number}",
        label=str(number),
        number=str(number),
        asset_tag=None,
        cart=cart,
        in_cart=in_cart,
        confidence=0.99 if in_cart else None,
        room=None,
        seen_room="hall",
        seen_at=NOW - 90,
    )


def heard(looks: dict[str, Any] | None = None, ago: float = 1.0) -> GatewayState:
    """The cart's gateway, heard since long ago and last so many seconds ago."""
    gateways = Gateways()
    looks = {"1": [14, 980], "2": [13, 910]} if looks is None else looks
    batch = msgspec.convert(payload([], looks=looks), Batch)
    for at in (NOW - 3600, NOW - ago):
        gateways.batch("gw-c1", batch, round(at * 1000), at)
    return gateways.get("gw-c1")


def shown(state: GatewayState, *devices: DeviceInCart) -> CartView:
    one = school()
    return cart_view(one, one.carts["c1"], state, None, devices, NOW)


def test_a_cart_counts_its_own_and_names_who_is_missing_and_where_it_was() -> None:
    view = shown(heard(), device(1), device(2, in_cart=None), device(3, cart=None))
    assert (view.state, view.expected, view.present) == ("ok", 2, 1)
    assert [(m.number, m.last_room, m.last_seen) for m in view.missing] == [("2", "hall", NOW - 90)]
    assert view.extra == ["3"]


def test_without_records_it_counts_what_lies_in_it() -> None:
    view = shown(heard(), device(1, cart=None), device(2, cart=None))
    assert (view.expected, view.present, view.missing, view.extra) == (0, 2, [], [])


def unreadable(view: CartView, reason: str) -> bool:
    nothing = view.present is None and view.confidence is None and view.missing == []
    return nothing and view.state == "unreadable" and view.reason == reason


def test_a_cart_never_heard_cannot_be_read() -> None:
    assert unreadable(shown(GatewayState("gw-c1"), device(1, in_cart=None)), "never heard")


def test_a_cart_whose_gateway_is_offline_cannot_be_read() -> None:
    gateways = Gateways()
    gateways.came_or_went(GatewayRow(rx=NOW, gateway="gw-c1", online=False))
    assert unreadable(shown(gateways.get("gw-c1"), device(1)), "offline")


def test_a_silent_cart_cannot_be_read() -> None:
    assert unreadable(shown(heard(ago=SILENT_AFTER_S + 1), device(1)), "silent")


def test_a_cart_that_makes_no_rounds_cannot_be_read() -> None:
    deaf = heard({"1": [0, 0], "2": [0, 0]})
    assert unreadable(shown(deaf, device(1)), "not looking")


def test_one_deaf_antenna_makes_it_unsure() -> None:
    assert shown(heard({"1": [14, 900], "2": [0, 0]}), device(1)).state == "unsure"


def test_shortly_after_the_start_it_is_unsure_and_names_nobody_as_missing() -> None:
    gateways = Gateways()
    batch = msgspec.convert(payload([]), Batch)
    at = NOW - COUNTING_S / 2
    gateways.batch("gw-c1", batch, round(at * 1000), at)
    started = gateways.get("gw-c1")
    assert shown(started, device(1)).state == "unsure"
    assert unreadable(shown(started, device(1), device(2, in_cart=None)), "counting")
    assert unreadable(shown(started), "counting")


def test_a_backlog_of_old_looks_says_nothing_of_now() -> None:
    gateways = Gateways()
    batch = msgspec.convert(payload([]), Batch)
    gateways.batch("gw-c1", batch, round((NOW - 3600) * 1000), NOW - 1)
    assert unreadable(shown(gateways.get("gw-c1"), device(1)), "not looking")
