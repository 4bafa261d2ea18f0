"""Each oddity of real M6e modules shows in the emulator when asked for."""

from itertools import combinations

from simulator.modules.m6e.frames import Command, Reply
from simulator.modules.m6e.models import QUIRKS
from tests.simulator.modules.m6e_bench import (
    START,
    STOP,
    M6eBench,
    school_tags,
    streaming,
    tags_of,
)


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
