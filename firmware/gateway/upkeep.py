"""What a gateway does for itself: tells its health, guards its heap, shows its light."""

import asyncio
import gc

from gateway import lights
from gateway.health import PERIOD_S, health_payload
from gateway.heap_guard import PERIOD_S as LOOK_S
from gateway.heap_guard import HeapGuard


class Upkeep:
    """`gateway` is main.py's; `wifi` a wifi.Keeper, or None where the system has the link."""

    def __init__(self, gateway, wifi):
        board = gateway.board
        self._gateway = gateway
        self._wifi = wifi
        self._guard = HeapGuard(board.least_free, board.least_block)
        self._identifies_until = 0

    @property
    def least_heap(self):
        """(free, largest block) at their lowest since the start, or None."""
        return self._guard.least_ever

    async def run(self):
        looks = 0
        while True:
            await asyncio.sleep(LOOK_S)
            self.guard_heap()
            looks += 1
            if looks * LOOK_S % PERIOD_S == 0:
                self.publish()
                self._remember_time()

    def guard_heap(self):
        gc.collect()
        gateway = self._gateway
        reason = self._guard.look(gateway.clock.up_ms(), *gateway.board.heap())
        if reason:
            gateway.restart(reason)

    def publish(self):
        gateway = self._gateway
        wifi = None
        if self._wifi:
            wifi = (gateway.board.wifi.rssi(), self._wifi.losses)
        payload = health_payload(
            gateway.clock,
            gateway.board.heap(),
            self.least_heap,
            gateway.intake,
            gateway.stations,
            gateway.client,
            gateway.outbox,
            gateway.pulse.longest_ms,
            wifi,
        )
        gateway.client.publish(gateway.channel + "health", payload)

    def identify(self, seconds):
        """Show whoever looks for it that it is this one."""
        gateway = self._gateway
        self._identifies_until = gateway.clock.up_ms() + seconds * 1000
        gateway.board.tell("this is {}, for {} s".format(gateway.board.hw, seconds))

    def show(self, now_ms):
        """Set the light. Cheap: called at each tick."""
        gateway = self._gateway
        shown = lights.state(
            self._wifi is None or self._wifi.connected,
            gateway.client.connected,
            gateway.uplink.confirming,
            all(station.ready for station in gateway.stations),
            gateway.radio.region is not None,
        )
        identifies = now_ms < self._identifies_until
        is_lit = lights.is_lit(shown, now_ms, identifies)
        gateway.board.light(is_lit, lights.colour(shown, identifies))

    def _remember_time(self):
        now = self._gateway.clock.unix_ms()
        if now is None:
            return
        try:
            self._gateway.board.remember_time(now)
        except OSError as error:  # worn flash: certificates can do without until the next boot
            self._gateway.log.say("warning", "the time cannot be kept: {}".format(error))
