"""The M100 driver on a scripted module, opened and set up."""

from drivers.m100.driver import M100
from drivers.reader import Radio

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink, response, run_scripted

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
US = Radio("US", {1: 20}, 0, [])
NO_TAG = response(0xFF, b"\x15")


def driven(work, module=None, radio=US):
    """Run `work(driver, module, sink)` on a driver that is opened and, with a `radio`, set up;
    returns (module, sink)."""
    module = module or ScriptedModule()
    sink = Sink()

    async def scenario():
        driver = M100(module, [1], sink, FakeClock(5000))
        await driver.open()
        try:
            if radio:
                await driver.configure(radio)
            module.commands.clear()
            await work(driver, module, sink)
        finally:
            await driver.close()

    run_scripted(scenario())
    return module, sink


def raised(work, kind, module=None, radio=US):
    """The error of this kind that `work` raises."""
    caught = []

    async def scenario(driver, module, sink):
        try:
            await work(driver, module, sink)
        except kind as error:
            caught.append(error)

    driven(scenario, module, radio)
    assert caught, "nothing raised"
    return caught[0]


class Recording(ScriptedModule):
    """Keeps all commands, also those that others clear."""

    def __init__(self):
        super().__init__()
        self.all = []

    def frame(self, kind, command, start, length):
        super().frame(kind, command, start, length)
        self.all.append(self.commands[-1])


async def nothing(driver, module, sink):
    pass
