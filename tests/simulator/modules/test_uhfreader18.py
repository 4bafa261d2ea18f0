"""An emulated UHFReader behaves as the reader: inventories of both generations, masks, sessions,
its memory, wrong commands, quirks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.tag import Tag
from simulator.modules.uhfreader18.frames import Command, Reply, rssi_byte
from tests.simulator.modules.uhfreader18_bench import (
    EPCS,
    Reader,
    epcs_18,
    pushed,
    reads_288,
    school_tags,
)
from tests.support.counts import count

INFO, INVENTORY, SINGLE = 0x21, 0x01, 0x0F


def query(
    q: int = 4, session: int = 0, target: int = 0, antenna: int = 0x80, scan: int = 20, mask=""
) -> bytes:
    """The inventory's long form."""
    middle = bytes.fromhex(mask) if mask else bytes((1, 0, 0, 0))
    return bytes((q, session)) + middle + bytes((target, antenna, scan))


# Inventories of the first generation


def test_without_data_an_inventory_lists_epcs_alone_as_a_uhfreader18_does():
    (reply,) = Reader(*school_tags(3)).ask(INVENTORY)
    assert reply.status == 1
    assert sorted(epcs_18([reply])) == EPCS[:3]


def test_a_long_list_comes_in_frames_that_say_more_follows():
    replies = Reader(*school_tags(60)).ask(INVENTORY, seconds=5)
    assert [reply.status for reply in replies[:-1]] == [3] * (len(replies) - 1)
    assert replies[-1].status == 1
    assert sorted(epcs_18(replies)) == EPCS[:60]
    assert max(len(reply.encode()) for reply in replies) <= 250


def test_an_empty_field_answers_fb():
    for quirks in ((), ("18",)):
        reader = Reader(quirks=quirks)
        assert reader.ask(INVENTORY) == [Reply(0, INVENTORY, 0xFB)]
        assert reader.ask(SINGLE) == [Reply(0, SINGLE, 0xFB)]


def test_a_single_inventory_lists_one_tag_of_many():
    (reply,) = Reader(*school_tags(5)).ask(SINGLE)
    assert reply.status == 1
    assert len(epcs_18([reply])) == 1


# Inventories of the second generation


def test_with_q_and_session_each_epc_has_antenna_and_rssi():
    for data in ("0400", "04ff", query()):
        (reply,) = Reader(*school_tags(3)).ask(INVENTORY, data)
        reads = reads_288([reply])
        assert reply.status == 1
        assert sorted(epc for _, epc, _ in reads) == EPCS[:3]
        assert all(antenna == 1 and -75 < rssi - 130 < -30 for antenna, _, rssi in reads)


def test_rssi_is_dbm_plus_130():
    assert [rssi_byte(dbm) for dbm in (-23.0, -66.4, -140.0, 200.0)] == [0x6B, 0x40, 0, 0xFF]


def test_antennas_are_told_by_their_bit():
    tags = {1: Tag(EPCS[1]), 2: Tag(EPCS[2]), 7: Tag(EPCS[7])}
    reader = Reader(antennas=(1, 2, 7))
    shape = type(Reader(Tag(EPCS[0])).field.answer(1, 0, 20, 915)[0])
    reader.field.answer = lambda antenna, *_: [shape(tags[antenna], -50.0)]
    for port, antenna in ((0, 1), (1, 2), (2, 7)):
        ((bit, epc, _),) = reads_288(reader.ask(INVENTORY, query(antenna=0x80 + port)))
        assert (bit, epc) == (1 << port, EPCS[antenna])
    reader.good(0x3F, "07")
    reads = reads_288(reader.ask(INVENTORY, "0400"))
    assert [bit for bit, _, _ in reads] == [1, 2, 4]


