"""The gateway: `main.py SETTINGS.json --data DIR [--until-eof]` puts the parts together.

Runs on MicroPython and CPython. `--data` stands for the board's flash. With `--until-eof` the
end of standard input stops the gateway in order, so that whoever started it can stop it, and
cannot die without it noticing; on CPython SIGINT and SIGTERM stop it in order too.
"""

import asyncio
import gc
import sys

import board.compact  # noqa: F401 - before all others, for what it does when imported
from board.here import TICKS_PERIOD, Board
from boot import RESTART
from drivers.families import driver_of
from gateway import crash
from gateway.batches import Batches
from gateway.boot_id import next_boot_id
from gateway.clock import Clock
from gateway.coalescer import Coalescer
from gateway.coalescer_settings import CoalescerSettings
from gateway.commands import Commands
from gateway.config import BadSettings, config_hash, parse_config, parse_settings
from gateway.foreign import Filter
from gateway.health import self_test
from gateway.inbox import Inbox
from gateway.intake import Intake
from gateway.log import Log
from gateway.lost import Lost
from gateway.mqtt import Client, MqttSettings
from gateway.outbox import Outbox
from gateway.progress import stuck
from gateway.spool import Spool
from gateway.station import Station
from gateway.status import Status
from gateway.tasks import Tasks
from gateway.trial import Trial
from gateway.turns import Turns
from gateway.upkeep import Upkeep
from gateway.uplink import Uplink
from gateway.wifi import Keeper

FIRMWARE = "0.1.0"

_TICK_S = 0.05  # batches close and sendings start at most this late
_FEED_MS = 1_000
_FLUSH_S = 1  # at a stop, how long the agent has to confirm what is held
_GOODBYE_S = 1  # and how long the broker has to take what was queued last
_USUAL = ("start", "power", "command")  # reasons for a boot that need no word
_CONFIG_FILE = "config.json"
_OWNER_FILE = "owner"


class Gateway:
    """All parts of one gateway, wired; `run` lasts until `stop`."""

    def __init__(self, settings, board, slots=None):
        self.settings = settings
        self.board = board
        self.slots = slots  # where it was started from, boot.py's; None: from a folder
        self._trial = slots and Trial(slots)
        self.clock = Clock(board.ticks_ms, TICKS_PERIOD)
        lost = Lost(board)
        spool = Spool(board, board.outbox_blocks)
        spool.recover(lost)
        boot, warning = next_boot_id(board, spool.last_boot())
        channel = "rollcall/{}/{}/".format(settings.site, settings.gateway)
        self.channel = channel
        self.log = Log(channel + "log", self.clock, board.tell)
        self.outbox = Outbox(boot, board.outbox_bytes, self.clock, spool, lost)
        self._own_the_outbox()
        self.batches = Batches(self.outbox, settings.antennas, self.clock)
        self.coalescer = Coalescer(
            self.batches.add, CoalescerSettings(board.coalescer_tags, board.coalescer_tracks)
        )
        self.filter = Filter(settings.radio.prefixes)
        self.intake = Intake(self.filter, self.coalescer, self.batches)
        self.radio = settings.radio
        self.stations = [self._station(reader) for reader in settings.readers]
        self.turns = Turns(self.stations)
        families = [reader.family for reader in settings.readers]
        self.status = Status(boot, board.hw, FIRMWARE, families, board.reset)
        self.client = Client(
            self._mqtt_settings(), self, self.clock, board.random_bytes, board.outgoing_bytes
        )
        self.uplink = Uplink(
            self.outbox,
            self.client,
            self.clock,
            channel + "reads/",
            settings.broker_confirms,
            board.window_bytes,
        )
        self.inbox = Inbox(
            settings.site,
            settings.gateway,
            self.clock,
            self.uplink,
            Commands(self.clock, self._action, self._reply, self._report),
            self._configure,
            self.log.say,
        )
        self.client.settings.topics = self.inbox.topics
        self.tasks = Tasks(self._report, self.clock)
        self._stop = asyncio.Event()
        self._link_trouble = None
        self._fed_ms = 0
        self._stuck = None  # what does not get on, once it was said
        self._actions = None
        self.restarts = None  # why it is to start again once it has stopped, in a word or two
        board.use_led(settings.led)
        wifi = board.wifi and Keeper(board.wifi, self.clock, self.log.say, self.restart)
        self._wifi = wifi
        self.upkeep = Upkeep(self, wifi)
        if warning:
            self.log.say("warning", warning)
        if board.reset not in _USUAL:
            self.log.say("warning", "this boot began after: {}".format(board.reset))
        crash.tell(board, self.log.say)
        if slots and slots.note:
            self.log.say("error", slots.note)

    async def run(self):
        """Work until `stop()`, then stop in order: radio, reads, uplink, link."""
        asyncio.get_event_loop().set_exception_handler(self._unowned)
        self.log.client = self.client
        self._load_config()
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

    # Tasks

    async def _tick(self):
        """Let time pass for the coalescer, the batches and the uplink."""
        while True:
            self.coalescer.tick(self.clock.up_ms())
            self.batches.tick()
            self.uplink.step()
            self.outbox.tick(self.uplink.confirming)
            self.log.send()
            self.upkeep.show(self.clock.up_ms())
            self._try_slot()
            self._feed_watchdog()
            await asyncio.sleep(_TICK_S)

    def _try_slot(self):
        trouble = self._trial and self._trial.step(self.clock.up_ms(), self.uplink.own_confirmed)
        if trouble and self.restarts is None:
            self.restart(trouble)

    def _feed_watchdog(self):
        """A reader that waits for its turn, or for a region, is known to be idle."""
        now = self.clock.up_ms()
        if now - self._fed_ms < _FEED_MS:
            return
        self._fed_ms = now
        moved = {s.name: s.moved_ms for s in self.stations if s.may_transmit or not s.ready}
        trouble = stuck(now, moved, self.uplink.owed_since_ms())
        if trouble is None:
            self.board.feed_watchdog()
            self._stuck = None
        elif trouble != self._stuck:
            self._stuck = trouble
            self.board.leave_breadcrumb(trouble)
            self.log.say("error", trouble)

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

    # What commands ask (gateway/actions.py)

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

    def restart(self, reason):
        """Stop in order, and start again; the next boot says why."""
        if self.restarts is None:
            self.restarts = reason
            self.log.say("info", "starting again: {}".format(reason))
        self.stop()

    def self_test(self):
        return self_test(self)

    def _action(self, name):
        if self._actions is None:
            from gateway.actions import Actions  # only once it is needed: 5 KB

            self._actions = Actions(self)
        return self._actions.get(name)

    # Settings

    def _load_config(self):
        """Start with the config that was applied last: the broker may be away."""
        payload = self.board.read_file(_CONFIG_FILE)
        if payload:
            self._apply_config(payload)

    def _configure(self, payload):
        if self.status.config == config_hash(payload):
            return
        if self._apply_config(payload):
            self._publish_status()
            try:
                self.board.write_file(_CONFIG_FILE, payload)
            except OSError as error:  # full or worn flash: it works on until the next start
                self.log.say("error", "config cannot be kept: {}".format(error))

    def _apply_config(self, payload):
        try:
            radio, config = parse_config(payload, self.settings.readers, self.radio)
        except BadSettings as error:
            self.log.say("error", "config refused, the old one stays: {}".format(error))
            return False
        self.use(radio)
        self.status.config = config
        self.log.say("info", "config {} applied".format(config))
        return True

    def _own_the_outbox(self):
        """What is held from before this gateway had its id would arrive under a wrong name."""
        owner = "{}/{}".format(self.settings.site, self.settings.gateway).encode()
        before = self.board.read_file(_OWNER_FILE)
        if before == owner:
            return
        if before and len(self.outbox):
            count = len(self.outbox)
            self.outbox.give_up_all()
            self.log.say("warning", "{} batches of {} given up".format(count, before.decode()))
        self.board.write_file(_OWNER_FILE, owner)

    def _station(self, reader):
        driver = driver_of(reader.family)
        port = self.board.port(reader.port)
        module = driver(port, reader.antennas, self.intake, self.clock)
        return Station(reader.port, module, self.radio, self.clock, self.log.say, self._report)

    def _mqtt_settings(self):
        settings = self.settings
        mqtt = settings.mqtt
        return MqttSettings(
            mqtt["host"],
            mqtt.get("port", 1883),
            "rollcall-{}-{}".format(settings.site, settings.gateway),
            [],
            (self.channel + "status", self.status.will()),
            mqtt.get("user"),
            mqtt.get("password"),
            self.board.tls(mqtt),
        )

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
        self.log.say("error", text, self.board.traceback_text(error))


