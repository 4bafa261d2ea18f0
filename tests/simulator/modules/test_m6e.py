"""An emulated M6e behaves as the module: searches, buffer, streams, limits, sleep, quirks."""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.faults import Faults
from simulator.modules.field import make_tags
from simulator.modules.m6e_frames import Command, Reply
from simulator.modules.m6e_models import QUIRKS
from simulator.modules.tag import Tag
from tests.simulator.modules.m6e_bench import NANO_EPC, START, STOP, M6eBench, tags_of
from tests.support.counts import count

EPCS = [bytes.fromhex(f"3414257bf4000000000000{number:02x}") for number in range(100)]


def school_tags(count: int) -> list[Tag]:
    return make_tags(count, random.Random(1), epcs=EPCS[:count])


def streaming(*tags: Tag, **options: object) -> M6eBench:
    """A module that reads continuously, its read filter off."""
    bench = M6eBench(*tags, **options).ready()
    bench.answer(0x9A, "010c00", 0.1)
    assert bench.ask(0x2F, START, 0.002) == [Reply(0x2F)]
    return bench


def buffered(bench: M6eBench, flags: str = "0000") -> list[Reply]:
    """Fetch the buffer until it is empty; return the replies."""
    replies = []
    while (reply := bench.answer(0x29, flags + "00", 0.2)).data[3]:
        replies.append(reply)
    return replies


def epcs_in(replies: list[Reply]) -> list[bytes]:
    """Return the EPCs of buffered records of 96 bit without metadata."""
    return [
        reply.data[4 + 18 * place + 4 : 4 + 18 * place + 16]
        for reply in replies
        for place in range(reply.data[3])
    ]


# Region, power


@pytest.mark.parametrize(
    ("opcode", "data"),
    [
        (0x22, "00 0013 00c8"),
        (0x21, "00c8"),
        (0x28, "00c8 02 00000000 06"),
        (0x23, "00c8 00 00 e200"),
        (0x24, "00c8 00 00000000 03 1234"),
        (0x26, "00c8 00 00000001 00"),
        (0x2F, START),
        (0xC3, "01"),
    ],
)
def test_without_a_region_nothing_transmits(opcode, data):
    bench = M6eBench(*school_tags(1))
    bench.field.answer = None
    assert bench.answer(opcode, data) == Reply(opcode, 0x010B)


def test_regions_a_nano_has_not_are_refused_and_an_m7e_has_north_america():
    assert M6eBench().answer(0x97, "01") == Reply(0x97, 0x010B)
    assert M6eBench().answer(0x97, "99") == Reply(0x97, 0x010B)
    assert M6eBench(quirks=["m7e"]).answer(0x97, "01") == Reply(0x97)


def test_powers_are_kept_and_their_limits_named():
    bench = M6eBench()
    for setter, getter in ((0x92, 0x62), (0x94, 0x64)):
        assert bench.answer(setter, "0a8c").status == 0
        assert bench.answer(getter, "00").data == bytes.fromhex("000a8c")
        assert bench.answer(setter, "0a8d").status == 0x0103
        assert bench.answer(setter, "ff9c").status == 0x0106
        assert bench.answer(setter, "0a").status == 0x0100


def test_the_power_reaches_the_field_and_a_ports_own_overrides_it():
    seen = []
    bench = M6eBench().ready(1000)
    bench.field.answer = lambda antenna, at_s, power, mhz: seen.append((antenna, power)) or ()
    bench.ask(0x22, "00 0013 0032")
    bench.answer(0x91, "04 01 0578 07d0 0000")
    bench.ask(0x22, "00 0013 0032")
    bench.ask(0x28, "0032 02 00000000 06")
    assert {power for _, power in seen} == {10.0, 14.0}
    bench.ask(0x24, "0032 00 00000000 03 1234")
    assert {power for _, power in seen} == {10.0, 14.0, 20.0}
    assert bench.answer(0x61, "04").data.hex() == "0401057807d00000"


def test_each_region_transmits_on_its_own_channels():
    for region, low, high in (("08", 865, 868), ("0d", 917, 928), ("06", 920, 925)):
        seen = []
        bench = M6eBench()
        bench.answer(0x97, region)
        bench.field.answer = lambda antenna, at_s, power, mhz, seen=seen: seen.append(mhz) or ()
        bench.ask(0x22, "00 0013 03e8", 1.5)
        assert seen and all(low <= mhz <= high for mhz in seen)


