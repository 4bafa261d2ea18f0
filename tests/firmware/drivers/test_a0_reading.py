"""The A0 driver against a scripted module: looks, records, and what goes wrong between them."""

import asyncio

from drivers.a0.frames import FAST_SWITCH, REAL_TIME, SESSION, build
from drivers.errors import LinkLost, ModuleFault, WrongAnswer
from drivers.reader import Radio

from tests.firmware.drivers.a0_module import A0Module, driven, end, raised, record

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
US = Radio("US", {1: 20})
DOOR = Radio("US", {7: 27, 3: 27})


async def nothing(driver, module, sink):
    pass


def streamed(module, antennas=(1,), radio=US, slot_ms=1):
    async def work(driver, module, sink):
        await driver.configure(radio)
        module.commands.clear()
        await driver.stream(slot_ms)

    return driven(work, module, antennas)


def fast(*tags):
    return list(tags) + [end(FAST_SWITCH)]


def test_one_antenna_is_looked_at_by_8b():
    module = A0Module()
    module.rounds = [[record(EPC), record(EPC, rssi=0x7F, phase=b"\x01\x02"), end()]]
    module, sink = streamed(module, slot_ms=0)
    assert module.commands == [(SESSION, b"\x00\x00\x01")]
    assert [item[:3] for item in sink.records] == [(EPC, 1, -330), (EPC, 1, -20)]
    assert [look[:2] for look in sink.looks] == [(1, 1)]


def test_a_doorway_is_looked_at_by_8a_and_its_antennas_have_the_schools_names():
    module = A0Module()
    module.rounds = [
        fast(record(EPC, FAST_SWITCH, 0), record(EPC, FAST_SWITCH, 1, 0x40), end(SESSION))
    ]
    module, sink = streamed(module, (7, 3), DOOR, 0)
    assert module.commands == [(FAST_SWITCH, b"\x00\x01\x01\x01\xff\x01\xff\x01\x00\x01")]
    assert [item[:3] for item in sink.records] == [(EPC, 7, -330), (EPC, 3, -650)]
    assert [look[:2] for look in sink.looks] == [(7, 1), (3, 1)]


def test_the_module_says_how_long_a_fast_switch_took():
    async def work(driver, module, sink):
        await driver.configure(DOOR)
        streaming = asyncio.create_task(driver.stream(1))
        while not module.sent(FAST_SWITCH):
            await asyncio.sleep(0)
        await asyncio.sleep(0.02)
        module.send(end(FAST_SWITCH, took_ms=told_ms))
        await streaming

    for told_ms in (12, 12 * 255):  # as long as three seconds: the module cannot be believed
        module = A0Module()
        module.always = []
        _, sink = driven(work, module, (7, 3))
        on_air_ms = [look[2] for look in sink.looks]
        assert on_air_ms == [6, 6] or (told_ms > 12 and 10 <= on_air_ms[0] < 100), on_air_ms


def test_more_than_4_antennas_are_looked_at_by_the_longer_8a():
    names = (11, 12, 13, 14, 15, 16)
    module = A0Module(ports=8)
    module.rounds = [fast(*(record(EPC, FAST_SWITCH, port) for port in range(6)))]
    module, sink = streamed(module, names, Radio("US"), 0)
    places = b"\x00\x01\x01\x01\x02\x01\x03\x01\x04\x01\x05\x01\xff\x01\xff\x01"
    assert module.commands == [(FAST_SWITCH, places + b"\x00\x01")]
    assert [item[1] for item in sink.records] == list(names)
    assert [look[:2] for look in sink.looks] == [(name, 1) for name in names]


def test_in_other_sessions_antennas_are_looked_at_one_by_one():
    module, sink = streamed(A0Module(), (7, 3), Radio("US", session=2, target="A"), 0)
    assert module.commands == [
        (0x74, b"\x00"),
        (SESSION, b"\x02\x00\x01"),
        (0x74, b"\x01"),
        (SESSION, b"\x02\x00\x01"),
    ]
    assert [look[:2] for look in sink.looks] == [(7, 1), (3, 1)]


def test_rounds_go_on_until_the_slot_is_over_and_their_time_is_told():
    async def work(driver, module, sink):
        await driver.configure(US)
        began = driver._clock.up_ms()
        streaming = asyncio.create_task(driver.stream(100))
        while not streaming.done():
            if len(module.sent(SESSION)) > len(ended):
                ended.append(1)
                await asyncio.sleep(0.009)
                module.send(end())
            await asyncio.sleep(0)
        passed.append(driver._clock.up_ms() - began)

    ended, passed = [], []
    module = A0Module()
    module.always = []
    _, sink = driven(work, module)
    assert len(sink.looks) == 1
    rounds, on_air_ms = sink.looks[0][1:]
    assert 1 <= rounds == len(ended) <= 12
    assert 8 * rounds <= on_air_ms <= passed[0]
    assert passed[0] >= 90


