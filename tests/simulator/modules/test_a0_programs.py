"""What public programs for A0 readers send from their start on, and what each makes of the answers.

Told in our own words from reading them: rust-invelion, r2000-go, a managed D100 library, the
makers' demo programs for Windows and Android, scripts for M500 boxes. pyImpinj itself runs in
`tests/simulator/clients/`.
"""

from simulator.modules.a0.frames import Code, Frame
from simulator.modules.tag import Tag, crc16
from tests.simulator.modules.a0_bench import OK, Bench, code

EPCS = [bytes.fromhex(f"3414257bf4000000000000{n:02x}") for n in range(6)]
BROADCAST = 0xFF


def tags(count: int = 3) -> list[Tag]:
    return [Tag(epc) for epc in EPCS[:count]]


def test_rust_invelion_asks_for_everything_and_then_polls():
    """Its inventory ends with the first frame of fewer than 8 bytes of data, which must be 7."""
    bench = Bench(*tags())
    assert len(bench.answer(0x72)) == 2
    assert bench.answer(0x74, "00") == OK
    assert bench.answer(0x75) == b"\x00"
    assert bench.answer(0x63) == b"\x00"
    assert bench.answer(0x76, "1e1e1e1e") == OK
    assert bench.answer(0x77) == b"\x1e"  # it repeats a single value for each port
    sign, degrees = bench.answer(0x7B)
    assert sign == 1 and 0 < degrees < 90
    for mhz in range(902, 928):
        assert len(bench.answer(0x7E, f"{(mhz - 902) * 2 + 7:02x}")) == 1
    for repeat in ("01", "ff", "05"):
        answers = bench.ask(0x89, repeat, seconds=2)
        assert [len(data) < 8 for data in answers] == [False] * (len(answers) - 1) + [True]
        assert len(answers[-1]) == 7


def test_r2000_go_sends_a_round_each_10_ms_and_stops_by_a_reset():
    """It switches ports in between, waits for no end, and tells records by LEN of 0F or more."""
    bench = Bench(*tags())
    for command in (0x7B, 0x7D, 0x72, 0x79, 0x77, 0x75):
        bench.send(command)
    assert [frame.command for frame in bench.frames()] == [0x7B, 0x7D, 0x72, 0x79, 0x77, 0x75]
    ports = set()
    for turn in range(60):
        if turn % 20 == 0:
            bench.send(0x74, f"{turn // 20:02x}")
        bench.send(0x89, "01")
        ports |= {frame.data[0] & 3 for frame in bench.frames(0.01) if len(frame.data) >= 12}
    bench.run(1)
    assert {0, 1} <= ports
    bench.send(0x70)
    assert bench.frames(1.5) == []
    assert bench.answer(0x72)


def test_the_managed_d100_library_finds_it_and_checks_every_answers_length():
    """It asks FF for the version, goes on with the address that answers, refuses odd lengths."""
    bench = Bench(*tags(), quirks=["e310"])
    bench.send(0x72, address=BROADCAST)
    assert bench.frames() == [Frame(1, 0x72, b"\x01\x09")]
    for command, data in ((0x66, "12"), (0x66, "1a"), (0x8C, "00"), (0x8C, "8d"), (0x8D, "00")):
        assert bench.answer(command, data) == OK
    assert bench.answer(0x7A, "00") == OK
    assert bench.answer(0x77) == b"\x1a"
    assert bench.answer(0x8E) in (b"\x00", b"\x8d")
    *records, end = bench.ask(0x89, "01")
    assert len(end) == 7 and end[0] <= 3
    for data in records:
        assert (data[1] >> 3) * 2 == len(data) - 4
    assert bench.answer(0x93) == OK
    end = bench.answer(0x80, "01")
    assert len(end) == 9
    records = bench.ask(0x90)
    assert {int.from_bytes(data[:2], "big") for data in records} == {len(records)}
    assert all(len(data) == data[2] + 6 for data in records)
    assert int.from_bytes(bench.answer(0x92), "big") == len(records)
    assert len(bench.ask(0x91)) == len(records)
    assert bench.answer(0x91) == code(Code.BUFFER_EMPTY)