def test_a_hop_table_of_the_host_is_used_and_one_outside_the_region_refused():
    seen = []
    bench = M6eBench().ready()
    assert bench.answer(0x95, "000dfbe4").status == 0x0104  # 916,452 kHz
    assert bench.answer(0x95, "000e1000").status == 0
    assert bench.answer(0x65).data.hex() == "000e1000"
    bench.field.answer = lambda antenna, at_s, power, mhz: seen.append(mhz) or ()
    bench.ask(0x22, "00 0013 03e8", 1.5)
    assert set(seen) == {921.6}


# Searching into the buffer


def test_a_search_counts_its_tags_and_the_buffer_gives_them_in_frames_of_seven():
    bench = M6eBench(*school_tags(16)).ready()
    assert bench.answer(0x22, "00 0013 03e8").data.hex() == "00001300000010"
    sizes = [reply.data[3] for reply in buffered(bench, "01ff")]
    assert sizes == [7, 7, 2]


def test_the_buffer_tells_its_indexes_rewinds_and_is_cleared():
    bench = M6eBench(*school_tags(3)).ready()
    bench.answer(0x22, "00 0013 01f4")
    assert bench.answer(0x29).data.hex() == "00000003"
    assert len(epcs_in(buffered(bench))) == 3
    assert bench.answer(0x29).data.hex() == "00030003"
    assert bench.answer(0x29, "0000 01").data[3] == 3
    assert bench.answer(0x2A) == Reply(0x2A)
    assert bench.answer(0x29).data.hex() == "00000000"


def test_with_the_read_filter_off_each_read_is_a_record_of_its_own():
    bench = M6eBench(*school_tags(1)).ready()
    bench.answer(0x9A, "010c00")
    count = int.from_bytes(bench.answer(0x22, "00 0013 03e8").data[3:7], "big")
    assert count > 10


def test_a_hundred_tags_are_found_in_a_second_or_two():
    bench = M6eBench(*school_tags(100)).ready()
    bench.answer(0x22, "00 0013 07d0", 2.5)
    assert set(epcs_in(buffered(bench))) == set(EPCS)


def test_metadata_say_how_often_how_strong_where_and_when():
    bench = M6eBench(*school_tags(1)).ready()
    bench.answer(0x22, "00 0013 03e8")
    (reply,) = buffered(bench, "0fff")
    count, rssi, antenna = reply.data[4:7]
    assert 15 <= count <= 40  # captured: 18 to 31 reads of a lone tag in a second
    assert -70 <= rssi - 256 <= -40
    assert antenna == 0x11
    assert 917_400 <= int.from_bytes(reply.data[7:10], "big") <= 927_200
    assert int.from_bytes(reply.data[10:14], "big") <= 1000
    assert int.from_bytes(reply.data[14:16], "big") <= 180
    assert reply.data[16:19] == b"\x05\x00\x00"
    assert reply.data[23:27] == b"\x00\x80\x30\x00"


def test_a_search_ends_after_the_number_of_tags_it_was_given():
    bench = M6eBench(*school_tags(20)).ready()
    began_s = bench.now_s
    bench.send(Command(0x22, bytes.fromhex("00 0053 2710 00000003")).encode())
    (sent,) = bench.run(12)
    assert sent.data[5:12].hex() == "00005300000003"
    assert sent.at_s - began_s < 1.0


def test_each_search_counts_what_it_found_whatever_the_buffer_holds():
    bench = M6eBench(*school_tags(4)).ready()
    for _ in range(2):
        assert bench.answer(0x22, "00 0013 01f4").data.hex() == "00001300000004"
    assert len(epcs_in(buffered(bench))) == 4


