"""An emulated M100 behaves as the module: polls, selects, errors, sleep, quirks."""

import random
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.modules.families import UnknownFamily
from simulator.modules.faults import Faults, parse_faults
from simulator.modules.field import make_tags
from simulator.modules.m100.frames import AA_DD, BB_7E, COMMAND, NOTICE, POLL, RESPONSE, Frame
from simulator.modules.module import EmulatedModule
from simulator.modules.quirks import UnknownQuirk
from simulator.modules.tag import Tag
from tests.simulator.modules.bench import Bench, done, error

EPCS = [bytes.fromhex(f"3414257bf4000000000000{n:02x}") for n in range(40)]


def school_tags(count: int) -> list[Tag]:
    return make_tags(count, random.Random(1), epcs=EPCS[:count])


def epcs_of(frames: list[Frame]) -> list[bytes]:
    return [frame.params[3:-2] for frame in frames if frame.type == NOTICE]


# Polling


def test_a_poll_of_an_empty_field_answers_error_15_and_nothing_more():
    assert Bench().ask(POLL) == [error(0x15)]


def test_a_poll_gives_a_notice_for_each_tag_and_no_closing_response():
    bench = Bench(*school_tags(3))
    bench.ask(0x0E, "1040")  # Q 8, so that three tags do not meet in a slot
    frames = bench.ask(POLL, seconds=1)
    assert sorted(epcs_of(frames)) == EPCS[:3]
    assert {frame.type for frame in frames} == {NOTICE}


def test_a_multi_poll_makes_its_rounds_reports_empty_ones_and_ends_silently():
    bench = Bench(*school_tags(1))
    frames = bench.ask(0x27, "220005", seconds=2)
    assert epcs_of(frames) == [EPCS[0]] * 5
    assert Bench().ask(0x27, "220005", seconds=2) == [error(0x15)] * 5
    assert bench.module.next_due_s is None  # nothing left to do: an idle module costs nothing


def test_stop_ends_a_multi_poll_with_its_response_last():
    bench = Bench(*school_tags(5))
    bench.ask(0x27, "22ffff", seconds=1)
    frames = bench.ask(0x28, seconds=1)
    assert frames[-1] == done(0x28)
    assert len(frames) <= 12  # at most what the UART still held
    assert bench.frames(1) == []


def test_stop_is_answered_also_when_the_owner_was_held_up():
    bench = Bench(*school_tags(5), pacing=False, rate_hz=20000.0)
    bench.send(BB_7E.encode(Frame(COMMAND, 0x27, bytes.fromhex("22ffff"))))
    bench.now_s += 1.0
    assert bench.ask(0x28)[-1] == done(0x28)


def test_settings_are_answered_while_a_multi_poll_runs_on():
    bench = Bench(*school_tags(3))
    bench.ask(0x27, "22ffff")
    assert Frame(RESPONSE, 0xB7, b"\x07\xd0") in bench.ask(0xB7)
    assert epcs_of(bench.frames(0.5))


def test_thirty_tags_are_read_at_the_chips_pace():
    bench = Bench(*school_tags(30))
    bench.ask(0x0E, "1028")  # Q 5
    frames = bench.ask(0x27, "22ffff", seconds=20)
    assert 45 <= len(epcs_of(frames)) / 20 <= 65
    assert set(epcs_of(frames)) == set(EPCS[:30])


def test_a_rate_is_kept_with_one_tag_and_with_many():
    for count in (1, 20):
        bench = Bench(*school_tags(count), rate_hz=300.0)
        reads = epcs_of(bench.ask(0x27, "22ffff", seconds=10))
        assert len(reads) == pytest.approx(3000, rel=0.1)


def test_bytes_leave_at_ten_bits_each_of_the_current_baud():
    bench = Bench(baud=9600)
    bench.send("bb0003000100047e")
    start_s = bench.now_s
    (sent,) = bench.run(1)
    assert sent.at_s - start_s == pytest.approx(len(sent.data) * 10 / 9600)


# Sessions and selects


def test_in_s1_a_tag_falls_silent_until_its_flag_decays():
    bench = Bench(Tag(EPCS[0], s1_persistence_s=2.0))
    bench.ask(0x0E, "1128")
    reads = epcs_of(bench.ask(0x27, "22ffff", seconds=6.5))
    assert 3 <= len(reads) <= 4


def test_in_s0_a_tag_is_reported_in_every_round():
    bench = Bench(Tag(EPCS[0]))
    assert len(epcs_of(bench.ask(0x27, "22000a", seconds=2))) == 10


def test_flags_belong_to_the_tag_so_two_readers_share_them():
    tag = Tag(EPCS[0], unpowered_persistence_s=10)
    one, other = Bench(tag), Bench(tag)
    for bench in (one, other):
        bench.ask(0x0E, "1220")  # S2
    assert epcs_of(one.ask(POLL)) == [EPCS[0]]
    assert other.ask(POLL) == [error(0x15)]
    other.ask(0x0E, "12a0")  # target B
    assert epcs_of(other.ask(POLL)) == [EPCS[0]]


