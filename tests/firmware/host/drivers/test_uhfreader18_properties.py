"""Properties of the UHFReader18 family's parser and tag lists, over whatever hypothesis finds."""

from drivers.uhfreader18.frames import ANYBODY, UhfReader18Parser
from drivers.uhfreader18.lists import hand_over, is_whole
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.firmware.drivers.fake_uhfreader18 import reply
from tests.firmware.fakes import Sink
from tests.support.counts import count

Frame = tuple[int, int, bytes]


class Heard:
    def __init__(self) -> None:
        self.parser = UhfReader18Parser(self)
        self.parser.listen_to(0)
        self.frames: list[Frame] = []

    def frame(self, command: int, status: int, start: int, length: int) -> None:
        data = bytes(self.parser.buf[start : start + length])
        self.frames.append((command, status, data))

    def feed(self, stream: bytes, cuts: list[int]) -> list[Frame]:
        at = 0
        for size in [*cuts, *[97] * (len(stream) // 97 + 1)]:
            part = stream[at : at + size]
            self.parser.space()[: len(part)] = part
            self.parser.feed(len(part))
            at += len(part)
        return self.frames


frames = st.tuples(st.sampled_from([1, 2, 0x21]), st.integers(0, 255), st.binary(max_size=250))
cuts = st.lists(st.integers(0, 300), max_size=30)
tags = st.lists(
    st.tuples(
        st.binary(max_size=62),
        st.integers(0, 255),
        st.one_of(st.none(), st.binary(min_size=12, max_size=12)),
    ),
    max_size=8,
)


@settings(max_examples=count(60, 2000), deadline=None)
@given(st.lists(frames, max_size=12), cuts)
def test_frames_are_found_whatever_the_pieces(sent: list[Frame], pieces: list[int]) -> None:
    heard = Heard()
    assert heard.feed(b"".join(reply(*frame) for frame in sent), pieces) == sent
    assert heard.parser.crc_errors == heard.parser.resyncs == 0


@settings(max_examples=count(60, 2000), deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), frames), max_size=12), cuts)
def test_the_pieces_never_change_what_is_found_in_garbage(
    parts: list[bytes | Frame], pieces: list[int]
) -> None:
    stream = b"".join(part if isinstance(part, bytes) else reply(*part) for part in parts)
    whole, torn = Heard(), Heard()
    whole.feed(stream, [])
    torn.feed(stream, pieces)
    for heard in (whole, torn):
        heard.parser.settle()
    assert whole.frames == torn.frames
    assert whole.parser.crc_errors == torn.parser.crc_errors


@settings(max_examples=count(100, 5000), deadline=None)
@given(tags, st.booleans())
def test_every_record_of_a_list_is_handed_over(
    sent: list[tuple[bytes, int, bytes | None]], is_18: bool
) -> None:
    data = bytes([len(sent)]) if is_18 else bytes([1, len(sent)])
    for epc, rssi, tid in sent:
        tid = b"" if is_18 else tid or b""
        head = len(epc + tid) | (0x80 if tid else 0)
        data += bytes([head]) + epc + tid + (b"" if is_18 else bytes([rssi]))
    sink = Sink()
    assert is_whole(b"\x77" + data, 1, len(data), is_18)
    hand_over(b"\x77" + data, 1, is_18, 5, sink, 9)
    assert sink.records == [
        (epc, 5, None if is_18 else (rssi - 130) * 10, 9) for epc, rssi, _ in sent
    ]


@settings(max_examples=count(200, 20000), deadline=None)
@given(st.binary(max_size=80), st.booleans())
def test_a_list_that_is_whole_never_reaches_past_its_frame(data: bytes, is_18: bool) -> None:
    if data and is_whole(data, 0, len(data), is_18):
        hand_over(data, 0, is_18, 1, Sink(), 0)  # an IndexError would say it did


def test_nobody_answers_as_everybody() -> None:
    heard = Heard()
    heard.parser.listen_to(ANYBODY)
    assert heard.feed(reply(1, 1, b"", ANYBODY), []) == []
