"""The M6e driver against a scripted module."""

import asyncio
import time

from drivers.errors import LinkLost, ModuleFault, NotSupported, TagFault, WrongAnswer
from drivers.m6e import driver as m6e
from drivers.m6e import talk as m6e_talk
from drivers.m6e.driver import M6e
from drivers.m6e.frames import build
from drivers.reader import Radio, TagMask, by_epc, by_tid

from tests.firmware.drivers.fake_m6e import (
    KEEP_ALIVE,
    TEMPERATURE,
    ScriptedM6e,
    record,
    reply,
    streamed,
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


# Opening


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


# Settings


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


# Slots


def test_every_report_of_a_slot_reaches_the_sink_also_after_the_stop():
    async def work(driver, module, sink):
        module.sees = [streamed(EPC, -55), KEEP_ALIVE, TEMPERATURE, streamed(EPC, -70)]
        module.late = [streamed(EPC, -60)]
        await one_slot(driver, module, sink)

    _, sink = driven(work)
    assert [(epc, antenna, rssi) for epc, antenna, rssi, _ in sink.records] == [
        (EPC, 1, tenths) for tenths in (-550, -700, -600)
    ]


def test_a_slot_ends_with_the_module_silent_and_its_looks_told():
    async def work(driver, module, sink):
        module.sees = [streamed(EPC), streamed(OTHER), streamed(OTHER)]
        await one_slot(driver, module, sink)
        assert not module.reading

    _, sink = driven(work)
    ((antenna, rounds, on_air_ms),) = sink.looks
    assert antenna == 1 and rounds >= 2
    assert on_air_ms >= 10


def test_a_pause_for_heat_is_no_time_on_air_and_ends_by_itself():
    async def work(driver, module, sink):
        for module.sees in ([HOT], [HOT, KEEP_ALIVE, streamed(EPC)], [streamed(EPC)]):
            try:
                await one_slot(driver, module, sink)
            except ModuleFault as fault:
                named.append(str(fault))

    named = []
    _, sink = driven(work)
    hot, recovered, cool = [on_air_ms for _, _, on_air_ms in sink.looks]
    assert len(named) == 2 and "over temperature" in named[0]
    assert hot <= 3
    assert recovered > 10 and cool > 10
    assert len(sink.records) == 2


def test_faults_while_reading_are_named():
    for status, word in ((0x0503, "not connected"), (0x0505, "reflects"), (0x7F01, "failed")):

        async def work(driver, module, sink, status=status):
            module.sees = [reply(0x22, b"\x00\x01", status)]
            await one_slot(driver, module, sink)

        assert word in str(raised(work, ModuleFault))


def test_reading_that_ends_by_itself_is_named():
    async def work(driver, module, sink):
        module.sees = [reply(0x2F, b"", 0x0503)]
        await one_slot(driver, module, sink)

    assert "not connected" in str(raised(work, ModuleFault))


def test_a_radio_fault_at_the_start_takes_the_slot_and_no_more():
    async def work(driver, module, sink):
        module.answers[0x2F] = 0x0504
        try:
            await one_slot(driver, module, sink)
        finally:
            assert sink.looks == [(1, 0, 0)]

    assert raised(work, ModuleFault).code == 0x0504


def test_a_start_refused_otherwise_means_lost_settings():
    async def work(driver, module, sink):
        module.answers[0x2F] = 0x010B
        await one_slot(driver, module, sink)

    assert "no such region" in str(raised(work, WrongAnswer))


def test_a_module_that_starts_anew_is_set_up_again():
    boot = reply(0x04, ScriptedM6e.VERSION)

    async def while_reading(driver, module, sink):
        module.sees = [streamed(EPC), boot]
        await one_slot(driver, module, sink)

    async def between_slots(driver, module, sink):
        module.send(boot)
        await asyncio.sleep(0.01)
        await one_slot(driver, module, sink)

    async def while_set_up(driver, module, sink):
        module.answers[0x97] = b""
        module.send(boot)
        await driver.configure(US)

    for work in (while_reading, between_slots, while_set_up):
        assert "anew" in str(raised(work, WrongAnswer))


def test_reads_are_dated_by_the_modules_count():
    async def work(driver, module, sink):
        module.sees = [KEEP_ALIVE, streamed(EPC, time_ms=40)]
        driver._clock.ms = 7000
        await driver.stream(0)
        await asyncio.sleep(0)

    _, sink = driven(work)
    assert [at_ms for _, _, _, at_ms in sink.records] == [7000], "never after its arrival"


def test_a_record_with_a_wrong_tag_crc_or_port_is_counted_and_not_handed_over():
    async def work(driver, module, sink):
        module.sees = [streamed(EPC, crc=0x1234), streamed(EPC, port=3), streamed(EPC, port=2)]
        await one_slot(driver, module, sink)
        assert driver.crc_errors == 2

    _, sink = driven(work, antennas=(5, 6), radio=Radio("US"))
    assert [(epc, antenna) for epc, antenna, _, _ in sink.records] == [(EPC, 6)]
    assert [antenna for antenna, _, _ in sink.looks] == [5, 6]


def test_a_mute_module_is_noticed_within_three_seconds():
    async def work(driver, module, sink):
        m6e_talk._REPLY_S = 0.5
        module.mute = True
        await asyncio.wait_for(driver.stream(80), 3)

    raised(work, LinkLost)


def test_a_module_that_falls_mute_while_it_reads_is_noticed():
    async def work(driver, module, sink):
        driver._clock.step = 1500
        await asyncio.wait_for(driver.stream(60_000), 3)

    assert "mute" in str(raised(work, LinkLost))


def test_an_unplugged_port_is_a_lost_link_at_once():
    async def work(driver, module, sink):
        module.unplug()
        await asyncio.sleep(0)
        await asyncio.wait_for(driver.stream(80), 1)

    raised(work, LinkLost)


def test_noise_on_the_line_costs_no_slot():
    async def work(driver, module, sink):
        module.sees = [b"\xff\xf0\x22\x00", streamed(EPC), b"\x00\xff", streamed(EPC)] * 8
        module.late = [b"\xff\x10"]
        await one_slot(driver, module, sink)
        assert driver.resyncs >= 8

    _, sink = driven(work)
    assert len(sink.records) == 16


# One tag


def access_sent(work, answers=None, **options):
    module = ScriptedM6e()
    module.answers.update(answers or {})
    driven(work, module, **options)
    return module.commands


def test_a_tid_is_read_by_epc_and_by_any_mask():
    tid = bytes(range(12))
    for tag, option, chosen in (
        (by_epc(EPC), 0x11, "60" + EPC.hex()),
        (by_tid(b"\xe2\x00"), 0x12, "00000000" + "10" + "E200"),
        (TagMask(1, 40, 8, b"\x25"), 0x14, "00000028" + "08" + "25"),
        (by_epc(bytes(62)), 0x31, "01F0" + "00" * 62),
    ):
        got = []

        async def work(driver, module, sink, tag=tag, got=got):
            got.append(await driver.read_tid(tag))

        answers = {0x28: bytes([option, 0, 0]) + tid}
        data = "03E8" + "{:02X}".format(option) + "0000" + "02" + "00000000" + "06" + "00000000"
        assert access_sent(work, answers) == [(0x28, bytes.fromhex(data + chosen))]
        assert got == [tid]


def test_writing_an_epc_and_a_password_are_the_captured_commands():
    old, new = bytes.fromhex("E2005186010701870770C4C1"), bytes.fromhex("0123456789ABCDEF")

    async def work(driver, module, sink):
        await driver.write_epc(by_epc(old), new)
        await driver.set_access_password(by_epc(old), 0x3039)
        await driver.lock(by_epc(old), "user", "locked", 0x3039)
        await driver.lock(by_epc(old), "user", "open", 0x3039)

    assert [build(op, data).hex() for op, data in access_sent(work)] == [
        "ff1c2303e8010000000060e2005186010701870770c4c10123456789abcdef5b20",
        "ff1d2403e80100000002000000000060e2005186010701870770c4c100003039a70f",
        "ff182503e801000030390002000260e2005186010701870770c4c1eb70",
        "ff182503e801000030390002000060e2005186010701870770c4c1ed9a",
    ]


def test_locks_are_the_tags_own_bits():
    seen = []
    for memory, how in (
        ("epc", "locked"),
        ("access", "locked-forever"),
        ("kill", "open-forever"),
        ("user", "open"),
    ):

        async def work(driver, module, sink, memory=memory, how=how):
            await driver.lock(by_epc(EPC), memory, how, 7)

        ((_, data),) = access_sent(work)
        seen.append(data[7:11].hex())
    assert seen == ["00200020", "00c000c0", "03000100", "00020000"]


def test_a_tags_refusal_is_a_tags_fault_and_the_modules_own_is_not():
    for status, kind in ((0x0424, TagFault), (0x0400, TagFault), (0x0105, ModuleFault)):

        async def work(driver, module, sink, status=status):
            module.answers[0x23] = status
            await driver.write_epc(by_epc(EPC), OTHER)

        assert raised(work, kind).code == status


def test_a_tag_is_looked_for_at_every_antenna():
    async def work(driver, module, sink):
        try:
            await driver.read_tid(by_epc(EPC))
        except TagFault:
            pass

    commands = access_sent(work, {0x28: 0x0400}, antennas=(1, 2), radio=Radio("US"))
    assert [op for op, _ in commands] == [0x91, 0x28, 0x91, 0x28]
    assert [data for op, data in commands if op == 0x91] == [b"\x01\x01", b"\x02\x02"]


def test_a_write_whose_reply_is_lost_is_not_sent_again():
    class Losing(ScriptedM6e):
        def _do(self, op, data):
            super()._do(op, data)
            if op == 0x23:
                self._out = b""

    async def work(driver, module, sink):
        await driver.write_epc(by_epc(EPC), OTHER)

    module = Losing()
    real, m6e._TAG_REPLY_S = m6e._TAG_REPLY_S, 0.05
    try:
        raised(work, WrongAnswer, module)
    finally:
        m6e._TAG_REPLY_S = real
    assert [op for op, _ in module.commands] == [0x23, 0x03]


def test_no_tag_is_touched_without_a_region():
    async def work(driver, module, sink):
        await driver.read_tid(by_epc(EPC))

    raised(work, NotSupported, radio=None)


# The rest


def test_sleep_and_the_command_after_it():
    async def work(driver, module, sink):
        await driver.sleep()
        module.asleep = True
        await driver.stop()
        assert await driver.temperature() == 35

    module, _ = driven(work)
    assert module.commands == [(0x98, b"\x04"), (0x98, b"\x00"), (0x72, b"")]


def test_temperatures_below_zero():
    async def work(driver, module, sink):
        module.answers[0x72] = b"\xf6"
        assert await driver.temperature() == -10

    driven(work)


# Silion


def test_a_silion_is_known_by_its_hardware_or_by_what_it_refuses():
    class Refusing(ScriptedM6e):
        def _do(self, op, data):
            if op == 0x91 and data == b"\x01\x01":
                self.commands.append((op, data))
                self.send(reply(op, b"", 0x0105))
            else:
                super()._do(op, data)

    async def work(driver, module, sink):
        await driver.configure(US)
        sent.append([data for op, data in module.commands if op == 0x91][0:2])

    sent = []
    driven(work, ScriptedM6e(silion=True))
    driven(work, Refusing(), radio=None)
    plain, with_option, ports = b"\x01\x01", b"\x00\x01\x01", b"\x02\x01\x01"
    assert sent == [[with_option, ports], [plain, with_option]]


def test_a_silion_is_read_by_inventories_and_its_buffer():
    async def work(driver, module, sink):
        module.buffer = [
            bytes([count]) + record(EPC[:-1] + bytes([count]), -50 - count, 1, 3 * count)
            for count in range(1, 6)
        ]
        module.answers[0x29] = None
        driver._clock.ms = 9000
        await driver.stream(20)

    module, sink = driven(work, ScriptedM6e(silion=True))
    assert [op for op, _ in module.commands] == [0x2A, 0x22, 0x29, 0x29, 0x29, 0x29]
    assert module.commands[1] == (0x22, bytes.fromhex("0000130014"))
    assert [rssi for _, _, rssi, _ in sink.records] == [-510, -520, -530, -540, -550]
    assert [look[1] for look in sink.looks] == [5]