def test_the_makers_windows_demo_goes_round_its_ports():
    """Work antenna, round, work antenna, round: each on the end frame of the one before."""
    bench = Bench(*tags())
    for command in (0x72, 0x75, 0x77, 0x79, 0x63, 0x68, 0x6A, 0x8E, 0x60, 0x7B):
        assert bench.answer(command)[:1] != code(Code.FAIL) or command == 0x60
    for command, data in ((0x89, "01"), (0x8B, "010001"), (0x8B, "0100000101")):
        for port in range(4):
            assert bench.answer(0x74, f"{port:02x}") == OK
            answers = bench.ask(command, data)
            assert answers[-1][0] == port and len(answers[-1]) == 7
    assert bench.ask(0x8A, "00010101020103010001", seconds=2)[-1][:3] == bytes((0, 0, 12))


def test_the_makers_windows_demo_reads_and_writes_what_it_has_picked():
    """It takes the EPC's length from what the record says of itself and its last three bytes."""
    bench = Bench(*tags())
    assert bench.answer(0x85, "000c" + EPCS[1].hex()) == OK
    assert bench.answer(0x86) == b"\x00\x0c" + EPCS[1]
    answer = bench.answer(0x81, "03 00 04")
    data_length = answer[-3]
    assert answer[2] - data_length - 4 == 12
    assert answer[7 + 12 : 7 + 12 + data_length] == bytes(8)
    for command, data in ((0x82, "00000000 03 00 02 cafe1234"), (0x83, "00000000 03 00")):
        answer = bench.answer(command, data)
        assert answer[2] == 4 + 12 and answer[-3] == Code.SUCCESS
    assert bench.answer(0x85, "01") == OK


def test_the_makers_android_library_counts_the_answers_of_an_access():
    """A read is over when as many frames came as each of them says there are."""
    bench = Bench(*tags(5))
    answers = bench.ask(0x81, "0002 0006 0004 00000000 01 00 02 64")
    assert [int.from_bytes(data[:2], "big") for data in answers] == [5] * 5
    assert all(data[-3] == 24 and data[-1] & 0x7F == 1 for data in answers)
    assert bench.answer(0x98, "01 00 00 01 20 60" + EPCS[0].hex() + "00") == OK
    (mask,) = bench.ask(0x98, "20")
    assert len(mask) > 7 and mask[:2] == b"\x01\x01" and mask[7:-1] == EPCS[0]
    assert len(bench.ask(0x8B, "000001")) == 2


def test_the_makers_android_library_on_eight_ports():
    """29 bytes of fast switch, phase on; power asked for by 97."""
    bench = Bench(*tags(1), antennas=range(1, 9), quirks=["eight-ports"])
    assert bench.answer(0x97) == bytes((30,) * 8)
    pairs = "".join(f"{port:02x}01" for port in range(8))
    *records, end = bench.ask(0x8A, pairs + "00 0000000000 00 00 00 00 00 01 01", seconds=2)
    assert len(end) == 7 and len(records) == 8
    assert all(len(data) - 3 - 3 == 12 for data in records)  # what stands between PC and signal


def test_scripts_for_m500_boxes_speak_to_the_broadcast_address():
    bench = Bench(*tags(1))
    bench.module.receive(bytes.fromhex("a006ff8b010001ce"))
    record, end = bench.frames()
    assert record.address == 1 and len(record.encode()) == 21
    assert end.encode().hex().startswith("a00a018b00")
    bench.module.receive(bytes.fromhex("a006ff8b010001ce"))
    assert [frame.encode().hex() for frame in bench.frames()] == ["a00a018b00000000000000ca"]
    bench.send(0x8B, "00000001", address=BROADCAST)
    assert len(bench.frames()) == 2
    bench.send(0x94, "00000000 01 02 01 ccdd", address=BROADCAST)
    (done,) = bench.frames()
    answer = b"\x30\x00" + EPCS[0]
    assert done.data[3:19] == answer + crc16(answer).to_bytes(2, "big")
    assert done.data[-3] == Code.SUCCESS


def test_a_stop_that_is_no_frame_disturbs_nothing():
    """Some programs stop by a command that there is not, with a LEN that promises more."""
    bench = Bench(*tags())
    bench.module.receive(bytes.fromhex("a00300a3"))
    bench.run(0.2)
    assert len(bench.ask(0x89, "01")) == 4
