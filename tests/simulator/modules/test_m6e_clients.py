"""What public host programs send is answered as they expect: their sequences in our words."""

from simulator.modules.m6e.frames import Command, Reply
from simulator.modules.tag import Tag
from tests.simulator.modules.m6e_bench import NANO_EPC, START, STOP, M6eBench, tags_of

WAKE_UP = b"\xff" * 8


def test_the_mercury_api_connects_reads_and_leaves():
    """Its probe, boot, read plan and synchronous read, release 1.35."""
    bench = M6eBench(Tag(NANO_EPC))
    assert len(bench.answer(0x03, seconds=0.1).data) == 20
    assert bench.answer(0x0C).data[0] & 3 == 2
    for _ in range(25):  # the power mode is not known yet
        bench.send(WAKE_UP)
    assert bench.answer(0x68).data == b"\0"
    assert bench.answer(0x6A, "010e").data == b"\x01\x0e\x00"
    assert bench.answer(0x6A, "0112").data == b"\x01\x12\x00\x00"
    assert bench.answer(0x63).data == b"\0\5"
    assert bench.answer(0x70).data == b"\0\5"
    ports = bench.answer(0x61, "05").data
    assert ports[1::2] == b"\x01"
    assert bench.answer(0x6A, "010c").data[2] == 1
    assert len(bench.answer(0x6A, "010d").data) == 6
    for opcode, data in ((0x97, "0d"), (0x92, "07d0"), (0x94, "07d0"), (0x91, "020101")):
        assert bench.answer(opcode, data) == Reply(opcode)
    assert bench.answer(0x2A) == Reply(0x2A)
    reply = bench.answer(0x22, "10 0013 01f4 0fff")
    assert len(reply.data) == 7 and reply.data[3:] == b"\0\0\0\1"
    records = bench.answer(0x29, "0fff 00")
    assert records.data[3] == 1 and records.data[:2] == b"\x0f\xff"
    assert bench.answer(0x6C, "01 9f41").data.hex() == "019f41"


def test_the_mercury_api_reads_continuously_and_sets_the_power_meanwhile():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    bench.answer(0x91, "020101")
    bench.answer(0x9A, "010c00")
    started = bench.ask(0x2F, "0000 01 22 0000 05 09 22 10 011b 00fa 0fff 0100", 1)
    assert started[0] == Reply(0x2F)
    record = next(reply for reply in started if len(reply.data) > 20)
    assert record.data[:6].hex() == "10011b0fff01"  # flags at byte 8 of the frame, type at 10
    status = next(reply for reply in started if len(reply.data) == 10)
    assert status.data[3] == 2  # the type stands two bytes earlier where no metadata are
    assert Reply(0x22, 0x0400) in started
    changed = [reply for reply in bench.ask(0x2F, "0000 04 02 92 03e8") if reply.opcode == 0x2F]
    assert changed == [Reply(0x2F, 0, bytes.fromhex("04 00 92 0000"))]
    stopped = bench.ask(0x2F, STOP, 2)
    assert stopped[-1].data == b"\x02"
    assert bench.answer(0x9A, "010c01") == Reply(0x9A)


def test_a_host_that_finds_a_stream_stops_it_and_probes_again():
    bench = M6eBench(Tag(NANO_EPC), quirks=["still-streaming"])
    bench.run(1)
    replies = bench.ask(0x03, seconds=0.2)
    assert {reply.opcode for reply in replies} == {0x22}  # not the version: so it streams
    assert bench.ask(0x2F, STOP, 1.5)[-1] == Reply(0x2F, 0, b"\x02")
    assert len(bench.answer(0x03, seconds=0.1).data) == 20  # one answer, not two


def test_sparkfuns_constant_read():
    bench = M6eBench(Tag(NANO_EPC))
    bench.ask(0x06, "00009600", 0.2)
    assert bench.module.baud == 38400
    assert bench.answer(0x03).opcode == 0x03
    for opcode, data in (
        (0x93, "0005"),
        (0x91, "0101"),
        (0x97, "0d"),
        (0x92, "01f4"),
        (0x9A, "010c00"),
    ):
        assert bench.answer(opcode, data) == Reply(opcode)
    replies = bench.ask(0x2F, START, 3)
    frame = next(reply for reply in replies if len(reply.data) > 20).encode()
    assert frame[12] >= 0x80  # RSSI
    assert frame[13] == 0x11  # antenna
    assert frame[24:26] == b"\0\0"  # no data
    assert int.from_bytes(frame[27:29], "big") // 8 - 4 == 12
    assert frame[31:43] == NANO_EPC
    bench.send(Command(0x2F, bytes.fromhex(STOP)).encode())
    bench.run(1.5)
    assert bench.answer(0x03).opcode == 0x03


def test_sparkfuns_older_library_reads_and_writes_without_an_option():
    bench = M6eBench(Tag(NANO_EPC)).ready(500)
    assert bench.answer(0x28, "03e8 01 00000002 06").data == NANO_EPC
    assert bench.answer(0x24, "03e8 00 00000002 01 48656c6c6f21") == Reply(0x24)
    assert bench.answer(0x28, "03e8 01 00000002 03").data == b"Hello!"
    assert bench.answer(0x24, "03e8 00 00000000 00 00000011") == Reply(0x24)
    assert bench.answer(0x26, "03e8 00 00000011 00") == Reply(0x26)


def test_reading_all_banks_as_one_arduino_library_does():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    bench.answer(0x9A, "010c00")
    bench.answer(0x2A)
    reply = bench.answer(0x22, "88 10 0017 01f4 0fff 01 09 28 07d0 00 3f 00000000 00")
    assert reply.data[:4].hex() == "88000017"
    assert reply.data[8:10].hex() == "0128" and reply.data[10:12] != b"\0\0"
    records = bench.answer(0x29, "0fff 00").data
    bits = int.from_bytes(records[4 + 13 : 4 + 15], "big")
    assert records[4 + 15] == 0x30 and bits == 8 * (2 + 64 + 2 + 8 + 2 + 20 + 2 + 12)


def test_a_duty_cycle_with_statistics_as_a_micropython_host_starts_it():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    bench.answer(0x9A, "010c00")
    start = "0000 01 22 0000 05 0b 22 10 051b 00fa 00fa 0057 0100"
    replies = bench.ask(0x2F, start, 3)
    assert replies[0] == Reply(0x2F)
    record = next(reply for reply in replies if len(reply.data) > 20)
    assert record.data[3:5].hex() == "0057"
    assert tags_of([record], fields=8) == [NANO_EPC]


def test_a_start_without_stopping_first_begins_the_stream_anew():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    assert bench.ask(0x2F, START, 1)[0] == Reply(0x2F)
    replies = bench.ask(0x2F, START, 1)
    assert Reply(0x2F) in replies and tags_of(replies)


def test_a_new_baud_rate_is_found_by_scanning():
    bench = M6eBench()
    bench.answer(0x06, "00009600", 0.1)
    bench.module.power_cycle()
    assert bench.module.baud == 115200
    assert bench.answer(0x03).opcode == 0x03
