"""wabson.chafon-rfid 1.0.0, a public program for Chafon readers, works with the emulated one.

It is driven as its own examples do it, over a pseudo-terminal and over TCP: reader information,
power, inventories in both generations' form, writing a tag, and any documented command.
"""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from chafon_rfid import command as codes
from chafon_rfid import uhfreader18, uhfreader288m
from chafon_rfid.base import (
    CommandRunner,
    ReaderCommand,
    ReaderFrequencyBand,
    ReaderInfoFrame,
    ReaderResponseFrame,
    ReaderType,
)
from chafon_rfid.base import Tag as ReadTag
from chafon_rfid.checksum import checksum
from chafon_rfid.response import (
    G2_TAG_INVENTORY_STATUS_ANTENNA_ERROR,
    G2_TAG_INVENTORY_STATUS_COMPLETE,
    G2_TAG_INVENTORY_STATUS_MORE_FRAMES,
    G2_TAG_INVENTORY_STATUS_TIMEOUT,
)
from chafon_rfid.transport import BaseTransport, TcpTransport
from chafon_rfid.transport_serial import SerialTransport

from simulator.modules.field import FixedField
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, TcpPort, serve_pty, serve_tcp
from simulator.modules.tag import Tag
from tests.support.loop_thread import LoopThread

EPCS = [bytes.fromhex(f"3414257bf40000000000{n:04x}") for n in range(40)]


@pytest.fixture(params=["pty", "tcp"])
def wire(request: pytest.FixtureRequest) -> str:
    return request.param


@contextmanager
def emulated(*tags: Tag, wire: str = "pty", **options: object) -> Iterator[BaseTransport]:
    """Serve a reader; yield the program's transport to it."""
    rng = random.Random(5)
    module = EmulatedModule("uhfreader18", FixedField(tags, rng), rng=rng, **options)

    async def serve() -> PtyPort | TcpPort:
        return serve_pty(module) if wire == "pty" else await serve_tcp(module)

    async def close(port: PtyPort | TcpPort) -> None:
        port.close()

    with LoopThread("emulated reader") as loop:
        port = loop.call(serve())
        if wire == "pty":
            transport = SerialTransport(device=port.address, baud_rate=module.baud)
        else:
            number = int(port.address.rpartition(":")[2])
            transport = TcpTransport("127.0.0.1", number, auto_connect=True)
        try:
            yield transport
        finally:
            transport.destroy() if wire == "pty" else transport.close()
            loop.call(close(port))


def ask(transport: BaseTransport, code: int, *data: int) -> ReaderResponseFrame:
    answer = ReaderResponseFrame(CommandRunner(transport).run(ReaderCommand(code, data=list(data))))
    assert answer.resp_cmd == code
    return answer


def inventory(
    transport: BaseTransport, request: ReaderCommand, frame: type
) -> tuple[list[ReadTag], int]:
    """Take the list as the program's examples do: frames until one does not say "more"."""
    transport.write(request.serialize())
    tags, status = [], G2_TAG_INVENTORY_STATUS_MORE_FRAMES
    while status == G2_TAG_INVENTORY_STATUS_MORE_FRAMES:
        answer = frame(transport.read_frame())
        status = answer.result_status
        tags += answer.get_tag()
    return tags, status


def inventory_18(transport: BaseTransport) -> tuple[list[ReadTag], int]:
    request = ReaderCommand(codes.G2_TAG_INVENTORY)
    return inventory(transport, request, uhfreader18.G2InventoryResponseFrame)


def inventory_288(transport: BaseTransport, **named: int) -> tuple[list[ReadTag], int]:
    request = uhfreader288m.G2InventoryCommand(**named)
    return inventory(transport, request, uhfreader288m.G2InventoryResponseFrame)


def school(count: int) -> list[Tag]:
    return [Tag(epc) for epc in EPCS[:count]]


def test_the_reader_tells_type_power_and_frequencies(wire):
    with emulated(wire=wire) as transport:
        request = ReaderCommand(codes.CF_GET_READER_INFO)
        info = ReaderInfoFrame(CommandRunner(transport).run(request))
        assert info.type is ReaderType.UHFReader18
        assert (info.supports_6b, info.supports_6c) == (True, True)
        assert info.frequency_band is ReaderFrequencyBand.US
        assert (info.get_min_frequency(), info.get_max_frequency()) == (902.75, 927.25)
        assert (info.power, info.scan_time) == (30, 20)


