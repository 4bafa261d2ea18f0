"""Properties of the M6e's parser and records, over whatever hypothesis thinks up."""

from drivers.m6e.frames import M6eParser
from drivers.m6e.records import ReadTimes, Record
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.firmware.drivers.fake_m6e import record, reply

Sent = tuple[int, int, bytes]


class Heard:
    def __init__(self) -> None:
        self.parser = M6eParser(self)
        self.frames: list[Sent] = []

    def frame(self, op: int, status: int, start: int, length: int) -> None:
        self.frames.append((op, status, bytes(self.parser.buf[start : start + length])))

    def feed(self, stream: bytes, cuts: list[int]) -> list[Sent]:
        at = 0
        for size in [*cuts, *[97] * (len(stream) // 97 + 1)]:
            part = stream[at : at + size]
            self.parser.space()[: len(part)] = part
            self.parser.feed(len(part))
            at += len(part)
        self.parser.settle()
        return self.frames


frames = st.tuples(st.integers(0, 255), st.integers(0, 0xFFFF), st.binary(max_size=248))
cuts = st.lists(st.integers(0, 300), max_size=30)
noise = st.one_of(
    st.binary(max_size=40),
    st.lists(st.sampled_from([0xFF, 0x00, 0x22, 0x10, 0xF8]), max_size=20).map(bytes),
)


def bytes_of(sent: Sent) -> bytes:
    op, status, data = sent
    return reply(op, data, status)


@given(st.lists(frames, max_size=12), cuts)
def test_frames_are_found_whatever_the_pieces(sent, pieces) -> None:  # type: ignore[no-untyped-def]
    heard = Heard()
    assert heard.feed(b"".join(map(bytes_of, sent)), pieces) == sent
    assert heard.parser.crc_errors == heard.parser.resyncs == 0


@given(st.lists(st.tuples(noise, frames), max_size=8), noise, cuts)
def test_noise_costs_no_frame_and_makes_none(parts, tail, pieces) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(before + bytes_of(sent) for before, sent in parts) + tail
    assume(_chance_frames(stream) == len(parts))
    assert Heard().feed(stream, pieces) == [sent for _, sent in parts]


@given(st.lists(st.tuples(noise, frames), min_size=1, max_size=4), st.data())
def test_a_cut_anywhere_costs_the_frame_it_hits_and_no_other(parts, data) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(before + bytes_of(sent) for before, sent in parts)
    cut = data.draw(st.integers(0, len(stream)))
    assume(_chance_frames(stream[:cut]) + _chance_frames(stream[cut:]) <= len(parts))
    whole, at = [], 0
    for before, sent in parts:
        at += len(before)
        end = at + len(bytes_of(sent))
        if not at < cut < end:
            whole.append(sent)
        at = end
    heard = Heard()
    heard.feed(stream[:cut], [])
    heard.parser.forget()
    assert heard.feed(stream[cut:], []) == whole


@given(st.lists(st.one_of(st.binary(max_size=40), frames.map(bytes_of)), max_size=12), cuts)
def test_the_pieces_never_change_what_is_found(parts, pieces) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(parts)
    whole, torn = Heard(), Heard()
    assert whole.feed(stream, []) == torn.feed(stream, pieces)
    assert whole.parser.crc_errors == torn.parser.crc_errors
    assert whole.parser.resyncs == torn.parser.resyncs


@given(st.binary(max_size=100), st.integers(0, 0x1FF), st.integers(0, 40))
def test_whatever_is_no_record_is_refused_and_never_read_past_its_end(data, flags, at) -> None:  # type: ignore[no-untyped-def]
    found = Record()
    after = found.read(data, min(at, len(data)), len(data), flags)
    assert after == -1 or after <= len(data)
    if after >= 0:
        assert 0 <= found.start <= found.start + found.length <= after - 2


@given(st.binary(max_size=62).map(lambda epc: epc[: len(epc) // 2 * 2]), st.data())
def test_a_flipped_bit_of_the_tag_is_seen_by_its_own_crc(epc, data) -> None:  # type: ignore[no-untyped-def]
    whole = bytearray(record(epc))
    assert Record().read(whole, 0, len(whole), 0x16) == len(whole)
    bit = data.draw(st.integers(8 * 8, 8 * len(whole) - 1))  # behind the fields and the length
    whole[bit // 8] ^= 1 << bit % 8
    assert Record().read(whole, 0, len(whole), 0x16) == -1


@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 3000)), max_size=30))
def test_no_read_is_dated_after_its_arrival_or_long_before(steps) -> None:  # type: ignore[no-untyped-def]
    times, now = ReadTimes(), 10_000
    times.restart(now)
    for time_ms, later in steps:
        now += later
        assert now - 500 <= times.at_ms(time_ms, now) <= now


def _chance_frames(stream: bytes) -> int:
    """How many frames a scan from every byte finds: noise makes one in 65,536 tries."""
    heard, at = 0, 0
    while at < len(stream):
        sent = Heard()
        end = at + 7 + stream[at + 1] if at + 1 < len(stream) else len(stream) + 1
        if stream[at] == 0xFF and end <= len(stream):
            sent.feed(stream[at:end], [])
        if sent.frames and len(bytes_of(sent.frames[0])) == end - at:
            heard, at = heard + 1, end
        else:
            at += 1
    return heard
