"""The UHFReader18 family's driver reads, writes and locks one tag, and takes the temperature."""

import asyncio

from drivers.errors import LinkLost, NotSupported, TagFault, WrongAnswer
from drivers.reader import by_epc, by_tid

from tests.firmware.drivers.driven_uhfreader18 import EPC, TID, US, driven, raised
from tests.firmware.drivers.fake_uhfreader18 import READER18, READER288M, FakeUhf


def accessed(work, kind=READER288M, answer=(0, b"")):
    """The commands of `work(driver)` on a module that gives `answer` to each tag command."""
    module = FakeUhf(kind)

    async def scenario(driver, module, sink):
        await driver.configure(US)
        for command in (0x02, 0x03, 0x06):
            module.answers[command] = answer
        module.commands.clear()
        await work(driver)

    driven(scenario, module)
    return [(command, data.hex().upper()) for command, data in module.commands]


def test_a_tag_is_named_by_its_whole_epc_or_by_a_mask():
    said = []

    async def by_its_epc(driver):
        said.append(await driver.read_tid(by_epc(EPC)))

    async def by_its_tid(driver):
        said.append(await driver.read_tid(by_tid(TID)))

    epc, tid = EPC.hex().upper(), TID.hex().upper()
    for kind in (READER18, READER288M):
        assert accessed(by_its_epc, kind, (0, TID)) == [(0x02, "06" + epc + "02000600000000")]
    assert accessed(by_its_tid, READER288M, (0, TID)) == [
        (0x02, "FF" + "02000600000000" + "02000060" + tid)
    ]
    assert said == [TID] * 3


def test_an_epc_too_long_to_name_a_tag_is_a_mask():
    async def work(driver):
        await driver.read_tid(by_epc(bytes(62)))

    assert accessed(work, READER288M, (0, TID)) == [
        (0x02, "FF02000600000000" + "010020F8" + "00" * 31)
    ]


def test_a_uhfreader18_cannot_find_a_tag_by_its_tid():
    async def work(driver, module, sink):
        await driver.configure(US)
        await driver.read_tid(by_tid(TID))

    raised(work, NotSupported, FakeUhf(READER18))


def test_a_new_epc_is_written_with_the_pc_word_of_its_length():
    new = bytes.fromhex("ABCD1234")

    async def work(driver):
        await driver.write_epc(by_epc(EPC), new, 0x11223344)

    assert accessed(work) == [
        (0x03, "0306" + EPC.hex().upper() + "0101" + "1000ABCD1234" + "11223344")
    ]


def test_password_and_lock_have_the_manuals_numbers():
    async def work(driver):
        await driver.set_access_password(by_epc(b"\x12\x34"), 0xA1B2C3D4, 1)
        for memory in ("kill", "access", "epc", "user"):
            await driver.lock(by_epc(b"\x12\x34"), memory, "locked", 1)
        for how in ("open", "open-forever", "locked-forever"):
            await driver.lock(by_epc(b"\x12\x34"), "epc", how, 1)

    commands = accessed(work)
    assert commands[0] == (0x03, "02011234" + "0002" + "A1B2C3D4" + "00000001")
    assert [data[6:10] for _, data in commands[1:]] == [
        "0002",
        "0102",
        "0202",
        "0402",
        "0200",
        "0201",
        "0203",
    ]


def test_a_tags_refusal_is_named():
    for answer, code, name in (
        ((0x05, b""), 0x05, "password"),
        ((0xFB, b""), 0xFB, "no tag"),
        ((0xFC, b"\x04"), 0x04, "locked"),
        ((0xFC, b""), 0x00, "other"),
    ):

        async def work(driver, module, sink, answer=answer):
            await driver.configure(US)
            module.answers[0x03] = answer
            await driver.write_epc(by_epc(EPC), EPC)

        fault = raised(work, TagFault)
        assert fault.code == code and name in str(fault)


def test_a_mute_module_is_noticed_in_a_tag_command_too():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.mute = True
        await asyncio.wait_for(driver.read_tid(by_epc(EPC)), 3)

    raised(work, LinkLost)


def test_a_tid_of_another_length_is_a_wrong_answer():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.answers[0x02] = (0, b"\xe2\x80")
        await driver.read_tid(by_epc(EPC))

    raised(work, WrongAnswer)


def test_the_temperature_has_a_sign():
    async def work(driver, module, sink):
        for answer in (b"\x01\x1f", b"\x00\x05"):
            module.answers[0x92] = (0, answer)
            said.append(await driver.temperature())

    said = []
    driven(work)
    assert said == [31, -5]


def test_a_uhfreader18_has_no_thermometer():
    async def work(driver, module, sink):
        assert await driver.temperature() is None

    driven(work, FakeUhf(READER18))