def test_a_port_without_antenna_reads_nothing_or_answers_f8_when_it_is_checked():
    reader = Reader(*school_tags(2))
    assert reader.answer(INVENTORY, query(antenna=0x83)) == Reply(0, 1, 1, b"\x08\x00")
    reader.good(0x66, "01")
    assert reader.answer(INVENTORY, query(antenna=0x83)) == Reply(0, 1, 0xF8, b"\x08\x00")
    assert reader.answer(INVENTORY, query(antenna=0x84)).status == 0xFF
    checked = Reader(quirks=["288m", "antenna-check"], antennas=(1, 2))
    assert checked.answer(INVENTORY, query(antenna=0x82)).status == 0xF8


def test_a_288m_sends_each_tag_when_it_is_read_and_closes_with_an_empty_list():
    replies = Reader(*school_tags(3), quirks=["288m"]).ask(INVENTORY, query())
    assert [reply.status for reply in replies] == [3, 3, 3, 1]
    assert [reply.data[1] for reply in replies] == [1, 1, 1, 0]


def test_fast_id_appends_the_tid_and_sets_bit_7_of_the_length():
    (reply,) = Reader(*school_tags(1)).ask(INVENTORY, query(q=0x24))
    assert reply.data[2] == 0x80 | 24
    ((_, both, _),) = reads_288([reply])
    assert both[:12] == EPCS[0]
    assert both[12:16] == bytes.fromhex("e2806995")


def test_tids_are_listed_instead_of_epcs():
    for data in ("0400 0006", "0400 0006 00 80 14", "0400 01000000 0006 00 80 14"):
        ((_, tid, _),) = reads_288(Reader(*school_tags(1)).ask(INVENTORY, data))
        assert tid[:4] == bytes.fromhex("e2806995")
        assert len(tid) == 12


def test_statistics_follow_the_list():
    *_, last = Reader(*school_tags(5)).ask(INVENTORY, query(q=0x84))
    assert last.status == 0x26
    assert last.data[0] == 1
    assert int.from_bytes(last.data[3:], "big") == 5
    assert int.from_bytes(last.data[1:3], "big") > 20


def test_a_mask_leaves_only_the_chosen_prefix():
    strange = Tag(bytes.fromhex("e28069950000000000000001"))
    reader = Reader(strange, *school_tags(2))
    (reply,) = reader.ask(INVENTORY, query(mask="01 0020 28 3414257bf4"))
    assert sorted(epc for _, epc, _ in reads_288([reply])) == EPCS[:2]
    (reply,) = reader.ask(INVENTORY, query(mask="01 0020 0c e280"))
    assert [epc for _, epc, _ in reads_288([reply])] == [strange.epc]
    (reply,) = reader.ask(INVENTORY, "0400 02 0000 20 e2806995")
    assert len(reads_288([reply])) == 3


def test_by_epc_one_tag_is_listed_or_all_others():
    reader = Reader(*school_tags(3))
    data = "0060 0000" + EPCS[1].hex()
    assert [epc for _, epc, _ in reads_288(reader.ask(0x1A, "00" + data))] == [EPCS[1]]
    others = reads_288(reader.ask(0x1A, "01" + data))
    assert sorted(epc for _, epc, _ in others) == [EPCS[0], EPCS[2]]


def test_a_mixed_inventory_reads_each_tag_found():
    (reply,) = Reader(*school_tags(1)).ask(0x19, "0700 01 0002 06 00000000 00 80 0a")
    antenna, packets, rest = reply.data[0], reply.data[1], reply.data[2:]
    assert (antenna, packets, reply.status) == (1, 2, 1)
    assert rest[:2] + rest[2:14] == b"\x00\x0c" + EPCS[0]
    assert rest[15:17] + rest[17:29] == b"\x81\x0c" + EPCS[0]


def test_a_large_q_costs_no_more_air_than_the_tags_need():
    reader = Reader(*school_tags(4))
    assert len(reads_288(reader.ask(INVENTORY, query(q=15), seconds=0.2))) == 4


def test_scan_time_ends_an_inventory_that_is_not_done():
    reader = Reader(*school_tags(80), rate_hz=100.0)
    replies = reader.ask(INVENTORY, query(scan=3), seconds=1)
    assert replies[-1].status == 2
    assert 20 <= len(reads_288(replies)) < 80


