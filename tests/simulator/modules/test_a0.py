"""An emulated A0 reader behaves as one: rounds, sessions, ports, replies in between, quirks."""

import random

import pytest

from simulator.modules.a0.frames import Code, Frame
from simulator.modules.field import FixedField, make_tags
from simulator.modules.tag import Tag
from tests.simulator.modules.a0_bench import LEVEL_DBM, OK, Bench, StillField, code, epcs_of

EPCS = [bytes.fromhex(f"3414257bf4000000000000{n:02x}") for n in range(200)]
NONE_READ = bytes(7)
SIGNAL = int(LEVEL_DBM) + 129  # as a record has it


def school_tags(count: int, **options: float) -> list[Tag]:
    return [Tag(epc, **options) for epc in EPCS[:count]]


# Rounds


def test_an_empty_round_ends_with_its_port_and_zeros():
    bench = Bench()
    assert bench.answer(0x74, "02") == OK
    assert bench.ask(0x89, "01") == [b"\x02" + bytes(6)]
    assert bench.ask(0x8B, "000001") == [b"\x02" + bytes(6)]


def test_a_real_time_round_reports_each_tag_once_and_then_its_totals():
    bench = Bench(*school_tags(30))
    *records, end = bench.ask(0x89, "01", seconds=2)
    assert sorted(epcs_of(records)) == EPCS[:30]
    assert end[0] == 0 and end[3:] == bytes((0, 0, 0, 30))
    assert 100 < int.from_bytes(end[1:3], "big") < 400


def test_a_record_holds_channel_and_port_pc_epc_and_the_signal():
    bench = Bench(Tag(EPCS[5]))
    bench.answer(0x78, "01 20 20")  # one channel: index 20 hex
    bench.answer(0x74, "03")
    record, _ = bench.ask(0x89, "01")
    assert record == bytes((0x20 << 2 | 3, 0x30, 0x00)) + EPCS[5] + bytes((SIGNAL,))


def test_in_s0_a_tag_is_reported_again_by_each_repeat():
    bench = Bench(Tag(EPCS[0]))
    assert epcs_of(bench.ask(0x89, "05", seconds=1)) == [EPCS[0]] * 5
    assert epcs_of(bench.ask(0x89, "ff")) == [EPCS[0]]  # FF is the shortest look there is


def test_one_tag_makes_the_rate_that_readers_report():
    bench = Bench(Tag(EPCS[0]))
    end = bench.ask(0x8B, "010001")[-1]
    assert 25 <= int.from_bytes(end[1:3], "big") <= 27


@pytest.mark.parametrize(
    ("quirks", "low", "high"), [((), 200, 400), (("e310",), 100, 200), (("e710",), 400, 700)]
)
def test_many_tags_are_read_at_the_boards_own_pace(quirks, low, high):
    bench = Bench(*school_tags(60), quirks=quirks, pacing=False)
    end = bench.ask(0x89, "14", seconds=20)[-1]
    assert low <= int.from_bytes(end[1:3], "big") <= high


def test_a_rate_is_kept_with_one_tag_and_with_many():
    for count, repeats in ((1, "c8"), (20, "0a")):
        bench = Bench(*school_tags(count), rate_hz=300.0)
        end = bench.ask(0x89, repeats, seconds=5)[-1]
        assert int.from_bytes(end[3:], "big") == 200
        assert int.from_bytes(end[1:3], "big") == pytest.approx(300, rel=0.1)


def test_records_wait_for_the_line_and_none_is_lost():
    bench = Bench(*school_tags(100), baud=9600)
    records = bench.ask(0x89, "03", seconds=30)
    assert sorted(epcs_of(records)) == sorted(EPCS[:100] * 3)
    assert bench.module.stats.dropped_frames == 0


# Sessions, targets, masks


def test_in_s1_a_tag_is_read_once_until_its_flag_decays():
    bench = Bench(Tag(EPCS[0], s1_persistence_s=2.0))
    assert epcs_of(bench.ask(0x8B, "010001")) == [EPCS[0]]
    assert bench.ask(0x8B, "010001") == [NONE_READ]
    assert epcs_of(bench.ask(0x8B, "010101")) == [EPCS[0]]  # target B finds it
    assert epcs_of(bench.ask(0x8B, "010001")) == [EPCS[0]]
    bench.run(2.0)
    assert epcs_of(bench.ask(0x8B, "010001")) == [EPCS[0]]