def test_the_shortest_search_gives_the_count_alone():
    bench = M6eBench(*school_tags(2)).ready()
    assert bench.answer(0x22, "01f4").data == b"\x02"
    assert bench.answer(0x22, "00 0003 01f4").data.hex() == "00000302"


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("01 0013 01f4 00000000 60" + EPCS[2].hex(), {2}),
        ("04 0013 01f4 00000000 00000020 28 3414257bf4", {0, 1, 2, 3}),
        ("0c 0013 01f4 00000000 00000020 60" + EPCS[2].hex(), {0, 1, 3, 4}),
        ("24 0013 01f4 00000000 00000020 0060" + EPCS[1].hex(), {1}),
        ("02 0013 01f4 00000000 00000000 08 e2", {0, 1, 2, 3, 4}),
        ("06 0013 01f4 0060", {0, 1, 2, 3, 4}),
        ("06 0013 01f4 0040", set()),
        ("05 0013 01f4 00000000", {0, 1, 2, 3, 4}),
        ("88 04 0013 01f4 00000000 00000020 60" + EPCS[3].hex() + "04 00 00", {3}),
        (
            "88 04 0013 01f4 00000000 00000020 60" + EPCS[3].hex() + "04 00"
            "04 00000020 60" + EPCS[0].hex() + "04 01 00",
            {0, 3},
        ),
    ],
)
def test_filters_are_selects_on_the_air(option, found):
    strange = Tag(bytes.fromhex("e28069950000000000000001"))
    everyone = [*school_tags(4), strange]
    bench = M6eBench(*everyone).ready()
    reply = bench.answer(0x22, option)
    assert reply.status == (0 if found else 0x0400)
    heard = epcs_in(buffered(bench))
    assert {place for place, tag in enumerate(everyone) if tag.epc in heard} == found


def test_a_command_embedded_in_a_search_is_done_on_each_tag():
    bench = M6eBench(*school_tags(2)).ready()
    reply = bench.answer(0x22, "00 0017 03e8 01 09 28 07d0 00 02 00000000 06")
    assert reply.data[:7].hex() == "00001700000002"
    assert reply.data[7:9].hex() == "0128"
    assert int.from_bytes(reply.data[9:11], "big") > 20 and reply.data[11:13] == b"\0\0"
    (records,) = buffered(bench, "0080")
    assert records.data[4:6] == b"\x00\x60"
    assert records.data[6:10].hex() == "e2806995"


def test_all_banks_can_be_read_in_one_embedded_command():
    bench = M6eBench(Tag(NANO_EPC, user_bytes=4)).ready()
    blob = "88 10 0017 01f4 0fff 01 09 28 07d0 00 3f 00000000 00"
    reply = bench.answer(0x22, blob)
    assert reply.data[:2].hex() == "8800"  # the metadata bit is not repeated
    banks = reply.data[14:].hex()
    assert banks.startswith("3002" + "00000000" + "0004" + "0000000000000000" + "100a")
    assert "2006e2806995" in banks


# Sessions


def test_in_s1_a_tag_is_found_once_until_its_flag_decays():
    bench = streaming(Tag(EPCS[0], s1_persistence_s=2.0))
    bench.ask(0x2F, STOP)
    bench.answer(0x9B, "050001", 0.1)
    reads = tags_of(bench.ask(0x2F, START, 6.5))
    assert 3 <= len(reads) <= 5


def test_with_both_targets_a_tag_in_s2_is_read_on_and_on():
    bench = M6eBench(*school_tags(3)).ready()
    for setting in ("050002", "05010000"):
        assert bench.answer(0x9B, setting).status == 0
    bench.answer(0x9A, "010c00")
    assert len(tags_of(bench.ask(0x2F, START, 5))) > 50


def test_flags_belong_to_the_tag_so_two_readers_share_them():
    tag = Tag(EPCS[0], unpowered_persistence_s=20)
    one, other = M6eBench(tag).ready(), M6eBench(tag).ready()
    for bench in (one, other):
        bench.answer(0x9B, "050002")
    assert one.answer(0x22, "00 0013 00c8").status == 0
    other.now_s = one.now_s
    assert other.answer(0x22, "00 0013 00c8").status == 0x0400
    other.answer(0x9B, "05010101")
    assert other.answer(0x22, "00 0013 00c8").status == 0


# Streaming


def test_a_stream_is_records_with_a_keep_alive_each_second_until_it_is_stopped():
    bench = streaming(*school_tags(3))
    replies = bench.replies(5)
    keep_alives = [reply for reply in replies if reply == Reply(0x22, 0x0400)]
    assert len(keep_alives) in (4, 5)
    assert set(tags_of(replies)) == set(EPCS[:3])
    assert replies[0].data[:6].hex() == "10001b01ff01"
    end = bench.ask(0x2F, STOP, 1)
    assert end[-1] == Reply(0x2F, 0, b"\x02")
    assert bench.replies(3) == []
    assert bench.module.next_due_s is None