def test_a_missing_antenna_is_told_once_and_the_other_is_read_and_looked_with():
    async def work(driver, module, sink):
        await driver.configure(DOOR)
        for _ in range(3):
            try:
                await driver.stream(1)
            except ModuleFault as error:
                told.append(str(error))
        module.always = None
        await driver.stream(1)
        module.always = missing
        await again(driver.stream(1))

    async def again(streaming):
        try:
            await streaming
        except ModuleFault as error:
            told.append(str(error))

    told = []
    missing = fast(build(1, FAST_SWITCH, b"\x01\x22"), record(EPC, FAST_SWITCH, 0))
    module = A0Module()
    module.always = missing
    _, sink = driven(work, module, (7, 3))
    assert told == ["antenna 3: module error 22, antenna missing"] * 2  # it was back in between
    by_antenna = {name: [look[1] for look in sink.looks if look[0] == name] for name in (7, 3)}
    assert all(by_antenna[7])
    assert [rounds > 0 for rounds in by_antenna[3]] == [False, False, False, True, False]
    assert {item[1] for item in sink.records} == {7}


def test_two_missing_antennas_are_both_told():
    async def work(driver, module, sink):
        await driver.configure(Radio("US", session=1))
        for _ in range(4):
            try:
                await driver.stream(1)
            except ModuleFault as error:
                told.append(str(error))

    told = []
    module = A0Module()
    module.always = [build(1, SESSION, b"\x22")]
    _, sink = driven(work, module, (7, 3))
    assert told == [
        "antenna 7: module error 22, antenna missing",
        "antenna 3: module error 22, antenna missing",
    ]
    assert all(look[1:] == (0, 0) for look in sink.looks)


def test_an_antenna_that_cannot_be_used_does_not_flood_the_line():
    async def work(driver, module, sink):
        await driver.configure(US)
        await driver.stream(200)

    module = A0Module()
    module.always = [build(1, SESSION, b"\x22")]
    raised(work, ModuleFault, module)
    assert len(module.sent(SESSION)) <= 6


def test_other_faults_are_named_with_their_antenna_each_time():
    async def work(driver, module, sink):
        await driver.configure(DOOR)
        for _ in range(2):
            try:
                await driver.stream(1)
            except ModuleFault as error:
                told.append(str(error))

    told = []
    module = A0Module()
    module.always = [build(1, FAST_SWITCH, b"\x52")]
    driven(work, module, (7, 3))
    assert told == ["antenna 7: module error 52, synthesizer does not lock"] * 2


def test_an_end_that_never_comes_is_noticed_and_the_round_begun_again():
    module = A0Module()
    module.rounds = [[record(EPC)], [end()]]
    module, sink = streamed(module, slot_ms=0)
    assert len(module.sent(SESSION)) == 2
    assert len(sink.records) == 1
    assert sink.looks[0][:2] == (1, 1)


def test_records_in_a_long_round_are_no_reason_to_begin_it_again():
    async def work(driver, module, sink):
        await driver.configure(US)
        streaming = asyncio.create_task(driver.stream(1))
        for _ in range(30):
            await asyncio.sleep(0.01)
            module.send(record(EPC))
        module.send(end())
        await streaming
        assert len(module.sent(SESSION)) == 1
        assert len(sink.records) == 30

    module = A0Module()
    module.rounds = [[]]
    driven(work, module)


def test_a_module_that_restarted_with_another_power_is_set_up_again():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.power = module.flash_power
        module.rounds = [[], [end()]]
        await driver.stream(1)

    assert "restarted" in str(raised(work, WrongAnswer))


def test_a_module_that_says_it_restarted_is_set_up_again():
    async def work(driver, module, sink):
        module.send(build(1, 0x70, b"\x20"))  # when it got power
        await asyncio.sleep(0.01)
        await driver.configure(US)
        await driver.stream(1)
        told.append("streamed")
        module.rounds = [[build(1, 0x70, b"\x20"), end()]]
        await driver.stream(1)

    told = []
    assert "restarted" in str(raised(work, WrongAnswer))
    assert told


def test_a_mute_module_is_a_lost_link_also_while_streaming():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.mute = True
        await driver.stream(1)

    raised(work, LinkLost)


def test_a_port_that_goes_away_is_a_lost_link():
    async def work(driver, module, sink):
        await driver.configure(US)
        module.always = []
        streaming = asyncio.create_task(driver.stream(1))
        await asyncio.sleep(0.005)
        module.unplug()
        await streaming

    assert "unplugged" in str(raised(work, LinkLost))


def test_frames_of_other_commands_and_modules_in_between_do_no_harm():
    module = A0Module()
    module.rounds = [
        [
            build(1, 0x7B, b"\x01\x23"),
            record(EPC, address=2),
            record(EPC),
            end(REAL_TIME),
            build(1, 0x74, b"\x10"),
            end(address=2),
            record(EPC, port=2),  # not the antenna that was asked
            record(EPC),
            end(),
        ]
    ]
    module, sink = streamed(module, slot_ms=0)
    assert [item[0] for item in sink.records] == [EPC, EPC]
    assert sink.looks[0][:2] == (1, 1)


def test_epcs_of_every_length_are_read_and_zeros_are_dropped_and_counted():
    async def work(driver, module, sink):
        await driver.configure(US)
        await driver.stream(0)
        assert driver.zero_epcs == 31
        assert driver.crc_errors == driver.resyncs == 0

    epcs = [bytes((0xA0,)) * (2 * words) for words in range(32)]
    module = A0Module()
    module.rounds = [[record(epc) for epc in epcs] + [record(bytes(2 * n)) for n in range(32)]]
    module.rounds[0].append(end())
    _, sink = driven(work, module)
    assert [item[0] for item in sink.records] == epcs + [b""]  # no EPC at all is not a zero one
