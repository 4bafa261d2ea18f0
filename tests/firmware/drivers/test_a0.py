"""The A0 driver against a scripted module: finding it, setting it up, what it says of itself."""

import asyncio

from drivers.a0 import driver as a0
from drivers.a0 import inventory as a0_inventory
from drivers.a0.driver import A0
from drivers.a0.frames import FAST_SWITCH, REAL_TIME, SESSION, build
from drivers.errors import LinkLost, ModuleFault, NotSupported, WrongAnswer
from drivers.reader import Radio

from tests.firmware.drivers.a0_module import A0Module, Waiting, driven, end, raised, record
from tests.firmware.fakes import FakeClock, Sink

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
US = Radio("US", {1: 20})
DOOR = Radio("US", {7: 27, 3: 27})


async def nothing(driver, module, sink):
    pass


def streamed(module, antennas=(1,), radio=US, slot_ms=1):
    async def work(driver, module, sink):
        await driver.configure(radio)
        module.commands.clear()
        await driver.stream(slot_ms)

    return driven(work, module, antennas)


def test_both_rates_and_any_address_are_found():
    for address in (0, 1, 0x41, 0xFE):
        for baud in (115200, 38400):
            module, _ = driven(nothing, A0Module(address, baud))
            assert module.commands == [(0x72, b"")]


def test_the_version_is_told_and_the_address_learned_from_the_answer():
    async def work(driver, module, sink):
        assert await driver.open() == "8.2"
        await driver.temperature()
        assert module.frames[-1] == build(0x41, 0x7B)

    driven(work, A0Module(0x41))


def test_nobody_there_is_a_lost_link():
    module = A0Module()
    module.mute = True

    async def scenario():
        driver = A0(module, [1], Sink(), FakeClock())
        driver._inventory.outwait = _at_once
        try:
            await driver.open()
        except LinkLost:
            return
        finally:
            await driver.close()
        raise AssertionError("nothing raised")

    with Waiting():
        asyncio.run(scenario())


async def _at_once(limit_ms):
    return True


def test_an_inventory_that_still_runs_is_waited_for_and_its_records_are_not_ours():
    async def work(driver, module, sink):
        await driver.close()
        a0_inventory._SILENT_MS = 200  # longer than a busy host keeps a task waiting
        a0._LONGEST_MS = 2000
        opening = asyncio.create_task(driver.open())
        for _ in range(8):
            await asyncio.sleep(0.005)
            module.send(record(EPC, FAST_SWITCH))
            assert module.sent(0x72) == [b""]
        module.send(end(FAST_SWITCH))
        assert await opening == "8.2"
        assert module.sent(0x72) == [b"", b""]
        assert not module.sent(0x70)
        assert not sink.records

    driven(work)


def test_an_inventory_that_never_ends_is_ended_by_a_reset():
    async def work(driver, module, sink):
        await driver.close()
        a0_inventory._SILENT_MS = 200  # longer than a busy host keeps a task waiting
        opening = asyncio.create_task(driver.open())
        while not module.sent(0x70) and not opening.done():
            await asyncio.sleep(0.005)
            module.send(record(EPC))
        assert await opening == "8.2"
        assert module.sent(0x70) == [b""]

    driven(work)


def test_configure_sets_and_reads_back():
    async def work(driver, module, sink):
        module.region = b"\x02\x00\x06"
        module.commands.clear()
        await driver.configure(Radio("US", {1: 26.7}))

    module, _ = driven(work)
    assert module.commands == [
        (0x79, b""),
        (0x78, b"\x01\x08\x3a"),
        (0x79, b""),
        (0x74, b"\x00"),
        (0x74, b"\x00"),
        (0x75, b""),
        (0x77, b""),
        (0x66, b"\x1a"),  # whole dB, and never more than was asked
        (0x77, b""),
        (0x7A, b"\x00"),
        (0x63, b""),
        (0x62, b"\x03"),
        (0x63, b""),
        (0x98, b"\x01"),
    ]


def test_what_is_kept_in_flash_is_not_written_again():
    async def work(driver, module, sink):
        await driver.configure(DOOR)
        await driver.configure(Radio("US", {7: 27, 3: 20}))
        module.commands.clear()
        await driver.configure(Radio("US", {7: 27, 3: 20}))

    module, _ = driven(work, antennas=(7, 3))
    assert not module.sent(0x76) and not module.sent(0x78) and not module.sent(0x66)
    assert module.power == bytes((27, 20, 27, 27))


def test_a_power_that_is_not_asked_for_stays_as_it_is():
    async def work(driver, module, sink):
        module.power = bytes((21, 22, 23, 24))
        await driver.configure(Radio("US", {3: 30}))

    module, _ = driven(work, antennas=(7, 3))
    assert module.sent(0x76) == [bytes((21, 30, 23, 24))]
    assert not module.sent(0x66)


def test_an_8_port_module_is_given_8_levels():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", {1: 30, 2: 20}))

    module, _ = driven(work, A0Module(ports=8), (1, 2))
    assert module.sent(0x76) == [bytes((30, 20, 30, 30, 30, 30, 30, 30))]
    assert module.work == 0


