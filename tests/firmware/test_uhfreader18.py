"""The UHFReader18 family's driver against a scripted module."""

import asyncio

from drivers import uhfreader18, uhfreader18_talk
from drivers.errors import LinkLost, ModuleFault, NotSupported, TagFault, WrongAnswer
from drivers.reader import Radio, by_epc, by_tid
from drivers.uhfreader18 import UhfReader18

from tests.firmware.fake_uhfreader18 import (
    READER18,
    READER288M,
    FakeUhf,
    reply,
    tags_18,
    tags_288,
)
from tests.firmware.fakes import FakeClock, Sink, vectors
from tests.firmware.test_memory import Nothing, _feed, allocated

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
TID = bytes.fromhex("E2801160200000010000ABCD")
US = Radio("US")
uhfreader18_talk._PROBE_S = 0.02  # the scripted module answers at once
uhfreader18._AFTER_FULL_S = 0.02


def driven(work, module=None, antennas=(1,)):
    """Run `work(driver, module, sink)` on an opened driver; returns (module, sink)."""
    module = module or FakeUhf()
    sink = Sink()

    async def scenario():
        driver = UhfReader18(module, list(antennas), sink, FakeClock(5000))
        await driver.open()
        try:
            await work(driver, module, sink)
        finally:
            await driver.close()

    asyncio.run(scenario())
    return module, sink


def raised(work, kind, module=None, antennas=(1,)):
    """The error of this kind that `work` raises."""
    caught = []

    async def scenario(driver, module, sink):
        try:
            await work(driver, module, sink)
        except kind as error:
            caught.append(error)

    driven(scenario, module, antennas)
    assert caught, "nothing raised"
    return caught[0]


def configured(radio, kind=READER288M, antennas=(1,), prepare=None):
    """The module after `radio` was brought into it, and the commands that took."""
    module = FakeUhf(kind)
    if prepare:
        prepare(module)

    async def work(driver, module, sink):
        module.commands.clear()
        await driver.configure(radio)

    driven(work, module, antennas)
    return module


def streamed(sees, kind=READER288M, antennas=(1,), radio=US, slot_ms=0):
    """(driver's crc_errors, sink) after one slot in which the module had `sees`."""
    module = FakeUhf(kind)
    errors = []

    async def work(driver, module, sink):
        await driver.configure(radio)
        module.sees = sees
        await driver.stream(slot_ms)
        errors.append(driver.crc_errors)

    _, sink = driven(work, module, antennas)
    return errors[0], sink


async def nothing(driver, module, sink):
    pass


async def configure_and_stream(driver, module, sink):
    await driver.configure(US)
    await driver.stream(0)


# Opening


def test_every_rate_and_address_is_found():
    for baud in (57600, 115200, 38400, 19200, 9600):
        for address in (0, 7):
            module, _ = driven(nothing, FakeUhf(READER288M, baud, address))
            assert module.closed == 1


def test_a_module_that_reads_by_itself_is_told_to_answer_only():
    for kind, command in ((READER18, (0x35, b"\x00\x06\x04\x00\x01\x00")), (0x20, (0x76, b"\x00"))):
        module = FakeUhf(kind)
        module.send(reply(0xEE, 0, b"\x01\x0c" + EPC + b"\x50") * 3)
        driven(nothing, module)
        assert module.commands[-1] == command


def test_the_version_names_the_model():
    async def work(driver, module, sink):
        said.append(await driver.open())

    for kind, model in ((READER18, "UHFReader18"), (0x0F, "UHFReader86"), (0x55, "type 55")):
        said = []
        driven(work, FakeUhf(kind))
        assert model in said[0] and "3.01" in said[0]


def test_a_silent_port_is_given_up_when_opening():
    async def scenario():
        module = FakeUhf()
        module.mute = True
        driver = UhfReader18(module, [1], Sink(), FakeClock())
        said = ""
        try:
            await asyncio.wait_for(driver.open(), 5)
        except LinkLost as error:
            said = str(error)
        await driver.close()
        assert "scripted" in said

    asyncio.run(scenario())


