"""A UHFReader18 driver on a scripted module: what its tests share."""

import asyncio
import time

from drivers.reader import Radio
from drivers.uhfreader18 import driver as uhfreader18
from drivers.uhfreader18 import talk as uhfreader18_talk
from drivers.uhfreader18.driver import UhfReader18

from tests.firmware.drivers.fake_uhfreader18 import READER288M, FakeUhf
from tests.firmware.fakes import Sink

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
TID = bytes.fromhex("E2801160200000010000ABCD")
US = Radio("US")


class RealClock:
    """Time that passes while a module is mute."""

    def up_ms(self):
        if hasattr(time, "ticks_ms"):
            return time.ticks_ms()
        return int(time.monotonic() * 1000)


def driven(work, module=None, antennas=(1,)):
    """Run `work(driver, module, sink)` on an opened driver; returns (module, sink)."""
    module = module or FakeUhf()
    sink = Sink()

    async def scenario():
        driver = UhfReader18(module, list(antennas), sink, RealClock())
        await driver.open()
        try:
            await work(driver, module, sink)
        finally:
            await driver.close()

    run_scripted(scenario())
    return module, sink


def run_scripted(coroutine):
    """Run what talks to a scripted module: that one answers at once, so nothing need wait."""
    real = uhfreader18_talk._PROBE_S, uhfreader18._AFTER_FULL_S
    uhfreader18_talk._PROBE_S = uhfreader18._AFTER_FULL_S = 0.02
    try:
        asyncio.run(coroutine)
    finally:
        uhfreader18_talk._PROBE_S, uhfreader18._AFTER_FULL_S = real


def raised(work, kind, module=None, antennas=(1,)):
    """The error of this kind that `work` raises."""
    caught = []

    async def scenario(driver, module, sink):
        try:
            await work(driver, module, sink)
        except kind as error:
            caught.append(error)

    driven(scenario, module, antennas)
    assert caught, "nothing raised"
    return caught[0]


def configured(radio, kind=READER288M, antennas=(1,), prepare=None):
    """The module after `radio` was brought into it, and the commands that took."""
    module = FakeUhf(kind)
    if prepare:
        prepare(module)

    async def work(driver, module, sink):
        module.commands.clear()
        await driver.configure(radio)

    driven(work, module, antennas)
    return module


def streamed(sees, kind=READER288M, antennas=(1,), radio=US, slot_ms=0):
    """(driver's crc_errors, sink) after one slot in which the module had `sees`."""
    module = FakeUhf(kind)
    errors = []

    async def work(driver, module, sink):
        await driver.configure(radio)
        module.sees = sees
        await driver.stream(slot_ms)
        errors.append(driver.crc_errors)

    _, sink = driven(work, module, antennas)
    return errors[0], sink


async def nothing(driver, module, sink):
    pass
