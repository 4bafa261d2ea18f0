"""The M100 driver against a scripted module: settings, slots, sleep, trouble."""

import asyncio

from drivers.errors import LinkLost, ModuleFault, NotSupported, WrongAnswer
from drivers.m100 import M100
from drivers.m100_frames import AA_DD, BB_7E
from drivers.reader import Radio, by_epc

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink, notice, response, run_scripted

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


def test_every_notice_of_a_slot_reaches_the_sink_also_after_the_stop():
    async def work(driver, module, sink):
        module.sees = [notice(EPC, -55), NO_TAG, notice(EPC, -70)]
        module.late = [notice(EPC, -60)]
        await driver.stream(20)
        await asyncio.sleep(0.02)

    _, sink = driven(work)
    begun = 5000 - 2  # a notice takes 2 ms at 115200 baud
    assert sink.records == [(EPC, 1, tenths, begun) for tenths in (-550, -700, -600)]


def test_a_slot_ends_with_the_module_silent():
    async def work(driver, module, sink):
        await driver.stream(5)
        assert not module.polling

    driven(work)


def test_rounds_are_counted_by_empty_ones_and_by_tags_that_come_again():
    other = EPC[:-1] + b"\x00"

    async def work(driver, module, sink):
        first, second = notice(EPC), notice(other)
        module.sees = [NO_TAG, NO_TAG, first, second, second, first, NO_TAG, first]
        await driver.stream(5)

    _, sink = driven(work)
    # two empty; first, second; second, first; one empty; first
    assert [look[:2] for look in sink.looks] == [(1, 6)]


def test_a_notice_whose_tag_crc_is_wrong_is_counted_and_not_handed_over():
    async def work(driver, module, sink):
        module.sees = [notice(EPC, crc=0x1234), response(0x22, b""), notice(EPC)]
        await driver.stream(5)
        assert driver.crc_errors == 1

    _, sink = driven(work)
    assert len(sink.records) == 1


def test_epcs_of_any_length_are_read_by_pl():
    lengths = (0, 2, 4, 8, 12, 16, 31 * 2)

    async def work(driver, module, sink):
        module.sees = [notice(bytes(range(length))) for length in lengths]
        await driver.stream(5)

    _, sink = driven(work)
    assert [len(record[0]) for record in sink.records] == list(lengths)


def test_a_fault_while_polling_ends_the_slot_with_its_name():
    async def work(driver, module, sink):
        module.sees = [response(0xFF, b"\x20")]
        await driver.stream(5)

    assert "no free channel" in str(raised(work, ModuleFault))


def test_a_reply_to_another_command_in_between_is_not_taken():
    async def work(driver, module, sink):
        module.sees = [response(0x07, b"\x17"), response(0xFF, b"\x09"), response(0xB7, b"\x00")]
        module.before_answer = [response(0xB6, b"\x01"), response(0xFF, b"\xa3")]
        await driver.stream(5)
        await driver.configure(US)

    driven(work, Interrupting())


class Interrupting(ScriptedModule):
    """Sends answers to other commands before each of its own."""

    before_answer = ()

    def answer(self, command, params):
        for frame in self.before_answer:
            if frame[2] != command:
                self.send(frame)
        super().answer(command, params)


def test_an_error_of_polling_is_no_answer_to_the_stop():
    async def work(driver, module, sink):
        module.sees = [notice(EPC)]
        module.before_answer = [response(0xFF, b"\x20")]
        await driver.stream(5)

    fault = raised(work, ModuleFault, Interrupting())
    assert fault.code == 0x20 and "polling" in str(fault)


def test_the_looks_of_a_slot_that_ends_with_a_fault_are_told():
    async def work(driver, module, sink):
        module.sees = [NO_TAG, response(0xFF, b"\x20")]
        try:
            await driver.stream(5)
        except ModuleFault:
            assert sink.looks == [(1, 1, 0)]

    driven(work)


def test_a_module_that_started_anew_is_noticed_before_it_transmits():
    async def work(driver, module, sink):
        await driver.stream(5)
        module.forget()
        module.commands.clear()
        await driver.stream(5)

    module = Forgetful()
    assert "lost its settings" in str(raised(work, WrongAnswer, module))
    assert 0x27 not in [command for command, _ in module.commands]


class Forgetful(ScriptedModule):
    def forget(self):
        self._region, self._query = b"\x01", b"\x10\x20"


def test_with_both_targets_the_other_end_is_asked_for_when_a_round_stays_empty():
    async def work(driver, module, sink):
        module.sees = [notice(EPC), NO_TAG]
        await driver.stream(3)

    module, sink = driven(work, radio=Radio("US", {}, 2))
    queries = [params for command, params in module.commands if command == 0x0E]
    assert queries[:3] == [b"\x16\xa8", b"\x16\x28", b"\x16\xa8"]
    assert module.commands[-1][0] == 0x0E
    assert len(sink.looks) == 1


def test_with_both_targets_a_slot_may_end_while_tags_still_answer():
    async def work(driver, module, sink):
        module.sees = [notice(EPC)]
        await driver.stream(3)

    module, _ = driven(work, radio=Radio("US", {}, 2))
    assert [command for command, _ in module.commands] == [0x0D, 0x27, 0x28]


def test_with_one_target_empty_rounds_change_nothing():
    async def work(driver, module, sink):
        module.sees = [NO_TAG]
        await driver.stream(3)

    module, _ = driven(work, radio=Radio("US", {}, 1, [], "A"))
    assert 0x0E not in [command for command, _ in module.commands]


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
