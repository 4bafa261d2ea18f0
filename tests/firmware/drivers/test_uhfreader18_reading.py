"""The UHFReader18 family's driver reads: every tag, every antenna, and what goes wrong."""

import asyncio

from drivers.errors import LinkLost, ModuleFault
from drivers.reader import Radio
from drivers.uhfreader18.driver import UhfReader18

from tests.firmware.drivers.driven_uhfreader18 import EPC, TID, US, driven, raised, streamed
from tests.firmware.drivers.fake_uhfreader18 import (
    READER18,
    READER288M,
    FakeUhf,
    reply,
    tags_18,
    tags_288,
)
from tests.firmware.fakes import FakeClock, vectors
from tests.firmware.test_memory import Nothing, _feed, allocated


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
    assert [look[:2] for look in sink.looks] == [(1, 1)]


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
