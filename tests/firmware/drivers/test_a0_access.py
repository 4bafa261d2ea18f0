"""The A0 driver at one tag, against a scripted module."""

from drivers.a0.frames import build
from drivers.errors import LinkLost, ModuleFault, NotSupported, TagFault, WrongAnswer
from drivers.reader import TagMask, by_epc, by_prefix, by_tid

from tests.firmware.drivers.a0_module import A0Module, driven, raised, tag_reply
from tests.firmware.fakes import vectors

EPC = bytes.fromhex("E20000158606025118304FB0")
TID = bytes.fromhex("E28011052000778899AABBCC")
OTHER = bytes.fromhex("3414257BF4000000000DBBB1")
OTHER_TID = bytes.fromhex("E2801105200077889900AABB")


class TagsModule(A0Module):
    """With tags in reach, as lists of [EPC, TID, access password], before the antenna `at`."""

    def __init__(self, *tags, at=0):
        super().__init__()
        self.tags = [[epc, tid, bytes(4)] for epc, tid in tags]
        self.at = at
        self.ignores_match = False
        self.older = False

    def frame(self, address, command, start, length):
        if command not in (0x81, 0x82, 0x83) or command in self.answers:
            return super().frame(address, command, start, length)
        data = bytes(self._parser.buf[start : start + length])
        self.commands.append((command, data))
        self.frames.append(build(address, command, data))
        near = self.tags if self.work == self.at else []
        if self.match != b"\x01" and not self.ignores_match:
            near = [tag for tag in near if tag[0] == self.match[2:]]
        if not near:
            self.answer(command, b"\x36")
        elif command == 0x81 and self.older and length != 3:
            self.answer(command, b"\x41")
        else:
            for tag in near:
                self.send(self._do(command, data, tag, len(near)))
        return True

    def _do(self, command, data, tag, count):
        before = tag[0]
        if command == 0x81:
            memory = tag[1] if data[0] == 2 else bytes(4) + tag[2]
            words = memory[2 * data[1] : 2 * (data[1] + data[2])]
            return tag_reply(command, before, words, count=count)
        if command == 0x82 and data[4] == 0:
            tag[2] = data[7:]
        elif command == 0x82:
            tag[0] = data[9:] if data[5] == 1 else data[7:]
        return tag_reply(command, before, count=count)


def module(*tags):
    return TagsModule(*(tags or ((EPC, TID),)))


def test_the_tid_of_the_tag_with_this_epc_is_read_and_the_match_cleared():
    async def work(driver, module, sink):
        assert await driver.read_tid(by_epc(EPC)) == TID
        assert await driver.read_tid(by_epc(EPC), 2) == TID[:4]

    played, _ = driven(work, module((OTHER, OTHER_TID), (EPC, TID)))
    assert played.sent(0x85)[:2] == [b"\x00\x0c" + EPC, b"\x01"]
    assert played.match == b"\x01"


def test_a_tag_is_found_by_its_tid_or_by_a_prefix():
    async def work(driver, module, sink):
        assert await driver.read_tid(by_tid(TID)) == TID
        assert await driver.read_tid(by_tid(TID[:11])) == TID
        assert await driver.read_tid(by_prefix("341")) == OTHER_TID
        assert await driver.read_tid(TagMask(2, 88, 4, b"\xc0")) == TID

    driven(work, module((OTHER, OTHER_TID), (EPC, TID)))


def test_a_tag_is_found_at_whichever_antenna_hears_it():
    async def work(driver, module, sink):
        assert await driver.read_tid(by_epc(EPC)) == TID

    driven(work, TagsModule((EPC, TID), at=2), (5, 6, 7))
    assert raised(work, TagFault, TagsModule((EPC, TID), at=3), (5, 6, 7)).code == 0x36


def test_no_tag_is_a_tag_fault_in_words():
    async def work(driver, module, sink):
        await driver.read_tid(by_epc(OTHER))

    played = module()
    error = raised(work, TagFault, played)
    assert error.code == 0x36 and "no tag" in str(error)
    assert played.match == b"\x01"


def test_two_tags_of_one_epc_or_one_mask_are_refused():
    async def by_its_epc(driver, module, sink):
        await driver.write_epc(by_epc(EPC), OTHER)

    async def by_half_a_tid(driver, module, sink):
        await driver.write_epc(by_tid(TID[:8]), OTHER)

    for work in (by_its_epc, by_half_a_tid):
        played = module((EPC, TID), (EPC, OTHER_TID))
        assert "2 tags" in str(raised(work, TagFault, played))
        assert not played.sent(0x82)


def test_a_module_that_ignores_its_match_writes_nothing():
    async def work(driver, module, sink):
        await driver.write_epc(by_epc(EPC), OTHER)

    played = module((OTHER, OTHER_TID), (EPC, TID))
    played.ignores_match = True
    assert "match" in str(raised(work, NotSupported, played))
    assert not played.sent(0x82)
    assert played.match == b"\x01"


