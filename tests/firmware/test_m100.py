"""The M100 driver against a scripted module."""

import asyncio

from drivers.errors import LinkLost, ModuleFault, NotSupported, WrongAnswer
from drivers.m100 import M100
from drivers.m100_frames import AA_DD, BB_7E
from drivers.reader import Radio

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink, notice, response, run_scripted

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
US = Radio("US", {1: 20}, 0, [])
NO_TAG = response(0xFF, b"\x15")


def driven(work, module=None):
    """Run `work(driver, module, sink)` on an opened driver; returns (module, sink)."""
    module = module or ScriptedModule()
    sink = Sink()

    async def scenario():
        driver = M100(module, [1], sink, FakeClock(5000))
        await driver.open()
        try:
            await work(driver, module, sink)
        finally:
            await driver.close()

    run_scripted(scenario())
    return module, sink


def raised(work, kind, module=None):
    """The error of this kind that `work` raises."""
    caught = []

    async def scenario(driver, module, sink):
        try:
            await work(driver, module, sink)
        except kind as error:
            caught.append(error)

    driven(scenario, module)
    assert caught, "nothing raised"
    return caught[0]


async def nothing(driver, module, sink):
    pass


def test_both_framings_and_both_rates_are_found():
    for framing in (BB_7E, AA_DD):
        for baud in (115200, 9600):
            module, _ = driven(nothing, ScriptedModule(framing, baud))
            assert module.closed == 1


def test_the_module_is_silenced_before_it_is_asked_anything():
    module, _ = driven(nothing)
    assert module.commands[0][0] == 0x28


def test_configure_sets_and_reads_back():
    async def work(driver, module, sink):
        module.commands.clear()
        await driver.configure(Radio("EU", {1: 26.0}, 1, []))

    module, _ = driven(work)
    assert module.commands == [
        (0x28, b""),
        (0x1D, b"\x00"),
        (0x07, b"\x03"),
        (0x08, b""),
        (0xAD, b"\xff"),
        (0xB6, b"\x0a\x28"),
        (0xB7, b""),
        (0x0E, b"\x11\x28"),
        (0x12, b"\x01"),
    ]


def test_a_single_prefix_is_masked_on_the_air():
    async def work(driver, module, sink):
        module.commands.clear()
        await driver.configure(Radio("US", {}, 0, ["3414257BF4"]))

    module, _ = driven(work)
    select = bytes.fromhex("0100000020 2800 3414257BF4".replace(" ", ""))
    assert module.commands[-2:] == [(0x0C, select), (0x12, b"\x00")]


def test_a_prefix_of_an_odd_number_of_digits_is_masked_to_the_bit():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", {}, 2, ["341"]))

    module, _ = driven(work)
    assert module.commands[-2] == (0x0C, bytes.fromhex("41000000200C003410"))


def test_several_prefixes_are_left_to_the_filter():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", {}, 0, ["34", "35"]))

    module, _ = driven(work)
    assert module.commands[-1] == (0x12, b"\x01")
    assert 0x0C not in [command for command, _ in module.commands]


def test_a_region_that_does_not_read_back_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x08] = b"\x01"
        await driver.configure(US)

    raised(work, WrongAnswer)


def test_a_refused_setting_names_the_code():
    async def work(driver, module, sink):
        module.answers[0xB6] = 0x17
        await driver.configure(US)

    fault = raised(work, ModuleFault)
    assert fault.code == 0x17 and "unknown command" in str(fault)


def test_a_region_that_the_family_lacks_is_not_replaced_by_another():
    async def work(driver, module, sink):
        await driver.configure(Radio("JP"))

    raised(work, NotSupported)


def test_every_notice_of_a_slot_reaches_the_sink_also_after_the_stop():
    async def work(driver, module, sink):
        module.sees = [notice(EPC, -55), NO_TAG, notice(EPC, -70)]
        module.late = [notice(EPC, -60)]
        await driver.stream(20)
        await asyncio.sleep(0.02)

    _, sink = driven(work)
    assert sink.records == [(EPC, 1, tenths, 5000) for tenths in (-550, -700, -600)]


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
