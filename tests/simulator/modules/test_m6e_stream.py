"""An emulated M6e reads continuously as the module: records, keep-alives, statistics, stop."""

import pytest

from simulator.modules.m6e.frames import Command, Reply
from tests.simulator.modules.m6e_bench import (
    EPCS,
    START,
    STOP,
    M6eBench,
    school_tags,
    streaming,
    tags_of,
)


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
