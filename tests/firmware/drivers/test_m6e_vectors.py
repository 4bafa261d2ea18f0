"""Every known frame of the M6e family: sent by the driver, understood by it, or named here."""

import asyncio

from drivers.m6e import talk as m6e_talk
from drivers.m6e.driver import M6e
from drivers.m6e.faults import fault_name
from drivers.m6e.frames import build
from drivers.reader import Radio, by_epc

from tests.firmware.drivers.fake_m6e import ScriptedM6e
from tests.firmware.fakes import FakeClock, Sink, vectors

# Commands, or forms of them, that no part of a gateway has a use for.
NOT_SENT = {
    "get_power_mode": "it is set, and the module answers or not",
    "get_reader_optional_params": "but for the two that the driver sets",
    "get_antenna_port": "Nano and M7E detect no antennas",
    "set_reader_optional_params": "the driver sets the read filter and the RSSI's unit",
    "get_reader_stats": "",
    "get_tag_id_buffer": "the driver asks for fewer fields",
    "read_tag_id_multiple": "the driver reads continuously; a Silion without filter or data",
    "erase_block_tag_specific": "",
    "write_tag_specific": "",
    "write_tag_data": "but for the access password",
    "set_user_gpio_outputs": "",
    "get_user_gpio_inputs": "",
    "kill_tag": "no part of Rollcall may destroy a tag",
    "get_protocol_param": "but for session, target and Q",
    "hw_version": "the version names the hardware",
    "get_available_protocols": "",
    "get_freq_hop_table": "the region decides",
    "get_region": "but for the plain form",
    "set baud 115200": "the rate found is kept",
    "set baud 921600": "",
    "set region open": "no school is in it",
    "read filter on": "it would report each tag once",
    "start continuous read": "the driver asks for fewer fields",
    "start continuous read, no metadata": "",
    "start continuous read with stats": "",
    "start with duty cycle 250/250 ms": "a gateway's slots decide",
    "set gen2 Q static 4": "",
    "read bank TID 6 words with metadata option": "never without a filter",
    "write EPC 96 bit": "never without a filter",
}


def sent_in(module, radios, work=None):
    """The frames that a driver sends in the course of this."""

    async def scenario():
        driver = M6e(module, [1], Sink(), FakeClock())
        await driver.open()
        for radio in radios:
            await driver.configure(radio)
        if work:
            await work(driver)
        await driver.close()

    real, m6e_talk._PROBE_S = m6e_talk._PROBE_S, 0.05
    try:
        asyncio.run(scenario())
    finally:
        m6e_talk._PROBE_S = real
    return {build(op, data).hex() for op, data in module.commands}


async def all_of_it(driver):
    first, second = bytes.fromhex("E2005186010701870770C4C1"), bytes.fromhex("0123456789ABCDEF")
    await driver.write_epc(by_epc(first), second)
    await driver.write_epc(by_epc(second), first)
    await driver.set_access_password(by_epc(first), 0x3039)
    await driver.lock(by_epc(first), "user", "locked", 0x3039)
    await driver.lock(by_epc(first), "user", "open", 0x3039)
    await driver.temperature()


def test_every_known_command_is_sent_by_the_driver_or_named():
    nano = ScriptedM6e()
    nano.in_boot_loader = True
    radios = [Radio("US", {1: power}) for power in (5, 20, 22, 27)] + [Radio("EU", {}, 1)]
    sent = sent_in(nano, radios, all_of_it)
    silion = ScriptedM6e(regions="0108", silion=True)

    async def one_slot(driver):
        await driver.stream(1)

    sent |= sent_in(silion, [Radio("US")], one_slot)
    missing = {
        vector["name"]
        for vector in vectors("frames_m6e")
        if vector["direction"] == "host>module" and vector["hex"] not in sent
    }
    assert missing == set(NOT_SENT), (missing - set(NOT_SENT), set(NOT_SENT) - missing)


def test_captured_replies_give_what_they_say():
    module = ScriptedM6e()
    captured = {}
    for vector in vectors("frames_m6e"):
        if vector["direction"] == "module>host" and "captured" in vector["meaning"]:
            captured[vector["name"]] = bytes.fromhex(vector["hex"])[5:-2]
    module.answers[0x03] = captured["version"]
    module.answers[0x0C] = captured["get_current_program"]
    module.answers[0x71] = captured["get_available_regions"]
    module.answers[0x72] = captured["get_temperature"]
    found = []

    async def work(driver):
        found.append(await driver.temperature())
        found.append(await driver.open())

    sent = sent_in(module, [Radio("US")], work)
    assert build(0x97, b"\x0d").hex() in sent
    assert found == [35, "M6e Nano 01.07.01.02, hardware 30.00.00.02"]


def test_every_status_in_a_known_frame_has_a_name():
    for vector in vectors("frames_m6e"):
        if vector["direction"] == "module>host":
            frame = bytes.fromhex(vector["hex"])
            status = frame[3] << 8 | frame[4]
            assert status == 0 or "unknown" not in fault_name(status) or status == 0x0101
