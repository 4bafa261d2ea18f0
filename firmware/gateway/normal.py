"""The whole gateway in quiet times: its parts made, its tasks started, and stopped in order.

A read goes from a module by `turns`, `intake`, `coalescer`, `batches`, `outbox` and `uplink` to
`client`; what the agent says comes from `client` by `inbox`. Each part has its own file
(firmware/README.md). After starts that ended early gateway/safe.py runs in its place.
"""

import asyncio
import gc

from boot import traceback_text
from drivers.families import driver_of

from gateway import crash
from gateway.batches import Batches
from gateway.boot_id import next_boot_id
from gateway.broker import client_of
from gateway.clock import Clock
from gateway.coalescer import Coalescer
from gateway.coalescer_settings import CoalescerSettings
from gateway.commands import Commands
from gateway.config_file import ConfigFile
from gateway.foreign import Filter
from gateway.health import self_test
from gateway.inbox import Inbox
from gateway.intake import Intake
from gateway.log import Log
from gateway.lost import Lost
from gateway.outbox import Outbox
from gateway.owner import own
from gateway.pulse import Pulse
from gateway.spool import Spool
from gateway.station import Station
from gateway.status import Status
from gateway.tasks import Tasks
from gateway.turns import Turns
from gateway.upkeep import Upkeep
from gateway.uplink import Uplink
from gateway.wifi import Keeper

_TICK_S = 0.05  # batches close and sendings start at most this late
_FLUSH_S = 1  # at a stop, how long the agent has to confirm what is held
_GOODBYE_S = 1  # and how long the broker has to take what was queued last
_USUAL = ("start", "power", "command")  # reasons for a boot that need no word