def test_flags_belong_to_the_tag_so_two_readers_share_them():
    tag = Tag(EPCS[0], unpowered_persistence_s=10)
    one, other = Bench(tag), Bench(tag)
    assert epcs_of(one.ask(0x8B, "020001")) == [EPCS[0]]
    assert epcs_of(other.ask(0x8B, "020001")) == []
    assert epcs_of(other.ask(0x8B, "020101")) == [EPCS[0]]


def test_a_select_mask_leaves_only_the_chosen_prefix():
    strange = Tag(bytes.fromhex("e28069950000000000000001"))
    bench = Bench(strange, *school_tags(2))
    assert bench.answer(0x98, "01 00 00 01 20 28 3414257bf4 00") == OK  # S0 flags: A or B
    assert sorted(epcs_of(bench.ask(0x89, "03", seconds=1))) == sorted(EPCS[:2] * 3)
    assert bench.answer(0x98, "01") == OK
    assert strange.epc in epcs_of(bench.ask(0x89, "01"))


def test_a_mask_on_sl_is_asked_for_by_8b():
    bench = Bench(Tag(bytes.fromhex("e28069950000000000000001")), *school_tags(2))
    assert bench.answer(0x98, "02 04 00 01 20 10 3414 00") == OK
    assert sorted(epcs_of(bench.ask(0x8B, "00000301"))) == EPCS[:2]
    assert epcs_of(bench.ask(0x8B, "00000201")) == [bytes.fromhex("e28069950000000000000001")]
    assert len(epcs_of(bench.ask(0x8B, "00000001"))) == 3


# Forms of 8A and 8B


def test_8b_takes_every_form_that_programs_send():
    for form in ("000001", "00000001", "0000000001", "000000000001"):
        assert epcs_of(Bench(Tag(EPCS[0])).ask(0x8B, form)) == [EPCS[0]], form
    for form in ("0000", "00000000000001", "040001", "000201", "00000401", "0000000201"):
        assert Bench().answer(0x8B, form) == code(Code.PARAMETER), form


def test_with_phase_two_bytes_follow_the_signal():
    bench = Bench(Tag(EPCS[0]))
    record, end = bench.ask(0x8B, "0000000101")
    assert len(record) == 1 + 2 + 12 + 1 + 2 and len(end) == 7
    assert epcs_of([record], extra=3) == [EPCS[0]]
    assert record[-3] == SIGNAL


def test_power_save_holds_the_end_frame_back():
    def took(form: str) -> float:
        bench = Bench()
        bench.send(0x8B, form)
        start_s = bench.now_s
        (sent,) = bench.run(1.0)
        return sent.at_s - start_s

    assert took("000000006401") - took("000000000001") == pytest.approx(0.2, abs=0.001)


def test_a_fast_switch_visits_ports_in_order_as_often_as_it_stays():
    field = StillField((), {1: school_tags(1), 2: [Tag(EPCS[7])]})
    bench = Bench(field=field)
    *records, end = bench.ask(0x8A, "00 02 01 01 FF 01 03 01 00 02", seconds=2)
    assert [data[0] & 3 for data in records] == [0, 0, 1, 0, 0, 1]
    assert epcs_of(records) == [EPCS[0], EPCS[0], EPCS[7]] * 2
    assert end[:3] == bytes((0, 0, 6))
    assert [antenna for antenna, _, _ in field.asked] == [1, 1, 2, 4] * 2


def test_a_fast_switch_tells_its_milliseconds_and_rests_between_ports():
    busy = Bench().ask(0x8A, "00010101020103010001", seconds=2)[-1]
    rested = Bench().ask(0x8A, "00010101020103016401", seconds=2)[-1]
    assert int.from_bytes(rested[3:], "big") - int.from_bytes(busy[3:], "big") == 400


def test_a_fast_switch_names_a_missing_antenna_and_goes_on_with_the_next():
    bench = Bench(*school_tags(1), antennas=(1, 2))
    assert bench.answer(0x62, "03") == OK
    frames = bench.ask(0x8A, "00010201010103010001", seconds=1)
    assert [data for data in frames if len(data) == 2] == [b"\x02\x22", b"\x03\x22"]
    assert [data[0] & 3 for data in frames if len(data) > 7] == [0, 1]
    assert bench.answer(0x62, "00") == OK
    assert all(len(data) >= 7 for data in bench.ask(0x8A, "00010201010103010001", seconds=1))


