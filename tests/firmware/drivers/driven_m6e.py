"""The M6e driver on a scripted module, with short waits."""

import asyncio
import time

from drivers.m6e import talk as m6e_talk
from drivers.m6e.driver import M6e
from drivers.reader import Radio

from tests.firmware.drivers.fake_m6e import (
    ScriptedM6e,
    reply,
)
from tests.firmware.fakes import FakeClock, Sink

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
OTHER = bytes.fromhex("3414257BF4000000000DBBB2")
US = Radio("US", {1: 20}, 0, [])
START = bytes.fromhex("000001220000050722100 01B03E80016".replace(" ", ""))
HOT = reply(0x22, b"", 0x0504)


class RunningClock(FakeClock):
    """Real time in a slot, else still; `step` more at each look."""

    step = 0
    _began = None

    def run(self):
        self._began = _real_ms()

    def up_ms(self):
        self.ms += self.step
        return self.ms + (_real_ms() - self._began if self._began is not None else 0)


def _real_ms():
    return time.ticks_ms() if hasattr(time, "ticks_ms") else int(time.monotonic() * 1000)


def hurried(scenario):
    """Run it with short waits: the scripted module answers at once."""
    real = m6e_talk._PROBE_S, m6e_talk._WAKE_STEP_S, m6e_talk._REPLY_S
    m6e_talk._PROBE_S, m6e_talk._WAKE_STEP_S, m6e_talk._REPLY_S = 0.02, 0, 0.1
    try:
        asyncio.run(scenario)
    finally:
        m6e_talk._PROBE_S, m6e_talk._WAKE_STEP_S, m6e_talk._REPLY_S = real


def driven(work, module=None, antennas=(1,), radio=US):
    """Run `work(driver, module, sink)` on a driver opened and set up; returns (module, sink)."""
    module = module or ScriptedM6e()
    sink = Sink()

    async def scenario():
        driver = M6e(module, list(antennas), sink, RunningClock(5000))
        await driver.open()
        try:
            if radio is not None:
                await driver.configure(radio)
            module.commands.clear()
            await work(driver, module, sink)
        finally:
            await driver.close()

    hurried(scenario())
    return module, sink


def raised(work, kind, module=None, antennas=(1,), radio=US):
    """The error of this kind that `work` raises."""
    caught = []

    async def scenario(driver, module, sink):
        try:
            await work(driver, module, sink)
        except kind as error:
            caught.append(error)

    driven(scenario, module, antennas, radio)
    assert caught, "nothing raised"
    return caught[0]


async def nothing(driver, module, sink):
    pass


async def one_slot(driver, module, sink):
    driver._clock.run()
    await driver.stream(20)
