"""The M6e driver works on one tag, sleeps, and tells its temperature."""

from drivers.errors import ModuleFault, NotSupported, TagFault, WrongAnswer
from drivers.m6e import driver as m6e
from drivers.m6e.frames import build
from drivers.reader import Radio, TagMask, by_epc, by_tid

from tests.firmware.drivers.driven_m6e import (
    EPC,
    OTHER,
    driven,
    raised,
)
from tests.firmware.drivers.fake_m6e import (
    ScriptedM6e,
)


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
