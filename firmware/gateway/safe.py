"""Safe mode: after starts in a row that ended early the gateway reads no tags, only obeys.

It keeps the link, says what went wrong, and takes `update`, `selftest` and `reboot`; it touches
neither readers nor outbox, of which one may be what ends it. After an hour it tries in earnest
again.
"""

import asyncio

from boot import traceback_text

from gateway import crash
from gateway.boot_id import next_boot_id
from gateway.broker import client_of
from gateway.clock import Clock
from gateway.commands import Commands, Later
from gateway.inbox import Inbox
from gateway.log import Log
from gateway.status import Status
from gateway.tasks import Tasks, cancel

SAFE_MS = 3_600_000
_TICK_S = 0.1
_GOODBYE_S = 2


class SafeGateway:
    """What normal.py's Gateway is in quiet times; `restarts` says why it ended, once it has."""

    def __init__(self, settings, board, slots, firmware, period):
        self.settings = settings
        self.board = board
        self.slots = slots
        self.restarts = None
        self.clock = Clock(board.ticks_ms, period)
        boot, _ = next_boot_id(board)
        channel = "rollcall/{}/{}/".format(settings.site, settings.gateway)
        self._channel = channel
        self.log = Log(channel + "log", self.clock, board.tell)
        self.status = Status(boot, board.hw, firmware, [], "safe mode")
        self.client = client_of(settings, board, self, self.clock, self.status.will())
        commands = Commands(self.clock, self._action, self._reply, self._report)
        self._inbox = Inbox(
            settings.site,
            settings.gateway,
            self.clock,
            self,
            commands,
            self._configure,
            self.log.say,
        )
        self.client.settings.topics = self._inbox.topics
        self._stop = asyncio.Event()
        self._updating = False
        self.log.say("error", "safe mode: {}".format(slots.note or "starts that ended early"))
        crash.tell(board, self.log.say)

    async def run(self):
        """Obey until `stop()`, or until it is time to try again."""
        self.log.client = self.client
        tasks = Tasks(self._report, self.clock)
        tasks.start("mqtt", self.client.run)
        wifi = self._wifi()
        if wifi:
            from gateway.wifi_prompt import serve

            tasks.start("wifi", wifi.run)
            tasks.start("serial", lambda: serve(self))
        tick = asyncio.create_task(self._tick())
        await self._stop.wait()
        await cancel(tick)
        self.client.publish(self._channel + "status", self.status.will(), 1, True)
        self.client.stop()
        await asyncio.sleep(_TICK_S)
        try:
            await asyncio.wait_for(tasks.finished(), _GOODBYE_S)
        except asyncio.TimeoutError:
            await tasks.stop()

    def stop(self):
        self._stop.set()

    def restart(self, reason):
        self.restarts = self.restarts or reason
        self.stop()

    def reboot(self):
        self.restart("command")

    # What the client tells

    def link_up(self):
        self.client.publish(self._channel + "status", self.status.payload(), 1, True)
        self.log.link_is_new()

    def link_down(self, why):
        self.board.tell("broker: {}".format(why))

    def message(self, topic, payload, retained):
        self._inbox.message(topic, payload, retained)

    def failed(self, error):
        self._report("mqtt", error)

    def published(self, packet_id):
        self.log.published(packet_id)

    # What the inbox tells of the outbox, which stays untouched

    def acked(self, boot, first, last):
        pass

    def agent_is(self, online, boot, retained):
        pass

    async def _tick(self):
        while True:
            self.log.send()
            self.board.feed_watchdog()
            if self.clock.up_ms() > SAFE_MS and not self._updating:
                self.slots.went_on()
                self.restart("safe mode ends")
            await asyncio.sleep(_TICK_S)

    def _wifi(self):
        if not self.board.wifi:
            return None
        from gateway.wifi import Keeper

        return Keeper(self.board.wifi, self.clock, self.log.say, self.restart)

    def _configure(self, payload):
        """Without readers there is nothing to set."""

    def _action(self, name):
        actions = {"update": self._update, "reboot": self._reboot, "selftest": self._selftest}
        return actions.get(name)

    def _reboot(self, args):
        self.slots.went_on()  # whoever says it wants a start in earnest
        self.reboot()
        return {}

    def _selftest(self, args):
        free, largest = self.board.heap()
        slots = self.slots
        told = {"safe": True, "slot": slots.running, "note": slots.note}
        told.update({"heap_free": free, "heap_block": largest})
        return told

    def _update(self, args):
        from gateway.update import prepared

        if self._updating:
            raise ValueError("an update is under way")
        work = prepared(self, args)
        self._updating = True

        async def watched():
            try:
                return await work()
            finally:
                self._updating = False

        return Later(watched)

    def _reply(self, payload):
        self.client.publish(self._channel + "reply", payload, 1)

    def _report(self, name, error):
        text = "task {} failed: {}".format(name, repr(error))
        self.log.say("error", text, traceback_text(error))