def test_every_region_is_spelt_out_inside_its_band():
    bands = {
        "US": (902, 928),
        "EU": (865.6, 867.6),
        "CN": (920.5, 924.5),
        "IN": (865, 867),
        "JP": (916.7, 920.5),
        "KR": (917, 920.8),
        "AU": (920, 926),
    }
    assert set(A0.regions) == set(bands)
    for name, code in A0.regions.items():
        if code[0] == 4:
            first = int.from_bytes(code[3:], "big") / 1000
            last = first + (code[2] - 1) * code[1] / 100
        else:
            first, last = (902 + (index - 7) / 2 for index in code[1:])
        assert bands[name][0] + 0.09 < first <= last < bands[name][1] - 0.09, name


def test_every_region_is_set_and_read_back():
    async def work(driver, module, sink):
        for name, code in driver.regions.items():
            await driver.configure(Radio(name))
            assert module.region == code

    driven(work)


def test_a_region_that_the_module_or_the_family_lacks_is_named():
    async def work(driver, module, sink):
        await driver.configure(Radio("JP"))

    for code in (0x49, 0x56):
        module = A0Module()
        module.answers[0x78] = bytes((code,))
        text = str(raised(work, NotSupported, module))
        assert "JP" in text and "a0" in text

    async def unknown(driver, module, sink):
        await driver.configure(Radio("XX"))

    assert "XX" in str(raised(unknown, NotSupported))


def test_without_a_region_nothing_is_transmitted():
    async def no_region(driver, module, sink):
        await driver.configure(Radio())

    async def not_configured(driver, module, sink):
        await driver.stream(1)

    async def refused(driver, module, sink):
        await driver.configure(US)
        module.answers[0x77] = b"\x01\x02\x03"
        try:
            await driver.configure(US)
        except WrongAnswer:
            await driver.stream(1)

    for work in (no_region, not_configured, refused):
        module = A0Module()
        raised(work, NotSupported, module)
        assert not [1 for command, _ in module.commands if REAL_TIME <= command <= SESSION]


def test_what_is_read_back_otherwise_is_a_wrong_answer():
    for command, reply in ((0x79, b"\x02\x00\x06"), (0x77, b"\x05"), (0x75, b"\x02"), (0x63, b"")):

        async def work(driver, module, sink, command=command, reply=reply):
            module.answers[command] = reply
            await driver.configure(US)

        raised(work, WrongAnswer)


def test_a_port_that_is_not_there_is_named():
    async def work(driver, module, sink):
        await driver.configure(US)

    assert "port 5" in str(raised(work, NotSupported, A0Module(), (1, 2, 3, 4, 5)))


def test_refusals_are_named_in_words():
    async def work(driver, module, sink):
        module.answers[0x66] = b"\x48"
        await driver.configure(US)

    error = raised(work, ModuleFault)
    assert error.code == 0x48 and "power out of range" in str(error)


def test_one_prefix_is_selected_on_the_air():
    async def work(driver, module, sink):
        for radio in (
            Radio("US", session=0, prefixes=["3414257BF4"]),
            Radio("US", session=2, prefixes=["301"]),
            Radio("US", session=2, prefixes=["30"], target="A"),
            Radio("US", session=2, prefixes=["30", "31"]),
        ):
            await driver.configure(radio)

    module, _ = driven(work)
    assert module.sent(0x98) == [
        b"\x01",
        b"\x01\x00\x00\x01\x20\x28\x34\x14\x25\x7b\xf4\x00",
        b"\x01",
        b"\x01\x02\x00\x01\x20\x0c\x30\x10\x00",
        b"\x01",
        b"\x01\x02\x02\x01\x20\x08\x30\x00",
        b"\x01",
    ]


def test_targets_take_turns_unless_the_mask_brings_tags_back_to_a():
    async def work(driver, module, sink):
        module.answers[0x98] = refusal
        await driver.configure(Radio("US", session=1, prefixes=["30"], target=target))
        for _ in range(4):
            await driver.stream(1)

    for refusal, target, targets in (
        (b"\x41", "AB", [0, 1, 0, 1]),
        (None, "AB", [0, 1, 0, 1]),
        (b"\x10", "AB", [0, 0, 0, 0]),
        (b"\x10", "A", [0, 0, 0, 0]),
        (b"\x41", "A", [0, 0, 0, 0]),
    ):
        module, _ = driven(work)
        asked = module.sent(SESSION)
        assert [data[1] for data in asked[:4]] == targets, (refusal, target)
        assert all(data == bytes((1, data[1], 1)) for data in asked)


def test_the_temperature_has_the_sign_that_modules_send():
    async def work(driver, module, sink):
        assert await driver.temperature() == 35
        module.answers[0x7B] = b"\x00\x05"
        assert await driver.temperature() == -5

    driven(work)

    async def odd(driver, module, sink):
        module.answers[0x7B] = b"\x05"
        await driver.temperature()

    raised(odd, WrongAnswer)


def test_sleep_only_waits_for_the_round_and_stop_sends_nothing():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.always = []
        streaming = asyncio.create_task(driver.stream(1000))
        await asyncio.sleep(0.005)
        streaming.cancel()
        try:
            await streaming
        except asyncio.CancelledError:
            pass
        module.commands.clear()
        module.send(record(EPC))
        await driver.stop()
        await driver.sleep()
        assert not module.commands

    driven(work)


# What the driver says and hears of the frames in the sources; the others are these.