def test_timestamps_begin_again_with_each_keep_alive():
    stamps, newest = [], 0
    for reply in streaming(*school_tags(2)).replies(5):
        if reply.status:
            stamps.append(newest)
            newest = 0
        else:
            stamp = int.from_bytes(reply.data[12:16], "big")
            assert newest <= stamp <= 1200
            newest = stamp
    assert min(stamps) > 700


def test_with_the_read_filter_each_tag_is_streamed_once():
    bench = M6eBench(*school_tags(3)).ready()
    assert sorted(tags_of(bench.ask(0x2F, START, 5))) == EPCS[:3]


def test_the_read_filters_time_out_lets_a_tag_through_again():
    bench = M6eBench(*school_tags(1)).ready()
    bench.answer(0x9A, "010d000000")
    bench.answer(0x9A, "010d00000001")
    assert len(tags_of(bench.ask(0x2F, START, 3))) > 10


def test_about_a_hundred_and_thirty_reads_a_second_and_25_of_a_lone_tag():
    for tags, low, high in ((1, 18, 32), (16, 90, 160), (40, 100, 200)):
        bench = streaming(*school_tags(tags), baud=115200)
        assert low <= len(tags_of(bench.replies(10))) / 10 <= high


def test_a_rate_is_kept():
    for tags in (1, 20):
        bench = streaming(*school_tags(tags), rate_hz=200.0)
        assert len(tags_of(bench.replies(10))) == pytest.approx(2000, rel=0.1)


def test_statistics_are_streamed_four_times_a_second_when_asked_for():
    bench = M6eBench().ready()
    start = "0000 01 22 0000 05 09 22 10 011b 03e8 01ff 0100"
    replies = [reply for reply in bench.ask(0x2F, start, 4) if len(reply.data) == 10]
    assert len(replies) in (15, 16)
    assert replies[0] == Reply(0x22, 0, bytes.fromhex("00 011b 02 8200 8200 01 23"))


def test_a_duty_cycle_rests_between_its_cycles():
    bench = M6eBench(*school_tags(1)).ready()
    bench.answer(0x9A, "010c00")
    start = "0000 01 22 0000 05 09 22 10 041b 00fa 00fa 01ff"
    bench.send(Command(0x2F, bytes.fromhex(start)).encode())
    began_s = bench.now_s
    times = [sent.at_s - began_s for sent in bench.run(5) if sent.is_notice]
    assert times and all(at_s % 0.5 < 0.30 for at_s in times)


def test_settings_are_changed_while_streaming_by_wrapping_them():
    bench = streaming(*school_tags(1))
    replies = bench.ask(0x2F, "0000 04 02 92 03e8")
    assert Reply(0x2F, 0, bytes.fromhex("04 00 92 0000")) in replies
    replies = bench.ask(0x2F, "0000 04 01 62 00")
    assert Reply(0x2F, 0, bytes.fromhex("04 03 62 0000 0003e8")) in replies
    replies = bench.ask(0x2F, "0000 04 02 92 0fff")
    assert Reply(0x2F, 0, bytes.fromhex("04 00 92 0103")) in replies
    replies = bench.ask(0x2F, "0000 04 01 22 00")
    assert Reply(0x2F, 0, bytes.fromhex("04 00 22 0101")) in replies
    assert tags_of(bench.replies(1))


def test_other_commands_are_lost_while_it_streams():
    bench = streaming(*school_tags(1))
    assert {reply.opcode for reply in bench.ask(0x72, seconds=1)} == {0x22}
    assert bench.module.stats.lost_commands == 1


def test_a_stream_of_embedded_reads_carries_data_and_closes_each_cycle_with_counts():
    bench = M6eBench(*school_tags(1)).ready()
    start = "0000 01 22 0000 05 13 22 10 001f 00fa 01ff 01 09 28 07d0 00 02 00000000 06"
    replies = bench.ask(0x2F, start, 1)
    record = next(reply for reply in replies if len(reply.data) > 20)
    assert record.data[19:21] == b"\x00\x60"
    end = next(reply for reply in replies if reply.data[:4] == bytes.fromhex("00001f00"))
    assert end.data[8:10] == b"\x01\x28" and len(end.data) == 14