# Sessions


def test_in_s0_every_inventory_finds_the_tag_again():
    reader = Reader(*school_tags(1))
    for _ in range(5):
        assert len(reads_288(reader.ask(INVENTORY, query(), seconds=0.3))) == 1


def test_in_s1_a_tag_is_silent_until_its_flag_decays():
    reader = Reader(Tag(EPCS[0], s1_persistence_s=2.0))
    found = [bool(reads_288(reader.ask(INVENTORY, "0401", seconds=0.5))) for _ in range(8)]
    assert found[:4] == [True, False, False, False]
    assert 2 <= sum(found) <= 3


def test_flags_belong_to_the_tag_so_two_readers_share_them():
    tag = Tag(EPCS[0], unpowered_persistence_s=10)
    one, other = Reader(tag), Reader(tag)
    assert len(reads_288(one.ask(INVENTORY, "0402"))) == 1
    assert reads_288(other.ask(INVENTORY, "0402")) == []
    assert len(reads_288(other.ask(INVENTORY, query(session=2, target=1)))) == 1


# The reader's memory


def test_the_memory_collects_tags_until_they_are_fetched():
    reader = Reader(*school_tags(3))
    assert reader.good(0x18, "0400") == bytes.fromhex("0003 0003")
    assert reader.good(0x18, "0400") == bytes.fromhex("0003 0003")
    assert reader.good(0x74) == b"\x00\x03"
    (reply,) = reader.ask(0x72)
    assert (reply.status, reply.data[0]) == (1, 3)
    assert reply.data[1:3] == b"\x01\x0c"
    assert reply.data[16] == 2  # count, behind the RSSI
    reader.good(0x73)
    assert reader.ask(0x72) == [Reply(0, 0x72, 1, b"\x00")]
    reader.good(0x18, "0400")
    reader.ask(INVENTORY)
    assert reader.good(0x74) == b"\x00\x00"


def test_a_full_memory_is_fetched_in_many_frames():
    reader = Reader(*school_tags(80))
    reader.good(0x70, "01")
    assert reader.good(0x71) == b"\x01"
    reader.good(0x18, query())
    replies = reader.ask(0x72)
    assert sum(reply.data[0] for reply in replies) == 80
    assert [reply.status for reply in replies] == [3] * (len(replies) - 1) + [1]


# Wrong commands and frames


@pytest.mark.parametrize(
    ("command", "data", "status"),
    [
        (0x99, "", 0xFE),
        (0xEE, "", 0xFE),
        (0x21, "00", 0xFD),
        (0x22, "31", 0xFD),
        (0x22, "3140", 0xFF),  # CN has no channel 49
        (0x22, "00ff", 0xFF),
        (0x28, "03", 0xFF),
        (0x2F, "", 0xFD),
        (0x2F, "22", 0xFF),
        (0x33, "01", 0xFD),
        (0x37, "09", 0xFF),
        (0x3F, "00", 0xFF),
        (0x3F, "10", 0xFF),
        (0x76, "03", 0xFF),
        (0x75, "00", 0xFD),
        (0x75, "0005000400", 0xFF),
        (0x01, "1000", 0xFF),
        (0x01, "0404", 0xFF),
        (0x01, "04", 0xFD),
        (0x01, "040001", 0xFD),
        (0x01, "0400 04 0000 08 12", 0xFF),
        (0x01, "0400 02 80 14", 0xFF),
        (0x0F, "00", 0xFD),
        (0x1A, "02 0008 0000 12", 0xFF),
        (0x1A, "00", 0xFD),
        (0x19, "0400", 0xFD),
        (0x72, "00", 0xFD),
        (0x70, "02", 0xFF),
        (0x91, "000df638", 0xFD),
        (0x91, "000df638 09", 0xFF),
        (0x50, "", 0xFB),
        (0x51, "00" * 11, 0xFB),
        (0x52, "00" * 10, 0xFB),
        (0x52, "00", 0xFD),
    ],
)
def test_wrong_commands_are_answered_by_their_status(command, data, status):
    reply = Reader(*school_tags(1)).answer(command, data)
    assert (reply.status, reply.command) == (status, 0 if status == 0xFE else command)