async def _run(gateway, until_eof):
    gateway.board.on_signals(gateway.stop)
    watcher = asyncio.create_task(_stop_at_eof(gateway)) if until_eof else None
    await gateway.run()
    if watcher:
        watcher.cancel()


async def _stop_at_eof(gateway):
    await gateway.board.input_closed()
    gateway.stop()


def main(arguments, slots=None):
    """Exit status: 0 stopped in order, 1 a failure, 2 wrong usage or settings, 3 start again."""
    until_eof = "--until-eof" in arguments
    words = [word for word in arguments if word != "--until-eof"]
    if len(words) != 3 or words[1] != "--data":
        sys.stderr.write("usage: main.py SETTINGS.json --data DIR [--until-eof]\n")
        return 2
    try:
        with open(words[0], "rb") as file:
            settings = parse_settings(file.read())
    except BadSettings as error:
        return _fail(words[0], error, 2)
    except OSError as error:
        return _fail(words[0], error)
    try:
        board = Board(words[2])
        board.began()
    except OSError as error:
        return _fail(words[2] + ": cannot keep data there", error)
    while True:
        try:
            gateway = _gateway(settings, board, slots)
            asyncio.run(_run(gateway, until_eof))
        except KeyboardInterrupt:  # only MicroPython, which has no handlers: the will says the rest
            return _interrupted(slots)
        except OSError as error:
            crash.keep(board, board.traceback_text(error))
            board.crashed()
            return _fail(words[2] + ": cannot go on", error)
        except Exception as error:  # noqa: BLE001 - a bug, or no memory: the next boot tells it
            text = board.traceback_text(error)
            crash.keep(board, text)
            board.tell(text)
            board.crashed()
            return 1
        board.ended()
        if slots:
            slots.went_on()
        if gateway.restarts is None:
            return 0
        if slots:
            board.leave_breadcrumb(gateway.restarts)
            return RESTART
        board.reboot(gateway.restarts)


def _interrupted(slots):
    if slots:  # a board's prompt is for whoever pressed Ctrl-C
        raise KeyboardInterrupt
    return 1


def _gateway(settings, board, slots):
    if slots and slots.safe:
        from gateway.safe import SafeGateway  # seldom, and then little else is

        return SafeGateway(settings, board, slots, FIRMWARE, TICKS_PERIOD)
    return Gateway(settings, board, slots)


def _fail(where, error, status=1):
    sys.stderr.write("gateway: {}: {}\n".format(where, error))
    return status


if __name__ == "__main__":
    if sys.platform == "esp32":  # frozen, or installed without slots
        import boot

        boot.start()
    sys.exit(main(sys.argv[1:]))