def test_a_stream_for_a_number_of_tags_ends_by_itself():
    bench = M6eBench(*school_tags(5)).ready()
    start = "0000 01 22 0040 00000002 05 0b 22 10 005b 03e8 01ff 00000002"
    replies = bench.ask(0x2F, start, 3)
    assert len(tags_of(replies)) == 2
    assert replies[-1] == Reply(0x22, 0, bytes.fromhex("01 005b 00000002"))
    assert bench.answer(0x2F, STOP) == Reply(0x2F, 0, b"\x02")


def test_a_search_with_the_streaming_flag_ends_with_its_time():
    bench = M6eBench(*school_tags(2)).ready()
    replies = bench.ask(0x22, "10 001b 01f4 01ff", 2)
    assert set(tags_of(replies)) == set(EPCS[:2])
    assert replies[-1].data[:4].hex() == "00001b00" and len(replies[-1].data) == 8


def test_several_searches_can_be_answered_together():
    bench = M6eBench(*school_tags(2)).ready()
    reply = bench.answer(0x2F, "03e8 11 01ff 22 0000 05 07 22 10 0013 01f4 01ff")
    assert reply.data[:8].hex() == "1101ff2200000002"


# Wrong commands


@pytest.mark.parametrize(
    ("opcode", "data", "status"),
    [
        (0x55, "", 0x0101),
        (0xAA, "00", 0x0101),
        (0x03, "00", 0x0100),
        (0x06, "0001", 0x0100),
        (0x06, "00001234", 0x010A),
        (0x22, "00", 0x0100),
        (0x22, "00 0013 03e8 99", 0x0100),
        (0x22, "07 0013 03e8", 0x0105),
        (0x22, "10 0013 03e8 f000", 0x0105),
        (0x28, "03e8", 0x0100),
        (0x24, "03e8 00 00000000 03", 0x0100),
        (0x24, "03e8 00 00000000 07 1234", 0x0105),
        (0x26, "03e8 00 00000000 00", 0x040C),
        (0x25, "03e8 00 00000000 0000 0000", 0x0105),
        (0x29, "01", 0x0100),
        (0x2F, "0000 09", 0x0105),
        (0x2F, "0000 01 22 0000", 0x0100),
        (0x2F, "0000 01 22 0000 03 05 22 10 001b 03e8", 0x0402),
        (0x61, "09", 0x0105),
        (0x62, "02", 0x0105),
        (0x91, "0202", 0x0105),
        (0x91, "03 02 03e8 03e8", 0x0105),
        (0x93, "0003", 0x0402),
        (0x96, "0900", 0x0105),
        (0x98, "05", 0x0105),
        (0x9A, "010c", 0x0100),
        (0x9A, "01ff00", 0x0105),
        (0x9B, "050004", 0x0105),
        (0x9B, "05ee00", 0x0105),
        (0x9B, "030000", 0x0402),
    ],
)
def test_wrong_commands_are_answered_by_their_status(opcode, data, status):
    assert M6eBench(*school_tags(1)).ready().answer(opcode, data).status == status


# Boot loader, baud, checksums, sleep


def test_the_boot_loader_knows_few_commands_and_starts_the_application():
    bench = M6eBench().ready()
    assert bench.answer(0x09) == Reply(0x09)
    assert bench.answer(0x0C).data == b"\x51"
    assert bench.answer(0x67).status == 0x0101
    assert bench.answer(0x09).status == 0x0101
    version = bench.answer(0x03).data
    assert bench.answer(0x04) == Reply(0x04, 0, version)
    assert bench.answer(0x0C).data == b"\x52"
    assert bench.answer(0x67).data == b"\x00"


def test_the_baud_rate_changes_after_the_reply_has_left():
    bench = M6eBench()
    bench.send(Command(0x06, (921600).to_bytes(4, "big")).encode())
    bench.now_s += 0.1
    (sent,) = bench.module.take()
    assert sent.data == Reply(0x06).encode()
    assert bench.module.baud == 115200  # as the owner hands the reply on
    assert bench.module.next_due_s <= bench.now_s
    assert bench.module.take() == []
    assert bench.module.baud == 921600
    bench.module.power_cycle()
    assert bench.module.baud == 115200


