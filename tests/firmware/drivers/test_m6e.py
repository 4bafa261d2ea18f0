"""The M6e driver finds its module and brings settings into it."""

import asyncio

from drivers.errors import LinkLost, ModuleFault, NotSupported, WrongAnswer
from drivers.m6e.driver import M6e
from drivers.m6e.frames import build
from drivers.reader import Radio

from tests.firmware.drivers.driven_m6e import (
    EPC,
    START,
    US,
    driven,
    hurried,
    nothing,
    one_slot,
    raised,
)
from tests.firmware.drivers.fake_m6e import (
    ScriptedM6e,
    reply,
    streamed,
)
from tests.firmware.fakes import FakeClock, Sink


def test_every_rate_is_found():
    for baud in (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600):
        module, _ = driven(nothing, ScriptedM6e(baud), radio=None)
        assert module.closed == 1


def test_a_module_still_reading_is_stopped_before_it_is_asked_anything():
    module = ScriptedM6e()
    seen = []

    class Reading(ScriptedM6e):
        def _do(self, op, data):
            seen.append(op)
            super()._do(op, data)

    module = Reading()
    module.late = [streamed(EPC)] * 30
    driven(nothing, module, radio=None)
    assert seen[:3] == [0x2F, 0x03, 0x0C]


def test_a_sleeping_module_is_woken():
    module = ScriptedM6e()
    module.asleep = True
    driven(nothing, module, radio=None)
    assert not module.asleep


def test_a_boot_loader_is_left():
    module = ScriptedM6e()
    module.in_boot_loader = True
    driven(nothing, module, radio=None)
    assert not module.in_boot_loader


def test_the_version_names_model_firmware_and_hardware():
    said = []

    async def work(driver, module, sink):
        said.append(await driver.open())

    driven(work)
    assert said == ["M6e Nano 01.07.01.02, hardware 30.00.00.02"]


def test_a_boot_message_while_opening_is_the_version():
    module = ScriptedM6e()
    module.answers[0x03] = 0x0101
    boot = reply(0x04, ScriptedM6e.VERSION)

    class Booting(ScriptedM6e):
        def _do(self, op, data):
            if op == 0x03:
                self.send(boot)
            else:
                super()._do(op, data)

    driven(nothing, Booting(), radio=None)


def test_a_silent_port_is_given_up():
    async def scenario():
        module = ScriptedM6e()
        module.mute = True
        driver = M6e(module, [1], Sink(), FakeClock())
        said = ""
        try:
            await asyncio.wait_for(driver.open(), 8)
        except LinkLost as error:
            said = str(error)
        await driver.close()
        assert "scripted" in said

    hurried(scenario())


def test_configure_sets_and_reads_back():
    async def work(driver, module, sink):
        await driver.configure(Radio("EU", {1: 23.5}, 1, []))

    module, _ = driven(work, radio=None)
    assert module.commands == [
        (op, bytes.fromhex(data))
        for op, data in (
            (0x2F, "000002"),
            (0x98, "00"),
            (0x93, "0005"),
            (0x63, ""),
            (0x71, ""),
            (0x97, "08"),
            (0x67, ""),
            (0x91, "0101"),
            (0x91, "020101"),
            (0x62, "01"),
            (0x64, "01"),
            (0x92, "092E"),
            (0x62, "00"),
            (0x94, "092E"),
            (0x64, "00"),
            (0x6A, "010C"),
            (0x9A, "010C00"),
            (0x6A, "010C"),
            (0x6A, "0109"),
            (0x9B, "050001"),
            (0x6B, "0500"),
            (0x9B, "05010000"),
            (0x6B, "0501"),
            (0x9B, "051200"),
            (0x6B, "0512"),
        )
    ]


def region_set(region, listed):
    module, _ = driven(nothing, ScriptedM6e(regions=listed), radio=None)

    async def work(driver, module, sink):
        await driver.configure(Radio(region))

    module, _ = driven(work, ScriptedM6e(regions=listed), radio=None)
    return [data[0] for op, data in module.commands if op == 0x97]


