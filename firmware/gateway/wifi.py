"""When to help the Wi-Fi along: the system reconnects by itself, and is given time to.

Connecting again in a tight loop is what keeps boards off the air for good, so the steps are slow:
wait, then connect anew (which looks for the network again, on whatever access point it now is),
then the interface off and on, and at last a reset.
"""

import asyncio

RECONNECT, RESTART, RESET = "reconnect", "restart", "reset"

RECONNECT_MS = 60_000  # the system's own attempts take up to 10 s each
RESTART_MS = 180_000
RESET_MS = 3_600_000  # it worked in this boot: an hour is longer than any maintenance
RESET_NEVER_MS = 6 * RESET_MS  # it never did: a reset has not helped, but may some day
_POLL_S = 1
_STEP_MS = 180_000  # between two attempts of ours


class Steps:
    """What to do next about a link that may be down: a pure rule over time."""

    def __init__(self):
        self._down_ms = None  # since when
        self._acted_ms = 0
        self._worked = False  # in this boot
        self.losses = 0

    def next(self, now_ms, connected):
        """RECONNECT, RESTART or RESET, or None: leave it alone."""
        if connected:
            self._down_ms = None
            self._worked = True
            return None
        if self._down_ms is None:
            self._down_ms = self._acted_ms = now_ms
            self.losses += self._worked
            return None
        down = now_ms - self._down_ms
        if down >= (RESET_MS if self._worked else RESET_NEVER_MS):
            return RESET
        if now_ms - self._acted_ms < (RECONNECT_MS if down < RESTART_MS else _STEP_MS):
            return None
        self._acted_ms = now_ms
        return RECONNECT if down < RESTART_MS else RESTART


class Keeper:
    """Takes the steps. `radio` has `connect()`, `reconnect()`, `restart()`, `is_connected()`,
    `trouble()` in words; `reset(reason)` ends this boot in order."""

    def __init__(self, radio, clock, say, reset):
        self._radio = radio
        self._clock = clock
        self._say = say
        self._reset = reset
        self._was = None
        self._steps = Steps()
        self.connected = False

    @property
    def losses(self):
        """How often a link that worked went away."""
        return self._steps.losses

    async def run(self):
        self._radio.connect()
        while True:
            self.step()
            await asyncio.sleep(_POLL_S)

    def step(self):
        """Look once, and do what is due."""
        self.connected = self._radio.is_connected()
        if self.connected != self._was:
            if self._was is not None:
                self._tell_change()
            self._was = self.connected
        step = self._steps.next(self._clock.up_ms(), self.connected)
        if step is None:
            return
        self._say("warning", "Wi-Fi is away ({}): {}".format(self._radio.trouble(), step))
        if step == RESET:
            self._reset("wifi")
        elif step == RESTART:
            self._radio.restart()
        else:
            self._radio.reconnect()

    def _tell_change(self):
        if self.connected:
            self._say("info", "Wi-Fi is there")
        else:
            self._say("warning", "Wi-Fi was lost: {}".format(self._radio.trouble()))