def test_a_wrong_crc_is_answered_fe_or_with_silence():
    reader = Reader()
    reader.send("040021d96b")
    assert reader.replies() == [Reply(0, 0, 0xFE)]
    assert reader.module.stats.bad_checksums == 1
    silent = Reader(quirks=["silent-crc"])
    silent.send("040021d96b")
    assert silent.replies() == []
    assert len(silent.good(INFO)) == 12


def test_another_readers_address_is_left_to_it():
    reader = Reader()
    assert reader.ask(INFO, address=5) == []
    assert reader.answer(0x24, "05").address == 0  # answered from the old one
    assert reader.ask(INFO, address=0) == []
    assert reader.answer(INFO, address=5).address == 5
    assert reader.answer(INFO).address == 5  # broadcast


def test_a_frame_broken_by_a_pause_is_dropped():
    reader = Reader()
    reader.send("0400")
    reader.run(0.2)
    assert len(reader.good(INFO)) == 12


def test_a_command_in_the_middle_of_an_inventory_is_lost():
    reader = Reader(*school_tags(30))
    reader.send(Command(0, INVENTORY, query()).encode())
    reader.run(0.01)
    reader.send(Command(0, INFO).encode())
    assert {reply.command for reply in reader.replies()} == {INVENTORY}
    assert reader.module.stats.lost_commands == 1


def test_stop_ends_an_inventory_with_what_it_found():
    reader = Reader(*school_tags(60), rate_hz=50.0)
    reader.send(Command(0, INVENTORY, query()).encode())
    reader.run(0.3)
    reader.send(Command(0, 0x93).encode())
    replies = reader.replies(0.1)
    assert replies[-1] == Reply(0, 0x93, 0)
    assert 10 <= len(reads_288(replies[:-1])) <= 16


# Pace


def test_many_tags_are_listed_at_the_chips_pace():
    reader = Reader(*school_tags(60), quirks=["288m"])
    begun_s, last_s = reader.now_s, 0.0
    reader.send(Command(0, INVENTORY, query(q=6)).encode())
    for sent in reader.run(5):
        last_s = sent.at_s
    assert 100 <= 60 / (last_s - begun_s) <= 300


def test_a_rate_is_kept():
    reader = Reader(*school_tags(20), rate_hz=200.0, baud=115200)
    frames = reader.ask(0x76, "01", seconds=5)
    assert len(pushed(frames)) == pytest.approx(1000, rel=0.1)


def test_bytes_leave_at_ten_bits_each():
    reader = Reader()
    start_s = reader.now_s
    reader.send("040021d96a")
    (sent,) = reader.run(1)
    assert sent.at_s - start_s == pytest.approx(len(sent.data) * 10 / 57600)


# Hostile bytes


@settings(max_examples=count(100, 2000), deadline=None)
@given(
    st.lists(st.binary(max_size=60), max_size=8),
    st.sampled_from(["any", "18", "288m", "86", "frd950"]),
)
def test_after_any_bytes_and_a_pause_a_frame_is_answered(chunks, model):
    reader = Reader(*school_tags(2), quirks=[] if model == "any" else [model])
    for chunk in chunks:
        reader.send(chunk)
        reader.run(0.02)
    reader.run(26)
    assert reader.answer(INFO).status == 0


@settings(max_examples=count(100, 2000), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=20)), max_size=12))
def test_no_order_of_commands_hangs_it(commands):
    reader = Reader(*school_tags(2), antennas=(1, 2))
    for command, data in commands:
        reader.send(Command(0xFF, command, data).encode())
        reader.run(0.05)
    reader.run(26)
    reader.send(Command(0xFF, 0x51).encode())
    reader.send(Command(0xFF, 0x76, b"\x00").encode())
    reader.send(Command(0xFF, 0x35, bytes((0, 2, 4, 0, 6, 0))).encode())
    reader.run(1)
    assert reader.answer(INFO).status == 0
