"""What a UHFReader sends by itself: real-time mode, fast mode, scan mode, heartbeats."""

from simulator.modules.special_tags import G2xTag
from simulator.modules.tag import Tag
from simulator.modules.uhfreader18.frames import Command, Reply
from tests.simulator.modules.uhfreader18_bench import EPCS, Reader, pushed, school_tags

MODE, PARAMS, HEARTBEAT, SCAN = 0x76, 0x75, 0x78, 0x35


def test_real_time_mode_pushes_every_read_with_antenna_and_rssi():
    reader = Reader(*school_tags(2), antennas=(1, 2))
    reader.good(0x3F, "03")
    replies = reader.ask(MODE, "01", seconds=2)
    assert replies[0] == Reply(0, MODE, 0)
    assert set(pushed(replies[1:])) == set(EPCS[:2])
    assert len(pushed(replies)) > 20
    assert {reply.data[0] for reply in replies[1:]} == {1, 2}
    assert all(len(reply.data) == 15 for reply in replies[1:])


def test_it_ends_with_answer_mode_whose_answer_is_the_last_frame():
    reader = Reader(*school_tags(3))
    reader.ask(MODE, "01")
    replies = reader.ask(MODE, "00")
    assert replies[-1] == Reply(0, MODE, 0)
    assert reader.replies() == []
    assert reader.module.next_due_s is None


def test_while_it_streams_settings_are_answered_and_tags_left_alone():
    reader = Reader(*school_tags(2))
    reader.ask(MODE, "01")
    assert any(reply.command == 0x21 for reply in reader.ask(0x21))
    assert Reply(0, 0x01, 0xF9) in reader.ask(0x01)
    assert Reply(0, 0x02, 0xF9) in reader.ask(0x02, "00 02 00 06 00000000")
    assert pushed(reader.replies())


def test_the_filter_time_keeps_a_tag_from_coming_again():
    reader = Reader(*school_tags(2))
    reader.good(PARAMS, "00 00 02 04 00")
    assert len(pushed(reader.ask(MODE, "01", seconds=5))) == 6


def test_the_pause_between_turns_is_kept():
    counts = []
    for pause in ("00", "04"):
        reader = Reader(*school_tags(1))
        reader.good(PARAMS, f"00 {pause} 00 04 00")
        counts.append(len(pushed(reader.ask(MODE, "01", seconds=5))))
    assert 35 <= counts[1] <= 50
    assert counts[0] > 3 * counts[1]


def test_mask_session_and_tid_are_those_of_the_parameters():
    strange = Tag(bytes.fromhex("e28069950000000000000001"))
    reader = Reader(strange, *school_tags(2))
    reader.good(PARAMS, "00 00 00 04 00 01 0020 28 3414257bf4")
    assert set(pushed(reader.ask(MODE, "01"))) == set(EPCS[:2])
    reader = Reader(Tag(EPCS[0], unpowered_persistence_s=20))
    reader.good(PARAMS, "00 00 00 04 02")
    assert len(pushed(reader.ask(MODE, "01", seconds=5))) == 1
    reader = Reader(Tag(EPCS[0], tid=bytes(range(12))))
    reader.good(PARAMS, "00 00 00 04 00 0102")
    assert set(pushed(reader.ask(MODE, "01"))) == {bytes((2, 3, 4, 5))}


def test_trigger_mode_waits_for_its_pin():
    assert Reader(*school_tags(1)).ask(MODE, "02") == [Reply(0, MODE, 0)]


def test_a_heartbeat_comes_when_no_tag_does():
    reader = Reader()
    assert reader.good(HEARTBEAT, "81") == b"\x01"
    replies = reader.ask(MODE, "01", seconds=65)
    beats = [reply for reply in replies if reply.status == 0x28]
    assert [reply.data[:4].hex() for reply in beats] == ["00000001", "00000002"]
    assert all((reply.command, len(reply.data)) == (0xEE, 16) for reply in beats)


def test_fast_mode_streams_until_it_is_stopped():
    reader = Reader(*school_tags(2))
    replies = reader.ask(0x50, "00")
    assert replies[0] == Reply(0, 0x50, 0)
    assert set(pushed(replies)) == set(EPCS[:2])
    assert reader.ask(0x51)[-1] == Reply(0, 0x51, 0)
    assert reader.replies() == []


def test_scan_mode_of_the_first_readers_pushes_epcs_alone():
    for quirks in ((), ("18",)):
        reader = Reader(*school_tags(2), quirks=quirks)
        replies = reader.ask(SCAN, "01 02 04 00 06 00")
        assert replies[0] == Reply(0, SCAN, 0)
        assert {(reply.command, reply.data) for reply in replies[1:]} == {
            (0xEE, EPCS[0]),
            (0xEE, EPCS[1]),
        }
        assert reader.ask(SCAN, "00 02 04 00 06 00")[-1] == Reply(0, SCAN, 0)
        assert reader.replies() == []


def test_scan_mode_reads_memory_keeps_its_delay_and_hears_alarms():
    reader = Reader(*school_tags(1))
    replies = reader.ask(SCAN, "01 02 02 00 02 01", seconds=3.5)
    assert [reply.data.hex() for reply in replies[1:]] == ["e2806995"] * 4
    assert Reader(*school_tags(1)).ask(SCAN, "01 00 04 00 06 00") == [Reply(0, SCAN, 0)]  # Wiegand
    alarmed, quiet = G2xTag(EPCS[0]), G2xTag(EPCS[1])
    alarmed.eas = True
    reader = Reader(alarmed, quiet)
    assert set(map(str, reader.ask(SCAN, "01 02 06 00 06 01", seconds=0.5)[1:])) == {
        str(Reply(0, 0xEE, 0xEE))
    }


def test_streaming_waits_for_a_slow_line():
    reader = Reader(*school_tags(20), baud=9600)
    reader.send(Command(0, MODE, b"\x01").encode())
    reader.run(10)
    assert reader.module.stats.dropped_frames == 0
    assert reader.ask(MODE, "00", seconds=1)[-1] == Reply(0, MODE, 0)
