"""The UHFReader18 family's driver finds its module and sets it up."""

import asyncio

from drivers.errors import LinkLost, ModuleFault, NotSupported, WrongAnswer
from drivers.reader import Radio, by_epc
from drivers.uhfreader18.driver import UhfReader18

from tests.firmware.drivers.driven_uhfreader18 import (
    EPC,
    US,
    configured,
    driven,
    nothing,
    raised,
    run_scripted,
)
from tests.firmware.drivers.fake_uhfreader18 import READER18, READER288M, FakeUhf, reply
from tests.firmware.fakes import FakeClock, Sink


def test_every_rate_and_address_is_found():
    for baud in (57600, 115200, 38400, 19200, 9600):
        for address in (0, 7):
            module, _ = driven(nothing, FakeUhf(READER288M, baud, address))
            assert module.closed == 1


def test_a_module_that_reads_by_itself_is_told_to_answer_only():
    for kind, command in ((READER18, (0x35, b"\x00\x06\x04\x00\x01\x00")), (0x20, (0x76, b"\x00"))):
        module = FakeUhf(kind)
        module.send(reply(0xEE, 0, b"\x01\x0c" + EPC + b"\x50") * 3)
        driven(nothing, module)
        assert module.commands[-1] == command


def test_the_version_names_the_model():
    async def work(driver, module, sink):
        said.append(await driver.open())

    for kind, model in ((READER18, "UHFReader18"), (0x0F, "UHFReader86"), (0x55, "type 55")):
        said = []
        driven(work, FakeUhf(kind))
        assert model in said[0] and "3.01" in said[0]


def test_a_silent_port_is_given_up_when_opening():
    async def scenario():
        module = FakeUhf()
        module.mute = True
        driver = UhfReader18(module, [1], Sink(), FakeClock())
        said = ""
        try:
            await asyncio.wait_for(driver.open(), 5)
        except LinkLost as error:
            said = str(error)
        await driver.close()
        assert "scripted" in said

    run_scripted(scenario())


def test_each_region_is_a_band_with_its_ends():
    wanted = {"US": "3180", "EU": "8340", "CN": "1340", "KR": "1FC0"}
    for region, data in wanted.items():
        module = configured(Radio(region), prepare=lambda m: setattr(m, "region", b"\x00\x00"))
        assert (0x22, bytes.fromhex(data)) in module.commands, region


def test_firmware_without_the_four_european_channels_gets_the_band_between_their_ends():
    class Older(FakeUhf):
        def _by_itself(self, command, data):
            if command == 0x22 and data[0] >> 6 == 2:
                return 0xFF, b""
            return FakeUhf._by_itself(self, command, data)

    async def work(driver, module, sink):
        await driver.configure(Radio("EU"))

    module, _ = driven(work, Older())
    assert module.region == bytes([0x40 | 12, 3])


def test_a_region_that_the_module_refuses_is_named():
    async def work(driver, module, sink):
        module.answers[0x22] = (0xFF, b"")
        await driver.configure(Radio("KR"))

    said = str(raised(work, NotSupported, FakeUhf(READER18)))
    assert "KR" in said and "UHFReader18" in said


def test_a_region_that_the_family_lacks_is_not_replaced_by_another():
    async def work(driver, module, sink):
        await driver.configure(Radio("JP"))

    assert "JP" in str(raised(work, NotSupported))


def test_a_region_that_does_not_read_back_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x22] = (0, b"")
        await driver.configure(Radio("CN"))

    raised(work, WrongAnswer)


def test_what_the_module_has_already_is_not_written_again():
    def same(module):
        module.powers, module.beep = [20] * 4, 0

    module = configured(Radio("US", {1: 20}), prepare=same)
    assert {command for command, _ in module.commands} == {0x21, 0x66}


def test_one_power_for_all_ports_is_one_byte_and_read_back():
    module = configured(Radio("US", {1: 20, 2: 20, 9: 5}), antennas=(1, 2))
    assert (0x2F, b"\x14") in module.commands


def test_a_power_for_each_antenna_is_read_back():
    module = configured(Radio("US", {4: 20, 5: 26}), antennas=(4, 5))
    assert module.powers == [20, 26, 30, 30]
    assert module.commands.count((0x94, b"")) == 2


def test_a_power_that_does_not_read_back_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x2F] = (0, b"")
        await driver.configure(Radio("US", {1: 12}))

    raised(work, WrongAnswer)


def test_a_refused_setting_names_the_code():
    async def work(driver, module, sink):
        module.answers[0x2F] = (0xFF, b"")
        await driver.configure(Radio("US", {1: 33}))

    fault = raised(work, ModuleFault)
    assert fault.code == 0xFF and "parameter" in str(fault)


def test_the_beeper_is_switched_off_and_the_ports_in_use_are_named():
    module = configured(US, antennas=(3, 1, 2))
    assert (0x40, b"\x00") in module.commands
    assert (0x3F, b"\x87") in module.commands


def test_what_a_model_does_not_know_is_left_out():
    def simple(module):
        for command in (0x3F, 0x40, 0x66):
            module.answers[command] = (0xFE, b"")

    configured(US, antennas=(1, 2), prepare=simple)


def test_a_uhfreader18_gets_its_shortest_scan_time():
    module = configured(Radio("US", {1: 25}), READER18)
    assert module.scan == 3 and module.powers[0] == 25


def test_a_uhfreader18_has_one_antenna_and_session_0():
    for radio, antennas in ((US, (1, 2)), (Radio("US", session=1), (1,))):

        async def work(driver, module, sink, radio=radio):
            await driver.configure(radio)

        raised(work, NotSupported, FakeUhf(READER18), antennas)


def test_nothing_is_sent_on_the_air_before_a_region_is_set():
    async def stream(driver, module, sink):
        await driver.stream(10)

    async def read(driver, module, sink):
        await driver.read_tid(by_epc(EPC))

    for work in (stream, read):
        raised(work, NotSupported)