def test_the_long_form_of_a_fast_switch_has_session_target_and_phase():
    bench = Bench(Tag(EPCS[0], s1_persistence_s=9))
    ports = "0001010102010301 ff01ff01ff01ff01"
    long = ports + "00 0000000000 01 00 00 00 00 01 01"
    records = bench.ask(0x8A, long, seconds=1)
    assert epcs_of(records, extra=3) == [EPCS[0]]  # S1: only the first port finds it
    assert bench.ask(0x8A, long, seconds=1)[-1][:3] == bytes(3)
    assert bench.answer(0x8A, "ff01ff01ff01ff010001") == code(Code.PARAMETER)
    assert bench.answer(0x8A, "0001") == code(Code.PARAMETER)


def test_eight_ports_show_by_the_signals_top_bit():
    bench = Bench(Tag(EPCS[0]), antennas=range(1, 9), quirks=["eight-ports"])
    form = "".join(f"{port:02x}01" for port in range(8)) + "0001"
    *records, end = bench.ask(0x8A, form, seconds=2)
    assert [(data[0] & 3) + 4 * (data[-1] >> 7) for data in records] == list(range(8))
    assert {data[-1] & 0x7F for data in records} == {SIGNAL}
    assert end[:3] == bytes((0, 0, 8))
    assert bench.answer(0x74, "05") == OK
    assert bench.ask(0x89, "01")[-1][0] == 5
    assert bench.answer(0x76, "1e1d1c1b1a191817") == OK
    assert bench.answer(0x77) == bytes.fromhex("1e1d1c1b1a191817")


# Commands while the radio is busy


def test_settings_are_answered_between_the_records_of_an_inventory():
    bench = Bench(*school_tags(5))
    bench.send(0x89, "0a")
    bench.run(0.05)
    bench.send(0x74, "01")
    bench.send(0x72)
    frames = bench.frames(2)
    place = frames.index(Frame(1, 0x74, OK))
    assert frames[place + 1] == Frame(1, 0x72, b"\x08\x02")
    assert frames[place + 2].command == 0x89 and len(frames) > place + 10


def test_inventories_wait_for_each_other_and_too_many_are_lost():
    bench = Bench(Tag(EPCS[0]))
    for _ in range(12):  # a program that sends an 89 each 10 ms and waits for nothing
        bench.send(0x89, "01")
    ends = [frame for frame in bench.frames(3) if len(frame.data) == 7]
    assert len(ends) == 9
    assert bench.module.stats.lost_commands == 3


def test_a_reset_ends_an_inventory_and_the_reader_is_deaf_for_a_second():
    bench = Bench(*school_tags(20))
    bench.answer(0x76, "14")
    bench.answer(0x66, "1e")
    bench.send(0x89, "64")
    bench.run(0.2)
    bench.send(0x70)
    bench.run(0.2)  # what the line still held
    bench.send(0x72)
    assert bench.frames(0.5) == []
    bench.run(0.5)
    assert bench.answer(0x72) == b"\x08\x02"
    assert bench.answer(0x77) == b"\x14"  # 76 is in flash, 66 is not


def test_a_baud_rate_holds_after_the_reset_that_it_brings():
    bench = Bench()
    assert bench.answer(0x71, "03") == OK
    assert bench.module.baud == 115200
    bench.run(1.2)
    assert bench.module.baud == 38400
    assert bench.answer(0x72) == b"\x08\x02"
    assert Bench().answer(0x71, "05") == code(Code.BAUD)


# Addresses


def test_it_answers_its_address_and_the_broadcast_by_its_own():
    bench = Bench()
    bench.send(0x72, address=0xFF)
    assert bench.frames() == [Frame(1, 0x72, b"\x08\x02")]
    bench.send(0x72, address=7)
    assert bench.frames() == []


def test_a_new_address_holds_from_the_next_command_on():
    bench = Bench()
    assert bench.answer(0x73, "fe") == OK
    bench.send(0x72, address=1)
    assert bench.frames() == []
    bench.address = 0xFE
    assert bench.answer(0x72) == b"\x08\x02"
    assert bench.answer(0x73, "ff") == code(Code.ADDRESS)


def test_what_it_does_not_know_is_answered_with_fail():
    assert Bench().answer(0x99) == code(Code.FAIL)
    assert Bench().answer(0xAA) == code(Code.FAIL)


# Costs and chance


def test_an_idle_reader_costs_nothing():
    bench = Bench(*make_tags(3, random.Random(1)))
    bench.ask(0x89, "01")
    assert bench.module.next_due_s is None


def test_tags_near_the_floor_are_read_in_some_rounds():
    rng = random.Random(5)
    field = FixedField(school_tags(1), rng, level_dbm=-78.0)
    reads = epcs_of(Bench(field=field).ask(0x89, "c8", seconds=60))
    assert 5 < len(reads) < 195