def test_each_region_is_the_first_of_its_codes_that_the_module_lists():
    nano, hecto = "0D0E04050608090B0CFF", "0102030405060B"
    assert [region_set(name, nano) for name in ("US", "EU", "CN", "IN", "JP", "KR", "AU")] == [
        [0x0D],
        [0x08],
        [0x06],
        [0x04],
        [0x05],
        [0x09],
        [0x0B],
    ]
    assert [region_set(name, hecto) for name in ("US", "EU", "KR")] == [[0x01], [0x02], [0x03]]


def test_a_region_that_the_module_lacks_is_named():
    async def work(driver, module, sink):
        await driver.configure(Radio("JP"))

    error = raised(work, NotSupported, ScriptedM6e(regions="0D08"), radio=None)
    assert "JP" in str(error) and "m6e" in str(error)


def test_a_region_the_family_has_no_code_for_and_none_at_all_are_refused():
    for region in ("BR", None):

        async def work(driver, module, sink, region=region):
            await driver.configure(Radio(region))

        module = ScriptedM6e()
        raised(work, NotSupported, module, radio=None)
        assert 0x97 not in [op for op, _ in module.commands]


def test_nothing_is_on_air_before_the_settings_are_in():
    module = ScriptedM6e()
    raised(one_slot, NotSupported, module, radio=None)
    assert not module.commands


def test_a_value_that_does_not_read_back_is_a_wrong_answer():
    for op, back in (
        (0x67, b"\x01"),
        (0x63, b"\x00\x03"),
        (0x6B, b"\x05\x00\x03"),
        (0x62, b"\x00"),
    ):

        async def work(driver, module, sink, op=op, back=back):
            module.answers[op] = back
            await driver.configure(US)

        raised(work, WrongAnswer)


def test_a_power_that_the_module_cannot_give_is_refused_with_its_limits():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", {1: 30}))

    assert "0.0 to 27.0 dBm, not 30" in str(raised(work, NotSupported))


def test_without_a_power_the_module_keeps_its_own():
    module, _ = driven(nothing, radio=Radio("US"))

    async def work(driver, module, sink):
        await driver.configure(Radio("US"))

    module, _ = driven(work)
    assert not {0x92, 0x94} & {op for op, _ in module.commands}


def test_a_refused_setting_names_the_code():
    async def work(driver, module, sink):
        module.answers[0x92] = 0x0103
        await driver.configure(US)

    fault = raised(work, ModuleFault)
    assert fault.code == 0x0103 and "power too high" in str(fault)


def test_antennas_of_a_multiplexer_have_a_power_each():
    radio = Radio("US", {11: 20, 13: 25.25})

    async def work(driver, module, sink):
        await driver.configure(radio)

    module, _ = driven(work, antennas=(11, 12, 13), radio=None)
    sent = [data for op, data in module.commands if op in (0x91, 0x9A)]
    assert sent[:4] == [
        bytes.fromhex(data)
        for data in (
            "010303",
            "0101",
            "02010102020303",
            "04" + "0107D007D00000" + "0208FC08FC0000" + "0309DD09DD0000",
        )
    ]


def test_a_port_of_0_dbm_does_not_get_the_power_of_all_ports():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", {1: 0, 2: 10}))

    module, _ = driven(work, antennas=(1, 2))
    assert [data for op, data in module.commands if op in (0x92, 0x94)] == [b"\x00\x00"] * 2


def test_one_prefix_is_masked_on_the_air_to_the_bit():
    for prefix, chosen in (
        ("3414257BF4", "00000000000000202" + "83414257BF4"),
        ("341", "00000000" + "00000020" + "0C" + "3410"),
    ):
        module = ScriptedM6e()
        driven(one_slot, module, radio=Radio("US", {}, 0, [prefix]))
        start = next(data for op, data in module.commands if op == 0x2F)
        body = bytes.fromhex("14001B03E80016" + chosen)
        assert start == bytes.fromhex("00000122000005") + bytes([len(body), 0x22]) + body


def test_several_prefixes_are_left_to_the_filter():
    module, _ = driven(one_slot, radio=Radio("US", {}, 0, ["34", "35"]))
    assert module.commands[0] == (0x2F, START)


def test_the_start_is_the_known_one_but_for_its_metadata():
    known = bytes.fromhex("ff102f00000122000005072210001b03e801ffdd2b")
    assert build(0x2F, START[:-2] + b"\x01\xff") == known