def test_the_examples_loop_sets_power_and_reads_on_and_on(wire):
    with emulated(*school(3), wire=wire) as transport:
        assert ask(transport, codes.CF_SET_RF_POWER, 30).result_status == 0
        for _ in range(5):
            tags, status = inventory_18(transport)
            assert sorted(bytes(tag.epc) for tag in tags) == EPCS[:3]
            assert status == G2_TAG_INVENTORY_STATUS_COMPLETE
            assert {(tag.antenna_num, tag.rssi) for tag in tags} == {(1, None)}


def test_the_newer_form_has_antenna_and_rssi(wire):
    with emulated(*school(3), wire=wire) as transport:
        tags, status = inventory_288(transport)  # Q 15, as it sends without a word
        assert sorted(bytes(tag.epc) for tag in tags) == EPCS[:3]
        assert status == G2_TAG_INVENTORY_STATUS_COMPLETE
        assert all(tag.antenna_num == 1 and 55 < tag.rssi < 95 for tag in tags)


@pytest.mark.parametrize("quirks", [(), ("288m",), ("288mp",), ("frd950",)])
def test_lists_longer_than_a_frame_arrive_whole(quirks, wire):
    with emulated(*school(40), wire=wire, quirks=quirks, antennas=(1, 2)) as transport:
        for antenna in (0x80, 0x81):
            tags, _ = inventory_288(transport, q_value=5, antenna=antenna)
            assert sorted(bytes(tag.epc) for tag in tags) == EPCS
            assert {tag.antenna_num for tag in tags} == {antenna - 0x7F}
        if "frd950" not in quirks:
            frame = uhfreader288m if quirks else uhfreader18
            request = ReaderCommand(codes.G2_TAG_INVENTORY)
            tags, _ = inventory(transport, request, frame.G2InventoryResponseFrame)
            assert sorted(bytes(tag.epc) for tag in tags) == EPCS


def test_an_empty_field_ends_at_once_in_both_forms(wire):
    with emulated(wire=wire) as transport:
        assert inventory_18(transport) == ([], 0xFB)
        assert inventory_288(transport) == ([], G2_TAG_INVENTORY_STATUS_COMPLETE)


def test_session_and_target_choose_who_answers(wire):
    with emulated(*school(2), wire=wire) as transport:
        assert len(inventory_288(transport, session=2)[0]) == 2
        assert inventory_288(transport, session=2)[0] == []
        assert len(inventory_288(transport, session=2, target=1)[0]) == 2


def test_statuses_come_as_the_program_names_them():
    with emulated(*school(2), quirks=["slow-answers"]) as transport:
        tags, status = inventory_288(transport, scan_time=3)
        assert (len(tags), status) == (2, G2_TAG_INVENTORY_STATUS_TIMEOUT)
    with emulated(quirks=["288m", "antenna-check"]) as transport:
        _, status = inventory_288(transport, antenna=0x82)
        assert status == G2_TAG_INVENTORY_STATUS_ANTENNA_ERROR


