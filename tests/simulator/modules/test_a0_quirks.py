"""The oddities of real A0 readers, each as `--quirk` has it."""

from simulator.modules.a0.frames import Code, Frame
from simulator.modules.tag import Tag
from tests.simulator.modules.a0_bench import OK, Bench, code, epcs_of

EPCS = [bytes.fromhex(f"3414257bf4000000000000{n:02x}") for n in range(3)]
NONE_READ = bytes(7)


def school_tags(count: int) -> list[Tag]:
    return [Tag(epc) for epc in EPCS[:count]]


def test_noise_records_have_an_epc_of_zeros():
    bench = Bench(quirks=["zero-epc"])
    records = bench.ask(0x89, "c8", seconds=60)[:-1]
    assert records and {data[1:] for data in records} == {bytes.fromhex("3000" + "00" * 12 + "1b")}
    assert bench.module.stats.notices_sent == 0


def test_an_endless_inventory_stops_only_by_a_reset():
    bench = Bench(*school_tags(2), quirks=["endless-ff"])
    assert len(bench.ask(0x8B, "0000ff", seconds=5)) > 200
    bench.send(0x70)
    bench.run(1.5)
    assert len(epcs_of(bench.ask(0x8B, "000001"))) == 2


def test_a_muted_reader_answers_nothing_after_its_time():
    bench = Bench(quirks=["mute=2"])
    assert bench.answer(0x72)
    bench.run(2)
    assert bench.ask(0x72) == []
    bench.module.power_cycle()
    assert bench.answer(0x72)


def test_a_weak_supply_starts_the_reader_anew_at_full_power():
    bench = Bench(*school_tags(3), quirks=["brown-out=27"])
    bench.send(0x89, "01")
    assert bench.frames(1.5) == [Frame(1, 0x70, code(Code.MCU_RESET))]
    bench.answer(0x76, "1a")
    assert len(epcs_of(bench.ask(0x89, "01"))) == 3


def test_amplifiers_say_what_they_cannot_do():
    weak = Bench(quirks=["weak-amplifier"])
    assert weak.answer(0x89, "01") == code(Code.POWER_NOT_REACHED)
    assert weak.answer(0x66, "1b") == OK
    assert weak.answer(0x89, "01") == NONE_READ
    low = Bench(quirks=["low-power"])
    assert low.answer(0x89, "01") == NONE_READ
    low.answer(0x66, "09")
    assert low.answer(0x8B, "010001") == code(Code.POWER_TOO_LOW)
    assert low.answer(0x7E, "21") == code(Code.RETURN_LOSS_FAILED)


def test_missing_antennas_are_told_of_only_with_the_detector_on():
    bench = Bench(*school_tags(1), quirks=["missing-antenna=1"])
    assert bench.answer(0x89, "01") == NONE_READ
    bench.answer(0x62, "03")
    for command, data in ((0x89, "01"), (0x8B, "010001"), (0x80, "01"), (0x81, "020006")):
        assert bench.answer(command, data) == code(Code.ANTENNA_MISSING)
    bench.answer(0x74, "01")
    assert epcs_of(bench.ask(0x89, "01")) == [EPCS[0]]


def test_boot_messages_and_noise_come_by_themselves():
    assert Bench(quirks=["boot-message"]).frames() == [Frame(1, 0x70, code(Code.MCU_RESET))]
    assert len(Bench(quirks=["boot-noise"]).run(0.1)[0].data) == 24
    bench = Bench(quirks=["reset-reply"])
    assert bench.ask(0x70, seconds=1.5) == [OK]
    slow = Bench(quirks=["slow-boot"])
    assert slow.ask(0x72) == []
    slow.run(1)
    assert slow.answer(0x72)


def test_boards_differ_in_power_ports_firmware_and_address():
    assert Bench(quirks=["e310"]).answer(0x72) == b"\x01\x09"
    assert Bench(quirks=["e310"]).answer(0x76, "1b") == code(Code.POWER)
    assert Bench(quirks=["min-power"]).answer(0x76, "13") == code(Code.POWER)
    assert Bench(quirks=["one-port"]).answer(0x74, "01") == code(Code.ANTENNA_ID)
    assert Bench(quirks=["one-port"]).answer(0x76, "1e1d1c1b") == OK
    assert Bench(quirks=["temperature=-7"]).answer(0x7B) == b"\x00\x07"
    assert Bench(quirks=["baud-38400"]).module.baud == 38400
    assert Bench(quirks=["address"], address=2).answer(0x72) == b"\x08\x02"
    assert Bench(quirks=["etsi-only"]).answer(0x78, "01073b") == code(Code.REGION)
    assert Bench(quirks=["etsi-only"]).answer(0x78, "0432040df638") == code(Code.SPECTRUM)
    assert Bench(quirks=["etsi-only"]).answer(0x79) == b"\x02\x00\x06"


def test_flash_wears_out():
    bench = Bench(quirks=["worn-flash=2"])
    assert [bench.answer(0x76, "14") for _ in range(3)] == [OK, OK, code(Code.WRITE_FLASH)]
    assert bench.answer(0x66, "15") == OK


def test_old_firmware_knows_only_the_short_forms():
    bench = Bench(Tag(EPCS[0]), quirks=["old-firmware"])
    assert bench.answer(0x81, "02000600000000") == code(Code.PARAMETER)
    assert bench.answer(0x81, "020006")[2] == 2 + 12 + 2 + 12
    assert bench.answer(0x8B, "00000001") == code(Code.PARAMETER)
    assert bench.answer(0x98, "20") == code(Code.FAIL)