def test_checksums_of_replies_can_be_switched_off_and_on():
    bench = M6eBench()
    assert bench.raw(Command(0x9A, b"\x01\x1b\x00").encode()) == Reply(0x9A).encode()
    assert bench.raw("ff000c1d03").hex() == "ff010c000052"
    assert bench.raw(Command(0x9A, b"\x01\x1b\x01").encode()) == Reply(0x9A).encode()
    assert bench.raw("ff000c1d03").hex() == "ff010c0000526303"


def test_asleep_it_loses_the_command_that_wakes_it_and_a_run_of_ff_saves_it():
    bench = M6eBench()
    assert bench.answer(0x98, "04") == Reply(0x98)
    assert bench.ask(0x0C) == []
    assert bench.answer(0x0C).data == b"\x52"
    bench.run(5)
    for _ in range(24):
        bench.send(b"\xff" * 8)
        bench.run(0.009)
    assert bench.answer(0x0C).data == b"\x52"


# Antennas


def test_a_multiplexer_gives_sixteen_ports_and_a_nano_has_one():
    bench = M6eBench(*school_tags(1), antennas=(1, 2), quirks=["multiplexer"]).ready()
    assert len(bench.answer(0x61, "05").data) == 1 + 2 * 16
    assert bench.answer(0x91, "02 0101 0202").status == 0
    bench.answer(0x9A, "010c00")
    ports = {reply.data[8] for reply in bench.ask(0x2F, START, 3) if len(reply.data) > 16}
    assert ports == {0x11, 0x22}
    assert M6eBench().answer(0x91, "02 0202").status == 0x0105


def test_a_port_without_antenna_reads_nothing():
    bench = M6eBench(*school_tags(1), antennas=(1,), quirks=["multiplexer"]).ready()
    bench.answer(0x91, "02 0202")
    assert bench.answer(0x22, "00 0013 00c8").status == 0x0400


# Quirks


def test_an_m7e_has_other_versions_and_demands_metadata():
    bench = M6eBench(*school_tags(1), quirks=["m7e"]).ready()
    assert bench.answer(0x03).data[4] == 0x38
    assert bench.answer(0x28, "03e8 02 00000000 06").status == 0x0105
    assert bench.answer(0x28, "03e8 00 02 00000000 06").status == 0x0105
    reply = bench.answer(0x28, "03e8 10 0000 02 00000000 06")
    assert reply.data[:7].hex() == "100000e2806995"


def test_the_boot_message_comes_by_itself():
    (sent,) = M6eBench(quirks=["boot-message"]).run(1)
    assert sent.data.hex().startswith("ff14040000")


def test_after_a_reset_baud_and_settings_are_lost_and_the_boot_message_sent():
    bench = M6eBench(quirks=["resets=10"]).ready()
    bench.answer(0x06, "000e1000", 0.1)
    replies = bench.replies(11)
    assert [reply.opcode for reply in replies] == [0x04]
    assert bench.module.baud == 115200
    assert bench.answer(0x67).data == b"\0"


def test_a_weak_supply_gives_way_above_5_dbm():
    for power, opcodes in ((500, {0x22}), (2000, {0x22, 0x04})):
        bench = M6eBench(*school_tags(1), quirks=["brown-out"]).ready(power)
        bench.answer(0x9A, "010c00")
        bench.ask(0x2F, START, 0.001)
        assert {reply.opcode for reply in bench.replies(3)} - {0x2F} == opcodes


def test_too_hot_it_pauses_says_so_and_goes_on_when_cool():
    bench = streaming(*school_tags(5), quirks=["over-temperature=5"])
    replies = bench.replies(90)
    statuses = [reply.status for reply in replies]
    first, last = statuses.index(0x0504), len(statuses) - statuses[::-1].index(0x0504)
    assert tags_of(replies[:first])
    assert 0 in statuses[first:last] or tags_of(replies[last:])
    hot = M6eBench(*school_tags(5), quirks=["over-temperature=1"]).ready()
    hot.answer(0x22, "00 0013 1388", 6)
    assert hot.answer(0x22, "00 0013 03e8").status == 0x0504


