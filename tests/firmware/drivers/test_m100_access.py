"""Work on one tag through the M100 driver: what is sent, what is tried again, what is an error."""

from drivers.errors import NotSupported, ReaderError, TagFault, WrongAnswer
from drivers.m100 import access as access
from drivers.m100.driver import M100
from drivers.reader import Radio, by_epc, by_tid

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink, run_scripted

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
TID = bytes.fromhex("E280699500001111222233 33".replace(" ", ""))
TAG = bytes([14, 0x30, 0x00]) + EPC  # as it stands before the data of an answer


class TagModule(ScriptedModule):
    """Answers tag commands with `replies`: params of a good answer, or an error's, in turn."""

    def __init__(self, replies):
        super().__init__()
        self.replies = list(replies)
        self.asked = []  # (command, params) of tag commands

    def frame(self, kind, command, start, length):
        if command not in (0x39, 0x49, 0x82):
            super().frame(kind, command, start, length)
            return
        params = bytes(self._parser.buf[start : start + length])
        self.commands.append((command, params))
        self.asked.append((command, params))
        reply = self.replies.pop(0)
        if isinstance(reply, int):
            self.answer(0xFF, bytes([reply]))
        else:
            self.answer(command, reply)


def driven(work, replies):
    """Run `work(driver)`; returns (what it returned or the reader's error, module)."""
    module, outcome = TagModule(replies), []

    async def scenario():
        driver = M100(module, [1], Sink(), FakeClock())
        try:
            await driver.open()
            await driver.configure(Radio("US", {}, 1, ["34"]))
            module.commands.clear()
            outcome.append(await work(driver))
        except ReaderError as error:
            outcome.append(error)
        finally:
            await driver.close()

    run_scripted(scenario())
    return outcome[0], module


async def _read(driver):
    return await driver.read_tid(by_epc(EPC))


def test_a_tag_is_picked_by_a_select_before_it_is_read():
    tid, module = driven(_read, [TAG + TID])
    assert tid == TID
    assert module.commands == [
        (0x0E, bytes.fromhex("1C10")),  # S0, the selected ones, four slots
        (0x0C, bytes.fromhex("8100000020 6000".replace(" ", "")) + EPC),
        (0x12, b"\x02"),
        (0x39, bytes.fromhex("00000000 02 0000 0006".replace(" ", ""))),
    ]


def test_a_tag_is_picked_by_its_tid_too():
    async def work(driver):
        return await driver.read_tid(by_tid(TID), 2)

    tid, module = driven(work, [TAG + TID[:4]])
    assert tid == TID[:4]
    assert (0x0C, bytes.fromhex("82000000006000") + TID) in module.commands


def test_of_a_mask_that_is_too_long_its_end_is_used():
    epc = bytes(range(62))

    async def work(driver):
        return await driver.read_tid(by_epc(epc))

    _, module = driven(work, [bytes([64, 0xF8, 0]) + epc + TID])
    select = dict(module.commands)[0x0C]
    assert select == bytes([0x81, 0, 0, 1, 0x18, 248, 0]) + epc[31:]


def test_a_survey_after_that_looks_for_all_of_ours_again():
    async def work(driver):
        await driver.read_tid(by_epc(EPC))
        await driver.stream(5)

    _, module = driven(work, [TAG + TID])
    assert [command for command, _ in module.commands[4:]] == [
        0x0C,
        0x0B,
        0x12,
        0x0E,
        0x0D,
        0x27,
        0x28,
    ]
    assert module.commands[6] == (0x12, b"\x00")
    assert module.commands[7] == (0x0E, bytes.fromhex("1D28"))


def test_a_new_epc_is_written_with_a_pc_word_of_its_length():
    new = bytes(range(8))

    async def work(driver):
        await driver.write_epc(by_tid(TID), new, 0x01020304)

    outcome, module = driven(work, [TAG + b"\x35\x01", TAG + b"\x00"])
    assert outcome is None
    password = bytes.fromhex("01020304")
    assert module.asked == [
        (0x39, password + bytes.fromhex("01 0001 0001".replace(" ", ""))),
        (0x49, password + bytes.fromhex("01 0001 0005 2101".replace(" ", "")) + new),
    ]


def test_an_epc_of_no_whole_words_is_refused_before_anything_is_written():
    async def work(driver):
        await driver.write_epc(by_tid(TID), bytes(3))

    outcome, module = driven(work, [TAG + b"\x30\x00"])
    assert isinstance(outcome, NotSupported)
    assert 0x49 not in [command for command, _ in module.asked]


def test_the_access_password_is_the_second_in_its_bank():
    async def work(driver):
        await driver.set_access_password(by_epc(EPC), 0xCAFED00D, 1)

    _, module = driven(work, [TAG + b"\x00"])
    body = "00000001 00 0002 0002 CAFED00D".replace(" ", "")
    assert module.asked == [(0x49, bytes.fromhex(body))]


def test_each_memory_and_each_way_to_lock_it_has_its_bits():
    masks = {"kill": 0x80000, "access": 0x20000, "epc": 0x08000, "user": 0x00800}
    for memory, mask in masks.items():
        write = mask >> 10
        ways = {
            "open": mask,
            "locked": mask | write,
            "open-forever": mask | mask >> 1 | write >> 1,
            "locked-forever": mask | mask >> 1 | write | write >> 1,
        }
        for how, payload in ways.items():
            params = access.lock_params(7, memory, how)
            assert params == bytes([0, 0, 0, 7]) + payload.to_bytes(3, "big"), (memory, how)


def test_a_tag_that_does_not_answer_is_tried_again():
    tid, module = driven(_read, [0x09, 0x09, TAG + TID])
    assert tid == TID
    assert len(module.asked) == 3


def test_a_tag_that_never_answers_is_an_error_that_says_so():
    outcome, _ = driven(_read, [0x09, 0x09, 0x09])
    assert isinstance(outcome, TagFault) and outcome.code == 0x09
    assert "no tag answered" in str(outcome) and "reading the TID" in str(outcome)


def test_a_tag_that_refuses_is_not_pressed():
    for code, words in ((0xA4, "memory locked"), (0x16, "password"), (0xAB, "power")):
        outcome, module = driven(_read, [code])
        assert isinstance(outcome, TagFault) and words in str(outcome)
        assert len(module.asked) == 1


def test_an_answer_that_names_another_tag_is_wrong():
    outcome, _ = driven(_read, [bytes([14, 0x30, 0]) + bytes(12) + TID])
    assert isinstance(outcome, WrongAnswer)


def test_an_answer_without_a_tag_is_wrong():
    for answer in (b"", b"\x00", b"\x0e\x30", TAG[:-1]):
        outcome, _ = driven(_read, [answer])
        assert isinstance(outcome, WrongAnswer), answer