def test_select_before_everything_leaves_only_the_chosen_prefix():
    strange = Tag(bytes.fromhex("e28069950000000000000001"))
    bench = Bench(strange, *school_tags(2))
    assert bench.answer(0x0C, "01 00000020 28 00 3414257bf4") == done(0x0C)
    assert bench.answer(0x12, "00") == done(0x0C)
    assert set(epcs_of(bench.ask(0x27, "220014", seconds=3))) == set(EPCS[:2])
    bench.answer(0x12, "01")
    assert strange.epc in epcs_of(bench.ask(0x27, "220014", seconds=3))


def test_setting_the_select_parameters_sets_the_mode_to_before_access():
    bench = Bench(*school_tags(2))
    bench.answer(0x12, "00")
    bench.answer(0x0C, "01 00000020 60 00" + EPCS[1].hex())
    assert set(epcs_of(bench.ask(0x27, "22000a", seconds=3))) == set(EPCS[:2])
    assert bench.answer(0x39, "00000000 01 0002 0006").params[3:15] == EPCS[1]


def test_a_length_without_a_mask_selects_every_tag():
    bench = Bench(*school_tags(2))
    assert bench.answer(0x0C, "23 00000000 60 00") == done(0x0C)
    bench.answer(0x12, "00")
    assert set(epcs_of(bench.ask(0x27, "22000a", seconds=2))) == set(EPCS[:2])


def test_a_select_on_the_reserved_bank_is_ignored_by_tags_so_a_lone_one_can_be_accessed():
    bench = Bench(*school_tags(1))
    assert bench.answer(0x0C, "00 00000020 60 00" + EPCS[0].hex()) == done(0x0C)
    assert bench.answer(0x39, "00000000 01 0002 0006").params[3:15] == EPCS[0]
    bench.answer(0x12, "00")
    assert epcs_of(bench.ask(POLL)) == [EPCS[0]]


def test_a_host_that_selects_by_the_sl_flag_hears_its_tag_alone():
    bench = Bench(*school_tags(4))
    bench.answer(0x0C, "81 00000020 60 00" + EPCS[2].hex())
    bench.answer(0x12, "00")
    bench.answer(0x0E, "1c20")
    assert set(epcs_of(bench.ask(0x27, "220014", seconds=3))) == {EPCS[2]}


# Sleep


def test_after_sleep_the_waking_command_is_lost_and_the_select_forgotten():
    bench = Bench()
    bench.answer(0x0C, "01 00000020 60 00" + EPCS[0].hex())
    bench.answer(0xB6, "0578")
    assert bench.answer(0x17) == done(0x17)
    assert bench.ask(0xB7) == []
    assert bench.answer(0xB7).params == bytes.fromhex("0578")
    assert bench.answer(0x0B).params == bytes.fromhex("01000000200000") + bytes(12)


def test_a_byte_spent_on_waking_saves_the_first_command():
    bench = Bench()
    bench.answer(0x17)
    bench.send(b"\x55")
    bench.run(0.1)
    assert bench.answer(0xB7).command == 0xB7


def test_a_select_to_b_serves_an_access_whose_query_asks_for_b():
    bench = Bench(*school_tags(2))
    bench.answer(0x0E, "12a0")  # S2, target B
    bench.answer(0x0C, "51 00000020 60 00" + EPCS[1].hex())  # S2, matching to B
    assert bench.answer(0x39, "00000000 01 0002 0006").params[3:15] == EPCS[1]


def test_auto_sleep_comes_after_its_idle_minutes():
    bench = Bench()
    bench.answer(0x1D, "01")
    bench.run(50)
    assert bench.answer(0xB7).command == 0xB7
    bench.run(61)
    assert bench.ask(0xB7) == []


# Quirks and faults


def test_quirks_show():
    assert b"26dBm" in Bench(quirks=["26dbm"]).answer(0x03, "00").params
    assert Bench(quirks=["baud-9600"]).module.baud == 9600
    assert Bench(quirks=["mode-reply-12"]).answer(0x12, "01") == done(0x12)
    assert Bench(quirks=["boot-noise"]).run(0.1)[0].data
    slow = Bench(quirks=["slow-boot"])
    assert slow.ask(0x08) == []
    slow.run(0.5)
    assert slow.answer(0x08).command == 0x08
    busy = Bench(*school_tags(1), quirks=["busy-channel"])
    assert error(0x20) in busy.ask(0x27, "220014", seconds=3)
    two = Bench(*school_tags(1), quirks=["two-pcs"])
    notices = two.ask(0x27, "220014", seconds=3)
    assert {frame.params[1] for frame in notices} == {0x30, 0x34}
    sleepy = Bench(quirks=["auto-sleep=2"])
    sleepy.answer(0x08)
    sleepy.run(121)
    assert sleepy.ask(0x08) == []