def test_a_new_epc_is_written_and_looked_for():
    async def work(driver, module, sink):
        await driver.write_epc(by_tid(TID), OTHER, 0x11223344)

    played, _ = driven(work, module())
    assert played.sent(0x82) == [b"\x11\x22\x33\x44\x01\x02\x06" + OTHER]
    assert played.tags[0][0] == OTHER
    assert played.match == b"\x01"


def test_the_pc_word_follows_the_length():
    for size in (2, 16, 62):
        epc = bytes(range(1, size + 1))

        async def work(driver, module, sink, epc=epc):
            await driver.write_epc(by_epc(EPC), epc)

        played, _ = driven(work, module())
        words = size // 2
        head = bytes((0, 0, 0, 0, 1, 1, words + 1, words << 3, 0))
        assert played.sent(0x82) == [head + epc]


def test_an_epc_that_no_pc_word_can_say_is_refused():
    for size in (0, 3, 64):

        async def work(driver, module, sink, size=size):
            await driver.write_epc(by_epc(EPC), bytes(size))

        played = module()
        raised(work, NotSupported, played)
        assert not played.sent(0x82)


def test_a_write_that_did_not_take_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x82] = tag_reply(0x82, EPC)[4:-1]
        await driver.write_epc(by_epc(EPC), OTHER)

    played = module()
    assert "does not answer" in str(raised(work, WrongAnswer, played))
    assert played.match == b"\x01"


def test_what_the_tag_or_the_module_refuses_is_told_apart_and_named():
    for code, kind, words in (
        (0x40, TagFault, "password"),
        (0x33, TagFault, "write failed"),
        (0x22, ModuleFault, "antenna missing"),
    ):
        for reply in (bytes((code,)), tag_reply(0x82, EPC, code=code)[4:-1]):

            async def work(driver, module, sink, reply=reply):
                module.answers[0x82] = reply
                await driver.write_epc(by_epc(EPC), OTHER)

            played = module()
            error = raised(work, kind, played)
            assert error.code == code and words in str(error)
            assert played.match == b"\x01"


def test_the_answer_of_another_tag_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x83] = tag_reply(0x83, OTHER)[4:-1]
        await driver.lock(by_epc(EPC), "epc", "locked", 1)

    raised(work, WrongAnswer, module())


def test_an_answer_whose_tag_crc_is_wrong_counts_for_nothing():
    async def work(driver, module, sink):
        module.answers[0x83] = tag_reply(0x83, EPC, crc=0x1234)[4:-1]
        await driver.lock(by_epc(EPC), "epc", "locked", 1)

    raised(work, LinkLost, module())


def test_the_access_password_is_set_and_read_back():
    async def work(driver, module, sink):
        await driver.set_access_password(by_epc(EPC), 0xCAFEBABE, 0x11223344)

    played, _ = driven(work, module())
    assert played.sent(0x82) == [bytes.fromhex("11223344000202CAFEBABE")]
    assert played.sent(0x81)[-1] == bytes.fromhex("000202CAFEBABE")
    assert played.tags[0][2] == bytes.fromhex("CAFEBABE")


def test_memories_are_locked():
    async def work(driver, module, sink):
        for memory in driver.MEMORIES:
            for how in driver.LOCKS:
                await driver.lock(by_epc(EPC), memory, how, 0x01020304)

    played, _ = driven(work, module())
    assert played.sent(0x83) == [
        bytes((1, 2, 3, 4, memory, how)) for memory in (3, 1, 4, 5) for how in range(4)
    ]


def test_older_firmware_is_asked_to_read_without_a_password():
    async def work(driver, module, sink):
        assert await driver.read_tid(by_epc(EPC)) == TID

    played = module()
    played.older = True
    driven(work, played)
    assert played.sent(0x81) == [b"\x02\x00\x06\x00\x00\x00\x00", b"\x02\x00\x06"]


def test_the_commands_to_tags_are_those_of_the_sources():
    sample = bytes.fromhex("11223344556677889900AABB")

    async def work(driver, module, sink):
        await driver.write_epc(by_epc(sample), EPC)
        await driver.lock(by_epc(EPC), "epc", "locked", 0)
        module.older = True
        await driver.read_tid(by_epc(EPC))

    played, _ = driven(work, module((sample, TID)))
    by_name = {vector["name"]: bytes.fromhex(vector["hex"]) for vector in vectors("frames_a0")}
    for name in (
        "read TID 6 words",
        "read TID 6 words, no password",
        "write EPC word 2 x6",
        "lock EPC",
        "match EPC",
        "cancel match",
    ):
        assert by_name[name] in played.frames, name