class Gateway:
    """All parts of one gateway; `run` lasts until `stop`, then `restarts` says why, or is None.

    `slots` is boot.py's, None where it was started from a folder; `period` is where the board's
    ticks wrap.
    """

    def __init__(self, settings, board, slots, firmware, period):
        self.settings = settings
        self.board = board
        self.slots = slots
        self.restarts = None
        self.radio = settings.radio
        self.clock = Clock(board.ticks_ms, period)
        self.channel = "rollcall/{}/{}/".format(settings.site, settings.gateway)
        self.log = Log(self.channel + "log", self.clock, board.tell)
        self._stop = asyncio.Event()
        self._link_trouble = None
        self._actions = None
        self._make_outbox()
        self._make_readers()
        self._make_link(firmware)
        self._make_care()
        self._tell_how_it_began()

    # Its parts

    def _make_outbox(self):
        board = self.board
        lost = Lost(board)
        spool = Spool(board, board.outbox_blocks)
        spool.recover(lost)
        self._boot, warning = next_boot_id(board, spool.last_boot())
        if warning:
            self.log.say("warning", warning)
        self.outbox = Outbox(self._boot, board.outbox_bytes, self.clock, spool, lost)
        own(self.outbox, self.settings, board, self.log.say)

    def _make_readers(self):
        board, settings = self.board, self.settings
        self.batches = Batches(self.outbox, settings.antennas, self.clock)
        sizes = CoalescerSettings(board.coalescer_tags, board.coalescer_tracks)
        self.coalescer = Coalescer(self.batches.add, sizes)
        self.filter = Filter(settings.radio.prefixes)
        self.intake = Intake(self.filter, self.coalescer, self.batches)
        self.stations = [self._station(reader) for reader in settings.readers]
        self.turns = Turns(self.stations)

    def _station(self, reader):
        driver = driver_of(reader.family)
        port = self.board.port(reader.port)
        module = driver(port, reader.antennas, self.intake, self.clock)
        return Station(reader.port, module, self.radio, self.clock, self.log.say, self._report)

    def _make_link(self, firmware):
        board, settings = self.board, self.settings
        families = [reader.family for reader in settings.readers]
        self.status = Status(self._boot, board.hw, firmware, families, board.reset)
        self.client = client_of(settings, board, self, self.clock, self.status.will())
        reads = self.channel + "reads/"
        puback = settings.broker_confirms
        self.uplink = Uplink(
            self.outbox, self.client, self.clock, reads, puback, board.window_bytes
        )
        self._config = ConfigFile(board, self.log.say)
        commands = Commands(self.clock, self._action, self._reply, self._report)
        self.inbox = Inbox(
            settings.site,
            settings.gateway,
            self.clock,
            self.uplink,
            commands,
            self._configure,
            self.log.say,
        )
        self.client.settings.topics = self.inbox.topics

    def _make_care(self):
        board = self.board
        board.use_led(self.settings.led)
        self._wifi = board.wifi and Keeper(board.wifi, self.clock, self.log.say, self.restart)
        self.upkeep = Upkeep(self, self._wifi)
        self.pulse = Pulse(self)
        self.tasks = Tasks(self._report, self.clock)

    def _tell_how_it_began(self):
        if self.board.reset not in _USUAL:
            self.log.say("warning", "this boot began after: {}".format(self.board.reset))
        crash.tell(self.board, self.log.say)
        if self.slots and self.slots.note:
            self.log.say("error", self.slots.note)

    # Its life

    async def run(self):
        """Work until `stop()`, then stop in order: radio, reads, uplink, link."""
        asyncio.get_event_loop().set_exception_handler(self._unowned)
        self.log.client = self.client
        self._config.load(self)
        if self.radio.region is None:
            self.log.say("warning", "no region set: the readers stay off the air")
        link = Tasks(self._report, self.clock)
        link.start("mqtt", self.client.run)
        for station in self.stations:
            self.tasks.start("reader " + station.name, station.keep)
        if self._wifi:
            self.tasks.start("wifi", self._wifi.run)
            from gateway.wifi_prompt import serve  # a PC needs none

            self.tasks.start("serial", lambda: serve(self))
        self.tasks.start("upkeep", self.upkeep.run)
        self.tasks.start("uplink", self._tick)
        self.tasks.start("time", self._tell_time)
        turns = Tasks(self._report, self.clock)
        turns.start("turns", self.turns.run)
        await self._stop.wait()
        self.turns.stop()
        await turns.finished()
        await self._flush()
        await self.tasks.stop()
        for station in self.stations:
            await station.close()
        self.client.publish(self.channel + "status", self.status.will(), 1, True)
        self.client.stop()
        try:
            await asyncio.wait_for(link.finished(), _GOODBYE_S)
        except asyncio.TimeoutError:  # it was connecting to a broker that does not answer
            await link.stop()

    def stop(self):
        self._stop.set()

    def restart(self, reason):
        """Stop in order, and start again; the next boot says why."""
        if self.restarts is None:
            self.restarts = reason
            self.log.say("info", "starting again: {}".format(reason))
        self.stop()

    async def _tick(self):
        """Let time pass for all that counts it."""
        while True:
            now = self.clock.up_ms()
            self.coalescer.tick(now)
            self.batches.tick()
            self.uplink.step()
            self.outbox.tick(self.uplink.confirming)
            self.log.send()
            self.upkeep.show(now)
            self.pulse.step(now)
            await asyncio.sleep(_TICK_S)

    async def _tell_time(self):
        """Without a word from the agent, from where the broker is: that is the agent's Pi."""
        from gateway.sntp import Fallback

        host = self.settings.mqtt["host"]
        await Fallback(self.clock, host, self.board.random_bytes, self.log.say).run()

    async def _flush(self):
        """Give the agent a moment to confirm what is still held."""
        self.coalescer.flush()
        if self.batches.has_reads:
            self.batches.close()
        left = _FLUSH_S
        while len(self.outbox) and self.client.connected and left > 0:
            self.uplink.step()
            await asyncio.sleep(_TICK_S)
            left -= _TICK_S
        self.outbox.save()

    # What the client tells

    def link_up(self):
        gc.collect()  # what the last link left behind, before a whole window goes again
        self._link_trouble = None
        self._publish_status()
        self.log.link_is_new()
        self.uplink.link_is_new()
        self.uplink.step()

    def link_down(self, why):
        if why != self._link_trouble:
            self._link_trouble = why
            mqtt = self.settings.mqtt
            self.board.tell("broker {}:{}: {}".format(mqtt["host"], mqtt.get("port", 1883), why))

    def message(self, topic, payload, retained):
        self.inbox.message(topic, payload, retained)
        self.uplink.step()

    def failed(self, error):
        self._report("mqtt", error)

    def published(self, packet_id):
        self.log.published(packet_id)
        self.uplink.broker_acked(packet_id)

    # What commands and config ask

    @property
    def readers(self):
        return self.settings.readers

    def use(self, radio):
        """Read with these settings from the next slot on."""
        self.radio = radio
        self.filter.accept_only(radio.prefixes)
        for station in self.stations:
            station.use(radio)

    async def watch(self, tap, seconds):
        """Show `tap` the reads of our tags for so long."""
        if self.intake.tap is not None:
            raise ValueError("another sweep is under way")
        self.intake.tap = tap
        try:
            await asyncio.sleep(seconds)
        finally:
            self.intake.tap = None

    def identify(self, seconds):
        self.upkeep.identify(seconds)

    def reboot(self):
        self.restart("command")

    def self_test(self):
        return self_test(self)

    def _action(self, name):
        if self._actions is None:
            from gateway.actions import Actions  # only once it is needed: 5 KB

            self._actions = Actions(self)
        return self._actions.get(name)

    def _configure(self, payload):
        if self._config.take(payload, self):
            self._publish_status()

    # Small publishing

    def _publish_status(self):
        self.client.publish(self.channel + "status", self.status.payload(), 1, True)

    def _reply(self, payload):
        self.client.publish(self.channel + "reply", payload, 1)

    def _unowned(self, loop, context):
        """What a task without an owner could not handle."""
        self._report("unknown", context.get("exception") or context["message"])

    def _report(self, name, error):
        text = "task {} failed: {}".format(name, repr(error))
        self.log.say("error", text, traceback_text(error))