# Settings


def test_each_region_is_a_band_with_its_ends():
    wanted = {"US": "3180", "EU": "8340", "CN": "1340", "KR": "1FC0"}
    for region, data in wanted.items():
        module = configured(Radio(region), prepare=lambda m: setattr(m, "region", b"\x00\x00"))
        assert (0x22, bytes.fromhex(data)) in module.commands, region


def test_firmware_without_the_four_european_channels_gets_the_band_between_their_ends():
    class Older(FakeUhf):
        def _by_itself(self, command, data):
            if command == 0x22 and data[0] >> 6 == 2:
                return 0xFF, b""
            return FakeUhf._by_itself(self, command, data)

    async def work(driver, module, sink):
        await driver.configure(Radio("EU"))

    module, _ = driven(work, Older())
    assert module.region == bytes([0x40 | 12, 3])


def test_a_region_that_the_module_refuses_is_named():
    async def work(driver, module, sink):
        module.answers[0x22] = (0xFF, b"")
        await driver.configure(Radio("KR"))

    said = str(raised(work, NotSupported, FakeUhf(READER18)))
    assert "KR" in said and "UHFReader18" in said


def test_a_region_that_the_family_lacks_is_not_replaced_by_another():
    async def work(driver, module, sink):
        await driver.configure(Radio("JP"))

    assert "JP" in str(raised(work, NotSupported))


def test_a_region_that_does_not_read_back_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x22] = (0, b"")
        await driver.configure(Radio("CN"))

    raised(work, WrongAnswer)


def test_what_the_module_has_already_is_not_written_again():
    def same(module):
        module.powers, module.beep = [20] * 4, 0

    module = configured(Radio("US", {1: 20}), prepare=same)
    assert {command for command, _ in module.commands} == {0x21, 0x66}


def test_one_power_for_all_ports_is_one_byte_and_read_back():
    module = configured(Radio("US", {1: 20, 2: 20, 9: 5}), antennas=(1, 2))
    assert (0x2F, b"\x14") in module.commands


def test_a_power_for_each_antenna_is_read_back():
    module = configured(Radio("US", {4: 20, 5: 26}), antennas=(4, 5))
    assert module.powers == [20, 26, 30, 30]
    assert module.commands.count((0x94, b"")) == 2


def test_a_power_that_does_not_read_back_is_a_wrong_answer():
    async def work(driver, module, sink):
        module.answers[0x2F] = (0, b"")
        await driver.configure(Radio("US", {1: 12}))

    raised(work, WrongAnswer)


def test_a_refused_setting_names_the_code():
    async def work(driver, module, sink):
        module.answers[0x2F] = (0xFF, b"")
        await driver.configure(Radio("US", {1: 33}))

    fault = raised(work, ModuleFault)
    assert fault.code == 0xFF and "parameter" in str(fault)


def test_the_beeper_is_switched_off_and_the_ports_in_use_are_named():
    module = configured(US, antennas=(3, 1, 2))
    assert (0x40, b"\x00") in module.commands
    assert (0x3F, b"\x87") in module.commands


def test_what_a_model_does_not_know_is_left_out():
    def simple(module):
        for command in (0x3F, 0x40, 0x66):
            module.answers[command] = (0xFE, b"")

    configured(US, antennas=(1, 2), prepare=simple)


def test_a_uhfreader18_gets_its_shortest_scan_time():
    module = configured(Radio("US", {1: 25}), READER18)
    assert module.scan == 3 and module.powers[0] == 25


def test_a_uhfreader18_has_one_antenna_and_session_0():
    for radio, antennas in ((US, (1, 2)), (Radio("US", session=1), (1,))):

        async def work(driver, module, sink, radio=radio):
            await driver.configure(radio)

        raised(work, NotSupported, FakeUhf(READER18), antennas)


