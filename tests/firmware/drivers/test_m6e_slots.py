"""The M6e driver reads on for a slot, and names what ends it."""

import asyncio

from drivers.errors import LinkLost, ModuleFault, WrongAnswer
from drivers.m6e import talk as m6e_talk
from drivers.reader import Radio

from tests.firmware.drivers.driven_m6e import (
    EPC,
    HOT,
    OTHER,
    US,
    driven,
    one_slot,
    raised,
)
from tests.firmware.drivers.fake_m6e import (
    KEEP_ALIVE,
    TEMPERATURE,
    ScriptedM6e,
    reply,
    streamed,
)


def test_every_report_of_a_slot_reaches_the_sink_also_after_the_stop():
    async def work(driver, module, sink):
        module.sees = [streamed(EPC, -55), KEEP_ALIVE, TEMPERATURE, streamed(EPC, -70)]
        module.late = [streamed(EPC, -60)]
        await one_slot(driver, module, sink)

    _, sink = driven(work)
    assert [(epc, antenna, rssi) for epc, antenna, rssi, _ in sink.records] == [
        (EPC, 1, tenths) for tenths in (-550, -700, -600)
    ]


def test_a_slot_ends_with_the_module_silent_and_its_looks_told():
    async def work(driver, module, sink):
        module.sees = [streamed(EPC), streamed(OTHER), streamed(OTHER)]
        await one_slot(driver, module, sink)
        assert not module.reading

    _, sink = driven(work)
    ((antenna, rounds, on_air_ms),) = sink.looks
    assert antenna == 1 and rounds >= 2
    assert on_air_ms >= 10


def test_a_pause_for_heat_is_no_time_on_air_and_ends_by_itself():
    async def work(driver, module, sink):
        for module.sees in ([HOT], [HOT, KEEP_ALIVE, streamed(EPC)], [streamed(EPC)]):
            try:
                await one_slot(driver, module, sink)
            except ModuleFault as fault:
                named.append(str(fault))

    named = []
    _, sink = driven(work)
    hot, recovered, cool = [on_air_ms for _, _, on_air_ms in sink.looks]
    assert len(named) == 2 and "over temperature" in named[0]
    assert hot <= 3
    assert recovered > 10 and cool > 10
    assert len(sink.records) == 2


def test_faults_while_reading_are_named():
    for status, word in ((0x0503, "not connected"), (0x0505, "reflects"), (0x7F01, "failed")):

        async def work(driver, module, sink, status=status):
            module.sees = [reply(0x22, b"\x00\x01", status)]
            await one_slot(driver, module, sink)

        assert word in str(raised(work, ModuleFault))


def test_reading_that_ends_by_itself_is_named():
    async def work(driver, module, sink):
        module.sees = [reply(0x2F, b"", 0x0503)]
        await one_slot(driver, module, sink)

    assert "not connected" in str(raised(work, ModuleFault))


def test_a_radio_fault_at_the_start_takes_the_slot_and_no_more():
    async def work(driver, module, sink):
        module.answers[0x2F] = 0x0504
        try:
            await one_slot(driver, module, sink)
        finally:
            assert sink.looks == [(1, 0, 0)]

    assert raised(work, ModuleFault).code == 0x0504


def test_a_start_refused_otherwise_means_lost_settings():
    async def work(driver, module, sink):
        module.answers[0x2F] = 0x010B
        await one_slot(driver, module, sink)

    assert "no such region" in str(raised(work, WrongAnswer))


def test_a_module_that_starts_anew_is_set_up_again():
    boot = reply(0x04, ScriptedM6e.VERSION)

    async def while_reading(driver, module, sink):
        module.sees = [streamed(EPC), boot]
        await one_slot(driver, module, sink)

    async def between_slots(driver, module, sink):
        module.send(boot)
        await asyncio.sleep(0.01)
        await one_slot(driver, module, sink)

    async def while_set_up(driver, module, sink):
        module.answers[0x97] = b""
        module.send(boot)
        await driver.configure(US)

    for work in (while_reading, between_slots, while_set_up):
        assert "anew" in str(raised(work, WrongAnswer))


def test_reads_are_dated_by_the_modules_count():
    async def work(driver, module, sink):
        module.sees = [KEEP_ALIVE, streamed(EPC, time_ms=40)]
        driver._clock.ms = 7000
        await driver.stream(0)
        await asyncio.sleep(0)

    _, sink = driven(work)
    assert [at_ms for _, _, _, at_ms in sink.records] == [7000], "never after its arrival"


def test_a_record_with_a_wrong_tag_crc_or_port_is_counted_and_not_handed_over():
    async def work(driver, module, sink):
        module.sees = [streamed(EPC, crc=0x1234), streamed(EPC, port=3), streamed(EPC, port=2)]
        await one_slot(driver, module, sink)
        assert driver.crc_errors == 2

    _, sink = driven(work, antennas=(5, 6), radio=Radio("US"))
    assert [(epc, antenna) for epc, antenna, _, _ in sink.records] == [(EPC, 6)]
    assert [antenna for antenna, _, _ in sink.looks] == [5, 6]


def test_a_mute_module_is_noticed_within_three_seconds():
    async def work(driver, module, sink):
        m6e_talk._REPLY_S = 0.5
        module.mute = True
        await asyncio.wait_for(driver.stream(80), 3)

    raised(work, LinkLost)


def test_a_module_that_falls_mute_while_it_reads_is_noticed():
    async def work(driver, module, sink):
        driver._clock.step = 1500
        await asyncio.wait_for(driver.stream(60_000), 3)

    assert "mute" in str(raised(work, LinkLost))


def test_an_unplugged_port_is_a_lost_link_at_once():
    async def work(driver, module, sink):
        module.unplug()
        await asyncio.sleep(0)
        await asyncio.wait_for(driver.stream(80), 1)

    raised(work, LinkLost)


def test_noise_on_the_line_costs_no_slot():
    async def work(driver, module, sink):
        module.sees = [b"\xff\xf0\x22\x00", streamed(EPC), b"\x00\xff", streamed(EPC)] * 8
        module.late = [b"\xff\x10"]
        await one_slot(driver, module, sink)
        assert driver.resyncs >= 8

    _, sink = driven(work)
    assert len(sink.records) == 16
