"""`ModulePort` is to a driver what a UART with a module on it is."""

import asyncio
import random

import pytest

from simulator.modules.field import FixedField, make_tags
from simulator.modules.m100.frames import BB_7E, COMMAND, NOTICE, RESPONSE, Frame, FrameParser
from simulator.modules.module import EmulatedModule
from tests.firmware.host.module_port import LoopClock, ModulePort
from tests.support.virtual_time import run

VERSION = BB_7E.encode(Frame(COMMAND, 0x03, b"\x00"))
POLL_FOR_LONG = BB_7E.encode(Frame(COMMAND, 0x27, b"\x22\xff\xff"))


def make_port(**options: object) -> ModulePort:
    clock = LoopClock()
    tags = FixedField(make_tags(3, random.Random(1)), random.Random(2))
    module = EmulatedModule("m100", tags, clock=clock.seconds, rng=random.Random(3))
    return ModulePort(module, **options)


async def hear(port: ModulePort, seconds: float) -> list[bytes]:
    """What comes within the time, one item for each read of the port."""
    pieces: list[bytes] = []

    async def listen() -> None:
        buffer = memoryview(bytearray(64))
        while True:
            count = await port.readinto(buffer)
            pieces.append(bytes(buffer[:count]))

    listener = asyncio.create_task(listen())
    await asyncio.sleep(seconds)
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)
    return pieces


def frames(pieces: list[bytes]) -> list[Frame]:
    return FrameParser(BB_7E, types=(RESPONSE, NOTICE)).feed(b"".join(pieces))


def test_a_command_is_answered_after_the_time_its_bytes_take():
    async def ask() -> None:
        port = make_port()
        await port.open(115200)
        port.write(VERSION)
        (answer,) = frames(await hear(port, 0.1))
        assert answer.command == 0x03
        assert not await hear(port, 100)

    run(ask())


def test_a_module_goes_on_for_hours_while_nobody_asks():
    async def poll() -> None:
        port = make_port()
        await port.open(115200)
        port.write(POLL_FOR_LONG)
        heard = frames(await hear(port, 600))
        notices = sum(frame.type == NOTICE for frame in heard)
        assert 600 * 10 < notices < 600 * 100

    run(poll())


@pytest.mark.parametrize("has_baud", [True, False])
def test_another_rate_is_noise_both_ways_where_the_port_has_a_rate(has_baud):
    async def ask() -> None:
        port = make_port(has_baud=has_baud)
        await port.open(9600)
        port.write(VERSION)
        assert len(frames(await hear(port, 0.5))) == (0 if has_baud else 1)
        port.set_baud(115200)
        port.write(VERSION)
        assert len(frames(await hear(port, 0.5))) == 1
        port.write(POLL_FOR_LONG)
        port.set_baud(9600)
        heard = await hear(port, 1)
        assert sum(map(len, heard)) > 100
        assert bool(frames(heard)) != has_baud

    run(ask())


def test_without_a_cable_every_call_fails_and_the_module_goes_on():
    async def ask() -> None:
        port = make_port()
        await port.open(115200)
        reading = asyncio.create_task(port.readinto(memoryview(bytearray(8))))
        await asyncio.sleep(1)
        port.unplug()
        with pytest.raises(OSError, match="unplugged"):
            await reading
        with pytest.raises(OSError, match="unplugged"):
            port.write(VERSION)
        with pytest.raises(OSError, match="unplugged"):
            await port.open(115200)
        port.plug()
        await port.open(115200)
        port.write(VERSION)
        assert frames(await hear(port, 0.1))

    run(ask())


def test_a_closed_port_takes_nothing_and_keeps_nothing():
    async def close() -> None:
        port = make_port()
        await port.open(115200)
        port.write(POLL_FOR_LONG)
        port.close()
        with pytest.raises(OSError, match="not open"):
            port.write(VERSION)
        await asyncio.sleep(10)
        await port.open(115200)
        (first, *_) = await hear(port, 0.1)
        assert len(first) < 64, "nothing was kept from before"

    run(close())


def test_power_cycle_ends_the_poll_and_takes_half_a_second():
    async def cycle() -> None:
        port = make_port()
        await port.open(115200)
        port.write(POLL_FOR_LONG)
        assert await hear(port, 1)
        before = LoopClock().up_ms()
        await port.power_cycle()
        assert LoopClock().up_ms() - before == 500
        assert not await hear(port, 10)

    run(cycle())


def test_without_an_enable_pin_there_is_no_power_cycle():
    async def cycle() -> None:
        port = make_port(has_power=False)
        with pytest.raises(OSError, match="no enable pin"):
            await port.power_cycle()

    run(cycle())
