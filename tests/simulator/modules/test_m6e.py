"""An emulated M6e behaves as the module: its limits, wrong commands, boot loader and sleep."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.faults import Faults
from simulator.modules.m6e.frames import Command, Reply
from tests.simulator.modules.m6e_bench import (
    START,
    STOP,
    M6eBench,
    school_tags,
    streaming,
)
from tests.support.counts import count

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
