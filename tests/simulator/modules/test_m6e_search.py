"""An emulated M6e searches into its buffer as the module: counts, records, filters, sessions."""

import pytest

from simulator.modules.m6e.frames import Command, Reply
from simulator.modules.tag import Tag
from tests.simulator.modules.m6e_bench import (
    EPCS,
    NANO_EPC,
    START,
    STOP,
    M6eBench,
    buffered,
    epcs_in,
    school_tags,
    streaming,
    tags_of,
)

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
