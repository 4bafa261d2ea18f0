"""Tells live pages of what changes without an event: a gateway falls silent, a cart is heard."""

import asyncio
from collections.abc import Callable

from edge.agent.gateways.known import Gateways
from edge.agent.live import Change, Live
from edge.agent.process.clock import Clock
from edge.agent.shown.cart_views import unreadable
from edge.contracts.school import School

TICK_S = 1.0  # "updated 4 s ago" needs no more


class Watch:
    """Remembers what was shown last, and says what differs."""

    def __init__(self, gateways: Gateways) -> None:
        self._gateways = gateways
        self._shown: dict[tuple[str, str], object] = {}

    def changes(self, school: School, now: float) -> list[Change]:
        """What to show anew since the last call."""
        found = []
        for cart in school.carts.values():
            state = self._gateways.get(cart.gateway)
            shown = (unreadable(cart, state, now), state.last_batch)
            if self._differs("cart", cart.id, shown):
                found.append(Change("cart", cart.id))
        lying = self._gateways.lying
        found += [
            Change("desk", desk.id)
            for desk in school.desks.values()
            if self._differs("desk", desk.id, lying.on(desk, now))
        ]
        for gateway in self._gateways.heard():
            state = self._gateways.get(gateway)
            shown_of_it = (state.online, state.is_silent(now), state.health_at, len(state.boards))
            if self._differs("gateway", gateway, shown_of_it):
                found.append(Change("gateway", gateway))
        return found

    def _differs(self, topic: str, name: str, shown: object) -> bool:
        before = self._shown.get((topic, name))
        self._shown[topic, name] = shown
        return before != shown


async def watch(watcher: Watch, school: Callable[[], School], live: Live, clock: Clock) -> None:
    """Publish what changed, each second."""
    while True:
        live.publish(watcher.changes(school(), clock.now()))
        await asyncio.sleep(TICK_S)