def test_a_mute_module_answers_again_only_after_its_power_went():
    bench = Bench(*school_tags(1), quirks=["mute=2"])
    assert epcs_of(bench.ask(0x27, "22ffff", seconds=1.9))
    bench.run(0.3)
    assert bench.frames(5) == []
    assert bench.ask(0x08) == []
    bench.module.power_cycle()
    assert bench.answer(0x08).command == 0x08


def test_notices_may_follow_the_answer_to_a_stop():
    bench = Bench(*school_tags(12), quirks=["late-notices"])
    bench.ask(0x0E, "1028")
    bench.ask(0x27, "22ffff", seconds=0.05)
    frames = bench.ask(0x28, seconds=1)
    assert done(0x28) in frames
    assert frames[-1].type == NOTICE
    assert bench.frames(2) == []


def test_the_hosts_q_decides_how_many_tags_share_a_slot():
    def reads(query: str) -> int:
        bench = Bench(*school_tags(12))
        bench.ask(0x0E, query)
        return len(epcs_of(bench.ask(0x27, "22000a", seconds=4)))

    assert reads("1000") == 0  # Q 0: one slot for twelve
    assert 0 < reads("1018") < reads("1028")
    assert reads("1040") > 100  # Q 8: few meet


def test_an_unknown_quirk_or_family_is_refused_with_what_there_is():
    with pytest.raises(UnknownQuirk, match="boot-noise"):
        Bench(quirks=["nonsense"])
    with pytest.raises(UnknownFamily, match="m100-aa"):
        Bench(family="z80")


def test_damaged_notices_are_not_counted_as_valid():
    bench = Bench(*school_tags(1), faults=Faults(lost_byte=0.02))
    bench.send("bb00270003 22ffff 4a7e".replace(" ", ""))
    sent = bench.run(30)
    intact = len(epcs_of(bench.parser.feed(b"".join(one.data for one in sent))))
    for one in sent:
        bench.module.delivered(one)
    assert bench.module.notices_sent == sum(one.is_notice for one in sent)
    assert 0 < bench.module.notices_sent < len(sent)
    assert intact == bench.module.notices_sent


def test_a_stall_delays_frames_and_loses_none():
    bench = Bench(*school_tags(1), faults=Faults(stall_ms=500))
    bench.send(BB_7E.encode(Frame(COMMAND, 0x27, bytes.fromhex("22012c"))))
    sent = bench.run(60)
    gaps = [later.at_s - sooner.at_s for sooner, later in pairwise(sent)]
    assert len(sent) == 300
    assert 0.5 < max(gaps) < 0.7


def test_faults_are_read_from_their_words():
    assert parse_faults("lost-byte=0.1, flip-bit=0.2,stall=30") == Faults(0.1, 0.2, 30.0)
    with pytest.raises(ValueError, match="needs a number"):
        parse_faults("stall")


def test_a_module_of_the_other_framing_stays_silent():
    bench = Bench(family="m100-aa", framing=AA_DD)
    bench.send("bb0003000100047e")
    assert bench.run(1) == []
    assert bench.answer(0x08).command == 0x08


def test_the_same_seed_gives_the_same_bytes():
    def run() -> bytes:
        bench = Bench(*school_tags(10), read_probability=0.9, faults=Faults(flip_bit=0.01))
        bench.send("bb0027000322ffff4a7e")
        return b"".join(one.data for one in bench.run(5))

    assert run() == run()


# Hostile bytes


@settings(max_examples=120, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.sampled_from(["m100", "m100-aa"]))
def test_no_bytes_stop_the_module_from_answering_afterwards(chunks, family):
    bench = Bench(*school_tags(2), family=family, framing=BB_7E if family == "m100" else AA_DD)
    for chunk in chunks:
        bench.send(chunk)
        bench.run(0.05)
    bench.run(0.2)
    bench.ask(0x28)
    bench.run(1)
    assert bench.answer(0x08).command == 0x08


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [0x03, 0x07, 0x0C, 0x0E, 0x12, 0x17, 0x22, 0x27, 0x28, 0x39, 0x49, 0x82, 0xB6]
            ),
            st.binary(max_size=14),
        ),
        max_size=10,
    )
)
@example([(0x39, bytes(7) + b"\x04\x00")])  # 1,024 words, which no tag has
def test_no_order_of_commands_hangs_it(commands):
    bench = Bench(*school_tags(2))
    for command, params in commands:
        bench.ask(command, params, seconds=0.05)
    bench.ask(0x28, seconds=0.2)
    bench.ask(0x28, seconds=1)
    assert bench.answer(0x08).command == 0x08


def test_modules_need_no_clock_or_seed_of_the_caller():
    module = EmulatedModule("m100", Bench().field)
    assert module.take() == []
