"""Feeds the watchdog while the gateway gets on, and tells boot.py's slots how this start goes."""

from gateway.progress import stuck
from gateway.trial import Trial

_FEED_MS = 1_000


class Pulse:
    """`step` is called at each tick. `gateway` has `board`, `stations`, `uplink`, `log`, `slots`,
    `restarts` and `restart(reason)`."""

    def __init__(self, gateway):
        self._gateway = gateway
        self._trial = gateway.slots and Trial(gateway.slots)
        self._fed_ms = 0
        self._stepped_ms = None
        self.longest_ms = 0  # between two steps: how long something kept the loop to itself
        self._stuck = None  # what does not get on, once it was said

    def step(self, now_ms):
        if self._stepped_ms is not None:
            self.longest_ms = max(self.longest_ms, now_ms - self._stepped_ms)
        self._stepped_ms = now_ms
        self._try_slot(now_ms)
        if now_ms - self._fed_ms >= _FEED_MS:
            self._fed_ms = now_ms
            self._feed(now_ms)

    def _try_slot(self, now_ms):
        gateway = self._gateway
        trouble = self._trial and self._trial.step(now_ms, gateway.uplink.own_confirmed)
        if trouble and gateway.restarts is None:
            gateway.restart(trouble)

    def _feed(self, now_ms):
        """A reader that waits for its turn, or for a region, is known to be idle."""
        gateway = self._gateway
        moved = {s.name: s.moved_ms for s in gateway.stations if s.may_transmit or not s.ready}
        trouble = stuck(now_ms, moved, gateway.uplink.owed_since_ms())
        if trouble is None:
            gateway.board.feed_watchdog()
            self._stuck = None
        elif trouble != self._stuck:
            self._stuck = trouble
            gateway.board.leave_breadcrumb(trouble)
            gateway.log.say("error", trouble)
