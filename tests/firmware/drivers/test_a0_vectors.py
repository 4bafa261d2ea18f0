"""The A0 driver speaks the sample frames of the public sources."""

from drivers.a0.driver import A0
from drivers.reader import Radio

from tests.firmware.drivers.a0_module import A0Module, driven
from tests.firmware.fakes import vectors

NOT_SENT = {
    "get firmware",  # by broadcast: it is how the address is learned
    "session S1 target A",  # not by broadcast
    "set power 30 all",  # 66 spares the flash
    "fast switch ant 1 only",  # 8B does it
    "set baud 115200",
    "set baud 38400",
    "set address 2",
    "return loss at 915 MHz",
    "antenna detector off",
    "link profile D1",
    "buffer inventory",
    "real-time inventory",  # 8B says the session, 89 does not
    "real-time inventory FF",
    "session S1 A SL phase repeat",
    "get buffer",
    "get and reset buffer",
    "buffer count",
    "reset buffer",
    "kill",
    "block write",
    "set region FCC full",  # its ends lie on the band's edges
    "set region ETSI",
    "set region user 915000 kHz, 500 kHz x 10",
}
SENT_TO_TAGS = {  # see test_a0_access.py
    "read TID 6 words",
    "read TID 6 words, no password",
    "write EPC word 2 x6",
    "lock EPC",
    "match EPC",
    "cancel match",
}


def test_the_drivers_commands_are_those_of_the_sources():
    async def work(driver, module, sink):
        await driver.close()
        for antennas, radio in (
            (1, Radio("US", {1: 30})),
            (1, Radio("EU", {1: 30}, 1)),
            (4, Radio("US", {1: 30, 2: 30, 3: 26, 4: 20})),
            (4, Radio("US", {1: 30, 2: 30, 3: 30, 4: 30})),
        ):
            driver = A0(module, [1, 2, 3, 4][:antennas], sink, driver._clock)
            await driver.open()
            module.region = b""
            module.power = b"\x05"
            await driver.configure(radio)
            await driver.stream(1)
            await driver.temperature()
            await driver._reset()
            await driver.close()

    module = A0Module()
    driven(work, module)
    sent = set(module.frames)
    missing = {
        vector["name"]
        for vector in vectors("frames_a0")
        if vector["direction"] == "host>module" and bytes.fromhex(vector["hex"]) not in sent
    }
    assert missing == NOT_SENT | SENT_TO_TAGS, missing ^ (NOT_SENT | SENT_TO_TAGS)
