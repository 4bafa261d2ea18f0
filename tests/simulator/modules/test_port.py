"""Modules served over a real pseudo-terminal and over TCP to a pyserial client."""

import asyncio
import random
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import serial

from simulator.modules.field import FixedField, make_tags
from simulator.modules.m100.frames import BB_7E, COMMAND, NOTICE, RESPONSE, Frame, FrameParser
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, TcpPort, serve_pty, serve_tcp

DEADLINE_S = 5.0


def make_module(**options: object) -> EmulatedModule:
    rng = random.Random(2)
    return EmulatedModule(
        "m100", FixedField(make_tags(3, rng), rng, read_probability=1.0), rng=rng, **options
    )


@contextmanager
def served(*modules: EmulatedModule, pty: bool = False) -> Iterator[list[PtyPort | TcpPort]]:
    """Serve modules in a loop of its own thread."""
    ready, ports = threading.Event(), []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        ports.extend([serve_pty(one) if pty else await serve_tcp(one) for one in modules])
        ready.set()
        await stop.wait()
        for port in ports:
            port.close()
        await asyncio.sleep(0)

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert ready.wait(DEADLINE_S)
        yield ports
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(DEADLINE_S)
        loop.close()


class Host:
    """A small pyserial client of an M100."""

    def __init__(self, address: str, baud: int = 115200) -> None:
        self.serial = serial.serial_for_url(address, baudrate=baud, timeout=0.02)
        self._parser = FrameParser(BB_7E, types=(RESPONSE, NOTICE))

    def send(self, command: int, params: bytes = b"") -> None:
        self.serial.write(BB_7E.encode(Frame(COMMAND, command, params)))

    def read_until(self, command: int, *, within_s: float = DEADLINE_S) -> list[Frame]:
        """Read frames until a response to `command` came or the time is up."""
        frames: list[Frame] = []
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            frames += self._parser.feed(self.serial.read(4096))
            if any(f.type == RESPONSE and f.command == command for f in frames):
                return frames
        return frames

    def ask(self, command: int, params: bytes = b"", *, within_s: float = DEADLINE_S) -> bytes:
        self.send(command, params)
        frames = self.read_until(command, within_s=within_s)
        return frames[-1].params if frames and frames[-1].command == command else b""


def stream_and_stop(host: Host) -> list[Frame]:
    """Poll for a while, stop, and return all notices."""
    host.send(0x27, bytes.fromhex("22ffff"))
    frames = host.read_until(-1, within_s=0.5)
    host.send(0x28)
    frames += host.read_until(0x28)
    return [frame for frame in frames if frame.type == NOTICE]


def test_every_notice_counted_as_sent_arrives_over_a_pty_and_over_tcp():
    for pty in (True, False):
        module = make_module()
        with served(module, pty=pty) as (port,):
            assert port.address.startswith("/dev/pts/" if pty else "socket://127.0.0.1:")
            host = Host(port.address)
            assert host.ask(0x03, b"\0") == b"\0M100 V1.00"
            notices = stream_and_stop(host)
            assert len(notices) == module.notices_sent > 10
            host.serial.close()


def test_clients_come_and_go_and_settings_stay():
    for pty in (True, False):
        with served(make_module(), pty=pty) as (port,):
            first = Host(port.address)
            first.ask(0xB6, b"\x05\x78")
            first.serial.close()
            again = Host(port.address)
            assert again.ask(0xB7) == b"\x05\x78"
            again.serial.close()


def test_a_new_tcp_client_takes_the_module_over():
    with served(make_module()) as (port,):
        old, new = Host(port.address), Host(port.address)
        assert new.ask(0x08) == b"\x01"
        old.serial.close()
        new.serial.close()


def test_over_a_pty_another_baud_is_not_understood_and_a_changed_one_is_followed():
    with served(make_module(baud=9600), pty=True) as (port,):
        host = Host(port.address, baud=115200)
        assert host.ask(0x08, within_s=0.3) == b""
        host.serial.baudrate = 9600
        assert host.ask(0x08) == b"\x01"
        host.send(0x11, b"\x01\x80")
        host.serial.flush()
        assert host.read_until(-1, within_s=0.2) == []
        host.serial.baudrate = 38400
        assert host.ask(0x08) == b"\x01"
        host.serial.close()


def test_notices_take_the_time_that_the_baud_rate_asks():
    module = make_module(baud=9600, rate_hz=1000.0)
    with served(module) as (port,):
        host = Host(port.address)
        notices = stream_and_stop(host)  # 0.5 s of 24 bytes at 9600 baud: 20 notices
        assert 15 <= len(notices) <= 45
        host.serial.close()


def test_what_a_client_does_not_take_is_bounded_and_counted():
    module = make_module(pacing=False, rate_hz=20000.0)
    with served(module, pty=True) as (port,):
        host = Host(port.address)
        host.send(0x27, bytes.fromhex("22ffff"))
        end_s = time.monotonic() + DEADLINE_S
        while module.stats.overrun_frames == 0 and time.monotonic() < end_s:
            time.sleep(0.01)
        assert module.stats.overrun_frames > 0
        host.serial.reset_input_buffer()
        host.send(0x28)
        assert host.read_until(0x28)[-1].command == 0x28
        host.serial.close()


def test_idle_modules_cost_nothing():
    modules = [make_module() for _ in range(22)]
    with served(*modules):
        before = resource.getrusage(resource.RUSAGE_SELF)
        time.sleep(0.5)
        after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < 0.05
    assert all(module.next_due_s is None for module in modules)
