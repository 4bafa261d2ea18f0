"""Properties of the A0 parser and of what the driver takes for a tag, over whatever comes."""

from drivers.a0.driver import A0
from drivers.a0.frames import BROADCAST, FAST_SWITCH, SESSION, A0Parser, build
from hypothesis import given
from hypothesis import strategies as st

from tests.firmware.drivers.a0_module import A0Module, end, record
from tests.firmware.fakes import FakeClock, Sink


class Heard:
    def __init__(self) -> None:
        self.parser = A0Parser(self)
        self.frames: list[tuple[int, int, bytes]] = []

    def frame(self, address: int, command: int, start: int, length: int) -> bool:
        self.frames.append((address, command, bytes(self.parser.buf[start : start + length])))
        return True


def feed(parser: A0Parser, stream: bytes, pieces: list[int]) -> None:
    at = 0
    for size in [*pieces, *[97] * (len(stream) // 97 + 1)]:
        part = stream[at : at + size]
        parser.space()[: len(part)] = part
        parser.feed(len(part))
        at += len(part)


byte = st.integers(0, 255)
frames = st.tuples(byte, byte, st.binary(max_size=120))
cuts = st.lists(st.integers(0, 300), max_size=30)
epcs = st.integers(0, 31).flatmap(lambda words: st.binary(min_size=2 * words, max_size=2 * words))
phases = st.sampled_from([b"", b"\x01\x23", b"\xa0\x03"])
tags = st.tuples(epcs, st.integers(0, 7), st.integers(0, 127), st.integers(0, 59), phases)
silence = st.binary(max_size=30).map(lambda data: data.replace(b"\xa0", b"\x0a"))


@given(st.lists(frames, max_size=20), cuts)
def test_frames_are_found_whatever_the_pieces(sent, pieces) -> None:  # type: ignore[no-untyped-def]
    heard = Heard()
    feed(heard.parser, b"".join(build(*frame) for frame in sent), pieces)
    heard.parser.settle()
    assert heard.frames == sent
    assert heard.parser.crc_errors == heard.parser.resyncs == 0


@given(st.lists(st.one_of(st.binary(max_size=40), frames), max_size=20), cuts)
def test_the_pieces_never_change_what_is_found_in_garbage(parts, pieces) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(part if isinstance(part, bytes) else build(*part) for part in parts)
    whole, torn = Heard(), Heard()
    feed(whole.parser, stream, [])
    feed(torn.parser, stream, pieces)
    for heard in (whole, torn):
        heard.parser.settle()
    assert whole.frames == torn.frames
    assert whole.parser.crc_errors == torn.parser.crc_errors
    assert whole.parser.resyncs == torn.parser.resyncs


@given(
    st.lists(st.tuples(tags, silence), max_size=12), st.sampled_from([SESSION, FAST_SWITCH]), cuts
)
def test_every_tag_arrives_as_it_is_and_nothing_else(sent, command, pieces) -> None:  # type: ignore[no-untyped-def]
    sink = Sink()
    driver = listening(sink, command)
    stream = b"".join(
        record(epc, command, port, rssi, frequency, phase) + noise
        for (epc, port, rssi, frequency, phase), noise in sent
    )
    feed(driver._parser, stream + end(command), pieces)
    expected = [
        (epc, 10 + port, (rssi - 129) * 10, 1000)
        for (epc, port, rssi, _, _), _ in sent
        if any(epc) or not epc
    ]
    assert sink.records == expected
    assert driver.zero_epcs == len(sent) - len(expected)
    assert driver._inventory._ended.is_set()


@given(st.binary(max_size=400), st.sampled_from([SESSION, FAST_SWITCH]), cuts)
def test_nothing_that_comes_raises(stream, command, pieces) -> None:  # type: ignore[no-untyped-def]
    sink = Sink()
    driver = listening(sink, command)
    driver._talk.address = BROADCAST
    feed(driver._parser, stream.replace(b"\x00\x01", b"\xa0\x05\x01\x8a"), pieces)
    driver._parser.settle()
    for epc, antenna, rssi_tenths, _ in sink.records:
        assert len(epc) % 2 == 0 and len(epc) <= 62
        assert 10 <= antenna <= 17
        assert -1290 <= rssi_tenths <= -20


@given(tags, st.lists(st.integers(0, 8 * 20 - 1), min_size=1, max_size=1))
def test_one_flipped_bit_never_passes(tag, flips) -> None:  # type: ignore[no-untyped-def]
    sink = Sink()
    driver = listening(sink, SESSION)
    epc, port, rssi, frequency, phase = tag
    frame = bytearray(record(epc, SESSION, port, rssi, frequency, phase))
    for flip in flips:
        frame[flip // 8 % len(frame)] ^= 1 << flip % 8
    feed(driver._parser, bytes(frame), [])
    assert not sink.records


def listening(sink: Sink, command: int) -> A0:
    """A driver in the middle of a round on all eight ports."""
    driver = A0(A0Module(), list(range(10, 18)), sink, FakeClock(1000))
    driver._talk.address = 1
    driver._link.at_ms = 1000
    driver._inventory._command, driver._inventory._ports = command, 0xFF
    return driver