def test_nothing_is_sent_on_the_air_before_a_region_is_set():
    async def stream(driver, module, sink):
        await driver.stream(10)

    async def read(driver, module, sink):
        await driver.read_tid(by_epc(EPC))

    for work in (stream, read):
        raised(work, NotSupported)


# Reading


def test_the_inventory_carries_session_target_mask_antenna_and_time():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", session=2, prefixes=["3414257BF"]))
        module.commands.clear()
        await driver.stream(0)
        await driver.stream(0)

    module, _ = driven(work, antennas=(1, 2))
    mask = "0100202434 14257BF0".replace(" ", "")
    assert [data.hex().upper() for _, data in module.commands] == [
        "0502" + mask + "008001",
        "0502" + mask + "008101",
        "0502" + mask + "018001",
        "0502" + mask + "018101",
    ]


def test_several_prefixes_are_left_to_the_filter():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", prefixes=["34", "35"]))
        await driver.stream(0)

    module, _ = driven(work)
    assert module.commands[-1] == (0x01, bytes.fromhex("0500010000000080 01".replace(" ", "")))


def test_every_public_inventory_reply_gives_its_tags():
    wanted = {
        "tag, reader18": ["000000000000000000000313"],
        "2 tags, reader18": ["000000000000000000000313", "000000000000000000000314"],
        "tag, 288M": [("000000000000000000000313", 1, -230)],
        "tag ant3, 288M": [("49440000000000000A000334", 3, -300)],
        "2 byte EPC": [("00323038", 1, -210)],
        "no tag 288M": [],
        "2 tags 288M": [
            ("000000000000000000000313", 1, -230),
            ("000000000000000000000314", 1, -220),
        ],
    }
    for vector in vectors("frames_uhfreader18"):
        name = vector["name"]
        if name not in wanted:
            continue
        kind = READER18 if "reader18" in name else READER288M
        antennas = (1,) if kind == READER18 else (1, 2, 3, 4)
        frame = bytes.fromhex(vector["hex"])
        ending = b"" if frame[3] == 1 else reply(0x01, 1)
        _, sink = streamed({1: [frame + ending]}, kind, antennas)
        if kind == READER18:
            assert [(r[0].hex(), r[1:3]) for r in sink.records] == [
                (epc, (1, None)) for epc in wanted[name]
            ]
        else:
            got = [(r[0].hex().upper(), r[1], r[2]) for r in sink.records]
            assert got == wanted[name], name


def test_a_tag_list_in_several_frames_arrives_whole():
    frames = b"".join([tags_288([(EPC, -50), (EPC[:4], -60)], status=3) for _ in range(3)])
    _, sink = streamed({1: [frames + tags_288([], status=1)]})
    assert len(sink.records) == 6
    assert sink.looks == [(1, 1, 0)]


def test_epcs_of_any_length_are_read():
    lengths = (0, 2, 4, 8, 12, 16, 30, 62)
    epcs = [bytes(range(length)) for length in lengths]
    _, sink = streamed({1: [tags_288([(epc, -70) for epc in epcs])]})
    assert [record[0] for record in sink.records] == epcs
    _, sink = streamed({1: [tags_18(epcs)]}, READER18)
    assert [record[0] for record in sink.records] == epcs


def test_a_tid_behind_the_epc_is_no_part_of_it():
    _, sink = streamed({1: [tags_288([(EPC, -50, TID), (b"", -60, TID), (EPC, -70)])]})
    assert [(r[0], r[2]) for r in sink.records] == [(EPC, -500), (b"", -600), (EPC, -700)]


def test_a_list_that_does_not_fill_its_frame_is_counted_and_not_handed_over():
    whole = tags_288([(EPC, -50)])[4:-2]
    for data in (
        whole[:-1],
        whole + b"\x00",
        b"\x01",
        b"\x01\x02" + whole[2:],
        b"\x01\x01\x85123456",
    ):
        errors, sink = streamed({1: [reply(0x01, 1, data)]})
        assert errors == 1 and not sink.records, data