def test_high_return_loss_and_a_missing_antenna_are_named():
    bench = streaming(*school_tags(1), quirks=["return-loss=1"])
    statuses = [reply.status for reply in bench.replies(10)]
    assert 0x0505 in statuses and 0 in statuses[: statuses.index(0x0505)]
    missing = M6eBench(*school_tags(1), quirks=["antenna-missing"]).ready()
    assert missing.raw(Command(0x2F, bytes.fromhex(START)).encode()).hex() == "ff002f0503544e"
    assert missing.answer(0x22, "00 0013 00c8").status == 0x0503


def test_a_mute_module_answers_again_only_after_its_power_went():
    bench = streaming(*school_tags(1), quirks=["mute=4"])
    assert tags_of(bench.replies(0.5))
    bench.run(5)
    assert bench.replies(5) == []
    assert bench.ask(0x03) == []
    bench.module.power_cycle()
    assert bench.answer(0x03).opcode == 0x03


def test_smaller_quirks_show():
    slow = M6eBench(quirks=["slow-boot"])
    assert slow.ask(0x03) == []
    slow.run(0.5)
    assert slow.answer(0x03).opcode == 0x03
    still = M6eBench(*school_tags(1), quirks=["still-streaming"])
    assert {reply.opcode for reply in still.replies(2)} == {0x22}
    assert still.ask(0x2F, STOP, 1)[-1] == Reply(0x2F, 0, b"\x02")
    warm = streaming(quirks=["temperature-always"])
    assert any(len(reply.data) == 10 for reply in warm.replies(1))
    lossy = M6eBench(*school_tags(1), quirks=["lost-reply=3"]).ready()
    answers = [len(lossy.ask(0x22, "00 0013 0032", 0.3)) for _ in range(6)]
    assert answers == [1, 1, 0, 1, 1, 0]


def test_any_two_quirks_go_together():
    for pair in combinations(QUIRKS, 2):
        bench = M6eBench(*school_tags(2), quirks=pair)
        bench.run(1)
        for opcode, data in ((0x2F, STOP), (0x97, "08"), (0x92, "07d0"), (0x2F, START)):
            bench.ask(opcode, data, 0.7)
        bench.run(5)
        bench.ask(0x2F, STOP, 2)
        bench.module.power_cycle()
        for _ in range(2):  # a slow one does not hear the first
            bench.ask(0x2F, STOP, 1)
        assert bench.ask(0x03)[-1].opcode == 0x03


# Faults, chance, hostile bytes


def test_damaged_records_are_not_counted_as_valid():
    bench = streaming(*school_tags(3), faults=Faults(lost_byte=0.01))
    sent = bench.run(30)
    for one in sent:
        bench.module.delivered(one)
    assert 0 < bench.module.notices_sent < len(sent)


def test_the_same_seed_gives_the_same_bytes():
    def run() -> bytes:
        bench = streaming(*school_tags(10), read_probability=0.9, faults=Faults(flip_bit=0.01))
        return b"".join(one.data for one in bench.run(5))

    assert run() == run()


@settings(max_examples=count(100, 2000), deadline=None)
@given(
    st.lists(st.binary(max_size=40), max_size=8),
    st.sampled_from([(), ("silion",), ("m7e", "multiplexer")]),
)
def test_no_bytes_stop_the_module_from_answering_afterwards(chunks, quirks):
    bench = M6eBench(*school_tags(2), quirks=quirks)
    for chunk in chunks:
        bench.send(chunk)
        bench.run(0.05)
    bench.run(0.3)
    assert bench.answer(0x03).opcode == 0x03


# Bytes that commands are made of, so that many are understood and none takes a minute.
likely_data = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 5, 9, 0x10]), max_size=24).map(bytes)
opcodes = st.sampled_from(bytes.fromhex("0409212223242526282d2e2f292a61656a6b6c9192959698999a9b9d"))


@settings(max_examples=count(150, 1000), deadline=None)
@given(st.lists(st.tuples(opcodes, likely_data), max_size=8))
def test_no_order_of_commands_hangs_it(commands):
    bench = M6eBench(*school_tags(2)).ready()
    for opcode, data in commands:
        bench.ask(opcode, data, seconds=0.05)
    bench.ask(0x2F, STOP, seconds=40)
    bench.ask(0x2F, STOP, seconds=1)
    bench.raw("ff" * 200)
    bench.ask(0x9A, "011b01", seconds=1)
    assert Reply(0x2F, 0, b"\x02") in bench.ask(0x2F, STOP) or bench.ask(0x04)
