"""Slots of the M100 driver: what reaches the sink, how rounds are counted, both targets."""

import asyncio

from drivers.errors import ModuleFault, WrongAnswer
from drivers.reader import Radio

from tests.firmware.drivers.m100_bench import EPC, NO_TAG, US, driven, raised
from tests.firmware.fakes import ScriptedModule, notice, response


class Interrupting(ScriptedModule):
    """Sends answers to other commands before each of its own."""

    before_answer = ()

    def answer(self, command, params):
        for frame in self.before_answer:
            if frame[2] != command:
                self.send(frame)
        super().answer(command, params)


class Forgetful(ScriptedModule):
    def forget(self):
        self._region, self._query = b"\x01", b"\x10\x20"


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
