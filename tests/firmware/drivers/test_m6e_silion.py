"""The M6e driver knows a Silion module and reads by its inventories."""

from tests.firmware.drivers.driven_m6e import (
    EPC,
    US,
    driven,
)
from tests.firmware.drivers.fake_m6e import (
    ScriptedM6e,
    record,
    reply,
)


def test_a_silion_is_known_by_its_hardware_or_by_what_it_refuses():
    class Refusing(ScriptedM6e):
        def _do(self, op, data):
            if op == 0x91 and data == b"\x01\x01":
                self.commands.append((op, data))
                self.send(reply(op, b"", 0x0105))
            else:
                super()._do(op, data)

    async def work(driver, module, sink):
        await driver.configure(US)
        sent.append([data for op, data in module.commands if op == 0x91][0:2])

    sent = []
    driven(work, ScriptedM6e(silion=True))
    driven(work, Refusing(), radio=None)
    plain, with_option, ports = b"\x01\x01", b"\x00\x01\x01", b"\x02\x01\x01"
    assert sent == [[with_option, ports], [plain, with_option]]


def test_a_silion_is_read_by_inventories_and_its_buffer():
    async def work(driver, module, sink):
        module.buffer = [
            bytes([count]) + record(EPC[:-1] + bytes([count]), -50 - count, 1, 3 * count)
            for count in range(1, 6)
        ]
        module.answers[0x29] = None
        driver._clock.ms = 9000
        await driver.stream(20)

    module, sink = driven(work, ScriptedM6e(silion=True))
    assert [op for op, _ in module.commands] == [0x2A, 0x22, 0x29, 0x29, 0x29, 0x29]
    assert module.commands[1] == (0x22, bytes.fromhex("0000130014"))
    assert [rssi for _, _, rssi, _ in sink.records] == [-510, -520, -530, -540, -550]
    assert [look[1] for look in sink.looks] == [5]