def test_a_tag_is_written_as_its_example_does_and_read_back(wire):
    with emulated(Tag(EPCS[0]), wire=wire) as transport:
        value = list(b"1234")
        answer = ask(transport, codes.G2_WRITE_EPC, len(value) // 2, 0, 0, 0, 0, *value)
        assert answer.result_status == 0
        assert [bytes(tag.epc) for tag in inventory_18(transport)[0]] == [b"1234"]
        words = ask(transport, codes.G2_READ_DATA, 0, 1, 2, 2, 0, 0, 0, 0)
        assert bytes(words.data) == b"1234"
    with emulated(wire=wire) as transport:
        answer = ask(transport, codes.G2_WRITE_EPC, 2, 0, 0, 0, 0, *value)
        assert answer.result_status == 0xFB  # the example prints: no tags found


def test_the_settings_it_names_are_all_answered(wire):
    with emulated(wire=wire) as transport:
        for code, data in (
            (codes.CF_SET_WORKING_FREQUENCY, (0x4E, 0x00)),
            (codes.CF_SET_READER_ADDRESS, (3,)),
            (codes.CF_SET_READER_INVENTORY_TIME, (5,)),
            (codes.CF_SET_RF_POWER, (20,)),
            (codes.CF_SET_WORK_MODE_288M, (0,)),
            (codes.CF_SET_WORK_MODE_18, (0, 2, 4, 0, 6, 0)),
            (codes.CF_SET_BUZZER_ENABLED, (1,)),
            (codes.CF_SET_ACCOUSTO_OPTIC_TIMES, (1, 1, 2)),
        ):
            assert ask(transport, code, *data).result_status == 0
        info = ReaderInfoFrame(
            CommandRunner(transport).run(ReaderCommand(codes.CF_GET_READER_INFO, addr=3))
        )
        assert info.reader_addr == 3
        assert info.frequency_band is ReaderFrequencyBand.EU
        assert (info.power, info.scan_time) == (20, 5)


@pytest.mark.parametrize(
    "code", sorted(v for k, v in vars(codes).items() if k.startswith(("G2_", "CF_")))
)
def test_every_command_it_names_is_answered_somehow(code):
    with emulated(Tag(EPCS[0])) as transport:
        answer = ReaderResponseFrame(CommandRunner(transport).run(ReaderCommand(code)))
        assert answer.resp_cmd in (code, 0)


def test_at_another_speed_the_terminal_reader_is_not_understood():
    with emulated() as transport:
        transport.serial.baudrate = 9600
        transport.serial.timeout = 0.3
        with pytest.raises(ValueError, match=r"No frame length|bytes|Checksum"):
            ask(transport, codes.CF_GET_READER_INFO)
        transport.serial.baudrate = 57600
        transport.serial.reset_input_buffer()
        transport.serial.timeout = 5
        assert ask(transport, codes.CF_GET_READER_INFO).result_status == 0


def test_after_a_new_baud_rate_the_program_goes_on_at_it():
    with emulated() as transport:
        assert ask(transport, codes.CF_SET_SERIAL_BAUD_RATE, 6).result_status == 0
        transport.serial.timeout = 0.2
        for _ in range(20):  # the reader changes once its answer has left
            transport.serial.baudrate = 115200
            try:
                assert ask(transport, codes.CF_GET_READER_INFO).result_status == 0
                break
            except ValueError:
                transport.serial.reset_input_buffer()
        else:
            pytest.fail("the reader stayed at its old speed")


# What other public programs send and expect, in our own words


def exchange(link: socket.socket, command: bytes, frames: int = 1) -> bytes:
    """Send a frame; return the frames that come first, as many as asked."""
    link.sendall(command)
    data = b""
    for _ in range(frames):
        size = link.recv(1)
        data += size
        end = len(data) + size[0]
        while len(data) < end:
            data += link.recv(end - len(data))
    return data


@contextmanager
def raw(*tags: Tag, **options: object) -> Iterator[socket.socket]:
    with emulated(*tags, wire="tcp", **options) as transport:
        yield transport.socket


def frame(text: str) -> bytes:
    """Close a frame written as hex without its CRC."""
    body = bytes.fromhex(text)
    return body + checksum(bytearray(body)).to_bytes(2, "little")


def test_a_web_page_finds_power_and_antennas_where_it_looks_and_streams():
    """It closes real-time mode, asks for information after 300 ms, then opens it."""
    with raw(*school(1)) as link:
        assert exchange(link, frame("05007600"))[3] == 0
        info = exchange(link, frame("040021"))
        assert 1 <= info[10] <= 30
        assert info[12] == 1
        assert exchange(link, frame("05003f01"))[3] == 0
        pushed = exchange(link, frame("05007601"), 2)[6:]
        assert pushed[2:6] == bytes((0xEE, 0, 1, 12))
        assert pushed[6:18] == EPCS[0]
        assert -75 < pushed[18] - 130 < -35  # "rssi - 130" is what it shows as dBm


def test_a_c_bridge_sets_region_and_power_then_chooses_its_form_by_type():
    """US channels 0-48, 15 dBm, type; 09: mode 35 and a bare 01, else mode 76 and the long form."""
    for options, mode in (({}, "0aff35000000000000"), ({"antennas": (1, 2)}, "05ff7600")):
        with raw(*school(2), **options) as link:
            assert exchange(link, frame("06ff223080"))[3] == 0
            assert exchange(link, frame("05ff2f0f"))[3] == 0
            kind = exchange(link, frame("04ff21"))[6]
            assert kind == (0x0C if options else 0x09)
            assert exchange(link, frame(mode))[3] == 0
            long = frame("0dff0104000100000000" + "8014")
            found = exchange(link, long if options else frame("04ff01"))
            assert found[3] == 1
            assert EPCS[0] in found


def test_a_desktop_program_opens_with_information_of_sixteen_bytes_or_more():
    """The vendor's SDK takes LEN, addresses and twelve data bytes, and reads antenna powers."""
    with raw() as link:
        assert exchange(link, frame("040021"))[0] == 0x11
        assert exchange(link, frame("040094"))[4:8] == bytes((30, 30, 30, 30))
        assert exchange(link, frame("04004c"))[0] == 9
        assert exchange(link, frame("0500eb01"))[2:4] == b"\x00\xfe"  # not of these readers