def test_all_antennas_look_in_a_slot_and_each_tells_its_looks():
    sees = {1: [tags_288([(EPC, -50)], 1)], 2: [tags_288([(EPC, -60)], 2)]}
    _, sink = streamed(sees, antennas=(7, 5, 6))
    assert [record[1] for record in sink.records] == [7, 5]
    assert [look[:2] for look in sink.looks] == [(7, 1), (5, 1), (6, 1)]


def test_all_ways_an_inventory_may_end_are_a_look():
    for status in (1, 2, 4, 0xFA, 0xFB):
        _, sink = streamed({1: [reply(0x01, status)]})
        assert sink.looks[0][:2] == (1, 1), status


def test_memory_full_may_be_followed_by_the_end():
    _, sink = streamed({1: [tags_288([(EPC, -50)], status=4) + tags_288([], status=1)]})
    assert len(sink.records) == 1 and sink.looks[0][:2] == (1, 1)


def test_statistics_are_no_end_and_no_tags():
    frames = reply(0x01, 0x26, bytes(7)) + tags_288([(EPC, -50)])
    _, sink = streamed({1: [frames]})
    assert len(sink.records) == 1


def test_a_missing_antenna_is_named_and_the_others_look_on():
    sinks = []

    async def work(driver, module, sink):
        sinks.append(sink)
        await driver.configure(US)
        module.sees = {1: [reply(0x01, 0xF8)]}
        await driver.stream(0)

    fault = raised(work, ModuleFault, antennas=(4, 5))
    assert fault.code == 0xF8 and "antenna 4" in str(fault) and "not connected" in str(fault)
    assert [look[:2] for look in sinks[0].looks] == [(4, 0), (5, 1)]


def test_a_refused_inventory_ends_the_slot_with_its_name():
    for status, name in (
        (0xFE, "unknown command"),
        (0xFD, "wrong length"),
        (0x77, "without a name"),
    ):

        async def work(driver, module, sink, status=status):
            await driver.configure(US)
            module.answers[0x01] = (status, b"")
            await driver.stream(0)

        assert name in str(raised(work, ModuleFault))


def test_late_replies_and_a_module_that_reads_by_itself_disturb_nothing():
    noise = reply(0xEE, 0, b"\x01\x0c" + EPC + b"\x50") + reply(0x21, 0, bytes(8)) + b"\x15\x00\x01"
    _, sink = streamed({1: [noise + tags_288([(EPC, -50)])]})
    assert [record[0] for record in sink.records] == [EPC]


def test_a_mute_module_is_noticed_within_three_seconds():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.mute = True
        await asyncio.wait_for(driver.stream(80), 3)

    raised(work, LinkLost)


def test_an_unplugged_port_is_a_lost_link_at_once():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.unplug()
        await asyncio.sleep(0)
        await asyncio.wait_for(driver.stream(80), 1)

    raised(work, LinkLost)


def test_a_record_allocates_nothing():
    async def check(kind, stream):
        driver = UhfReader18(FakeUhf(kind), [1], Nothing(), FakeClock(1000))
        driver._talk.is_18 = kind == READER18
        for size in (24, 1, 37):
            took = allocated(lambda size=size: _feed(driver, stream, size))
            assert took in (None, 0), took
        assert driver.crc_errors == 0

    epcs = [EPC[:-1] + bytes([at]) for at in range(12)]
    asyncio.run(check(READER18, bytearray(tags_18(epcs, 3) * 3)))
    lists = tags_288([(epc, -50) for epc in epcs], status=3) + tags_288([(EPC, -60, TID)], status=3)
    asyncio.run(check(READER288M, bytearray(lists * 3)))


# Tags


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
