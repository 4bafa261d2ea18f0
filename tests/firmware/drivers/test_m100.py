"""The M100 driver against a scripted module: opening, settings, sleep, trouble."""

import asyncio

from drivers.errors import LinkLost, ModuleFault, NotSupported, WrongAnswer
from drivers.m100.driver import M100
from drivers.m100.frames import AA_DD, BB_7E
from drivers.reader import Radio, by_epc

from tests.firmware.drivers.m100_bench import EPC, US, Recording, driven, nothing, raised
from tests.firmware.fakes import FakeClock, ScriptedModule, Sink


def test_both_framings_and_both_rates_are_found():
    for framing in (BB_7E, AA_DD):
        for baud in (115200, 9600):
            module, _ = driven(nothing, ScriptedModule(framing, baud))
            assert module.closed == 1


def test_the_module_is_silenced_before_it_is_asked_anything():
    module = Recording()
    driven(nothing, module)
    assert module.all[0][0] == 0x28


def configured(radio, version=b"M100 V1.00"):
    """The commands that bring the settings into a module."""

    async def work(driver, module, sink):
        await driver.configure(radio)

    module = ScriptedModule()
    module.version = version
    return driven(work, module, None)[0].commands


def test_configure_sets_and_reads_back():
    assert configured(Radio("EU", {1: 26.0}, 1, [])) == [
        (0x28, b""),
        (0x1D, b"\x00"),
        (0x07, b"\x03"),
        (0x08, b""),
        (0xAD, b"\xff"),
        (0xB6, b"\x0a\x28"),
        (0xB7, b""),
        (0x12, b"\x01"),
        (0x0E, b"\x15\x28"),
        (0x0D, b""),
    ]


def test_each_session_is_asked_for_and_never_with_the_factorys_query():
    for session in range(4):
        query = dict(configured(Radio("US", {}, session)))[0x0E]
        assert query[0] & 3 == session
        assert query != b"\x10\x20"


def test_a_single_prefix_is_masked_on_the_air_by_the_sl_flag():
    commands = dict(configured(Radio("US", {}, 0, ["3414257BF4"])))
    assert commands[0x0C] == bytes.fromhex("810000002028003414257BF4")
    assert commands[0x12] == b"\x00"
    assert commands[0x0E] == b"\x1c\x28"


def test_a_prefix_of_an_odd_number_of_digits_is_masked_to_the_bit():
    commands = dict(configured(Radio("US", {}, 2, ["341"])))
    assert commands[0x0C] == bytes.fromhex("81000000200C003410")


def test_several_prefixes_are_left_to_the_filter():
    commands = dict(configured(Radio("US", {}, 0, ["34", "35"])))
    assert commands[0x12] == b"\x01"
    assert 0x0C not in commands
    assert commands[0x0E] == b"\x14\x28"


def test_the_power_word_of_a_26_dbm_board_stands_for_6_db_more():
    said = {26: 0x07D0, 24.5: 0x073A, 23: 0x06A4, 21.5: 0x060E, 20: 0x0578, 18.5: 0x04E2}
    for power, word in said.items():
        commands = dict(configured(Radio("US", {1: power}), b"M100 26dBm V1.0"))
        assert commands[0xB6] == word.to_bytes(2, "big")
        plain = dict(configured(Radio("US", {1: power})))
        assert plain[0xB6] == round(power * 100).to_bytes(2, "big")


def test_a_power_that_the_board_does_not_have_is_not_another_one():
    for version, power in ((b"M100 26dBm V1.0", 27), (b"M100 26dBm V1.0", 5), (b"x 20dBm", 21)):
        module = ScriptedModule()
        module.version = version

        async def work(driver, module, sink, power=power):
            await driver.configure(Radio("US", {1: power}))

        assert "dBm" in str(raised(work, NotSupported, module, None))


def test_a_region_that_the_family_lacks_is_named():
    for region in ("JP", "IN", "AU"):

        async def work(driver, module, sink, region=region):
            await driver.configure(Radio(region))

        assert region in str(raised(work, NotSupported, None, None))


def test_without_a_region_nothing_is_transmitted():
    async def stream(driver, module, sink):
        await driver.stream(5)

    async def read(driver, module, sink):
        await driver.read_tid(by_epc(EPC))

    async def taken_away(driver, module, sink):
        await driver.configure(US)
        try:
            await driver.configure(Radio())
        except NotSupported:
            pass
        await driver.stream(5)

    for work in (stream, read, taken_away):
        module = Recording()
        raised(work, NotSupported, module, None)
        assert not [command for command, _ in module.all if command in (0x27, 0x22, 0x39)]


def test_a_region_that_does_not_read_back_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x08] = b"\x01"
        await driver.configure(US)

    raised(work, WrongAnswer)


def test_a_mask_that_does_not_read_back_is_a_wrong_answer_and_zeros_behind_it_are_none():
    ours = Radio("US", {}, 0, ["3414257BF4"])
    held = bytes.fromhex("810000002028003414257BF4")
    for back, is_good in ((held + bytes(7), True), (held[:-1] + b"\x00", False), (b"", False)):
        module = ScriptedModule()
        module.answers[0x0B] = back
        if is_good:
            driven(nothing, module, ours)
        else:

            async def work(driver, module, sink):
                await driver.configure(ours)

            raised(work, WrongAnswer, module, None)


def test_a_refused_setting_names_the_code():
    async def work(driver, module, sink):
        module.answers[0xB6] = 0x17
        await driver.configure(US)

    fault = raised(work, ModuleFault)
    assert fault.code == 0x17 and "unknown command" in str(fault)


def test_a_module_put_to_sleep_is_woken_by_the_next_slot_and_told_its_mask_again():
    async def work(driver, module, sink):
        await driver.sleep()
        module.commands.clear()
        module.deaf = 2  # what wakes it, and the first command after
        await driver.stream(5)

    module, _ = driven(work, Sleepy(), Radio("US", {}, 0, ["34"]))
    assert [command for command, _ in module.commands] == [
        0x28,
        0x0C,
        0x0B,
        0x12,
        0x0E,
        0x0D,
        0x27,
        0x28,
    ]


def test_stopping_does_not_wake_a_module():
    async def work(driver, module, sink):
        await driver.sleep()
        module.commands.clear()
        await driver.stop()

    module, _ = driven(work)
    assert not module.commands


class Sleepy(ScriptedModule):
    deaf = 0  # so many commands are lost

    def write(self, data):
        if self.deaf:
            self.deaf -= 1
        else:
            super().write(data)


def test_a_mute_module_is_noticed_within_three_seconds():
    async def work(driver, module, sink):
        module.mute = True
        await asyncio.wait_for(driver.stream(80), 3)

    raised(work, LinkLost)


def test_an_unplugged_port_is_a_lost_link_at_once():
    async def work(driver, module, sink):
        module.unplug()
        await asyncio.sleep(0)
        await asyncio.wait_for(driver.stream(80), 1)

    raised(work, LinkLost)


def test_a_silent_port_is_given_up_when_opening():
    async def scenario():
        module = ScriptedModule()
        module.mute = True
        driver = M100(module, [1], Sink(), FakeClock())
        said = ""
        try:
            await asyncio.wait_for(driver.open(), 5)
        except LinkLost as error:
            said = str(error)
        await driver.close()
        assert "scripted" in said

    asyncio.run(scenario())
