"""Readers take turns, keep silent without a region, and trouble at one leaves the other going."""

import asyncio

from drivers.m100.driver import M100
from drivers.reader import Radio
from gateway.station import Station
from gateway.tasks import Tasks, cancel
from gateway.turns import Turns

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink, notice, run_scripted

US = Radio("US")


class Watched(ScriptedModule):
    """A module that complains when it is told to poll while another does."""

    together = 0
    others = ()

    def frame(self, kind, command, start, length):
        if command == 0x27:
            Watched.together += any(other.polling for other in self.others)
        super().frame(kind, command, start, length)

    @property
    def slots(self):
        return len([command for command, _ in self.commands if command == 0x27])


class Bench:
    def __init__(self, count, radio):
        Watched.together = 0
        self.said = []
        self.failed = []
        self.modules = [Watched() for _ in range(count)]
        for module in self.modules:
            module.others = [other for other in self.modules if other is not module]
        self.stations = [
            Station(
                str(place),
                M100(module, [place], Sink(), FakeClock()),
                radio,
                FakeClock(),
                lambda level, text: self.said.append(text),
                lambda name, error: self.failed.append((name, str(error))),
            )
            for place, module in enumerate(self.modules)
        ]
        self.turns = Turns(self.stations)

    def run(self, scenario):
        async def whole():
            tasks = [asyncio.create_task(station.keep()) for station in self.stations]
            turning = asyncio.create_task(self.turns.run())
            try:
                await scenario(self)
            finally:
                self.turns.stop()
                await turning
                for task in tasks:
                    await cancel(task)
                for station in self.stations:
                    await station.close()

        run_scripted(whole())
        return self


async def until(condition, seconds=5):
    left = seconds
    while not condition():
        assert left > 0, "did not come"
        await asyncio.sleep(0.02)
        left -= 0.02


def test_two_readers_take_turns_and_never_transmit_together():
    async def scenario(bench):
        await until(lambda: all(module.slots >= 4 for module in bench.modules))

    bench = Bench(2, US).run(scenario)
    first, second = [module.slots for module in bench.modules]
    assert abs(first - second) <= 1 and Watched.together == 0


def test_nothing_transmits_without_a_region_and_a_config_starts_it():
    async def scenario(bench):
        await until(lambda: all(station.ready for station in bench.stations))
        await asyncio.sleep(0.3)
        assert [module.slots for module in bench.modules] == [0]
        assert 0x07 not in [command for command, _ in bench.modules[0].commands]
        bench.stations[0].use(US)
        await until(lambda: bench.modules[0].slots > 0)

    Bench(1, Radio()).run(scenario)


def test_changed_settings_are_in_the_module_before_its_next_slot():
    async def scenario(bench):
        module = bench.modules[0]
        await until(lambda: module.slots >= 1)
        bench.stations[0].use(Radio("EU"))
        await until(lambda: (0x07, b"\x03") in module.commands)
        commands = [command for command, _ in module.commands]
        place = module.commands.index((0x07, b"\x03"))
        assert 0x27 in commands[:place] and 0x28 in commands[:place]

    Bench(1, US).run(scenario)


def test_a_mute_reader_is_opened_again_while_the_other_goes_on():
    async def scenario(bench):
        deaf, other = bench.modules
        await until(lambda: deaf.slots >= 1 and other.slots >= 1)
        deaf.mute = True
        await until(lambda: not bench.stations[0].ready, 3)
        slots = other.slots
        await until(lambda: other.slots >= slots + 3)
        deaf.mute = False
        deaf.polling = False
        heard = deaf.slots
        await until(lambda: deaf.slots > heard, 8)

    bench = Bench(2, US).run(scenario)
    assert bench.modules[0].opened >= 2 and bench.modules[1].opened == 1
    assert any("mute" in text for text in bench.said)


def test_a_mute_module_with_an_enable_pin_is_switched_off_and_on():
    async def scenario(bench):
        module = bench.modules[0]

        async def power_cycle():
            module.mute = module.polling = False

        module.has_power = True
        module.power_cycle = power_cycle
        await until(lambda: module.slots >= 1)
        module.mute = True
        await until(lambda: not module.mute)
        heard = module.slots
        await until(lambda: module.slots > heard)

    bench = Bench(1, US).run(scenario)
    assert "reader 0: switched off and on" in bench.said


def test_a_bug_behind_one_reader_is_reported_and_the_other_goes_on():
    class Broken(Sink):
        def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
            raise ValueError("a bug")

    async def scenario(bench):
        bench.stations[0].reader._sink = Broken()
        bench.modules[0].sees = [notice(b"\x34" * 12)]
        await until(lambda: bench.failed)
        slots = bench.modules[1].slots
        await until(lambda: bench.modules[1].slots > slots)

    bench = Bench(2, US).run(scenario)
    assert bench.failed[0] == ("reader 0", "a bug")
    assert bench.modules[0].opened >= 1


def test_stopping_leaves_every_module_silent():
    async def scenario(bench):
        await until(lambda: bench.modules[0].slots >= 1)

    bench = Bench(2, US).run(scenario)
    assert [module.polling for module in bench.modules] == [False, False]


def test_a_task_that_fails_is_reported_and_started_again():
    reports = []
    runs = []

    async def fails_once():
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("once")
        await asyncio.sleep(60)

    async def scenario():
        tasks = Tasks(lambda name, error: reports.append((name, str(error))), FakeClock())
        tasks.start("unlucky", fails_once)
        await until(lambda: len(runs) == 2)
        await tasks.stop()

    asyncio.run(scenario())
    assert reports == [("unlucky", "once")]
