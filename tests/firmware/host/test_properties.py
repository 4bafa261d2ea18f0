"""Properties of the parser, the packed form and the outbox, over whatever hypothesis thinks up."""

from drivers.m100.frames import AA_DD, BB_7E, M100Parser, build
from gateway.outbox import Outbox
from gateway.packed import MAX_DT_MS, pack, unpack
from hypothesis import given
from hypothesis import strategies as st

from tests.firmware.fakes import FakeClock

BOOT = "0000001f9a3c12e4"


class Heard:
    def __init__(self, framing: tuple[int, int]) -> None:
        self.parser = M100Parser(framing, self)
        self.frames: list[tuple[int, bytes]] = []

    def frame(self, kind: int, command: int, start: int, length: int) -> None:
        self.frames.append((command, bytes(self.parser.buf[start : start + length])))

    def feed(self, stream: bytes, cuts: list[int]) -> list[tuple[int, bytes]]:
        at = 0
        for size in [*cuts, *[97] * (len(stream) // 97 + 1)]:
            part = stream[at : at + size]
            self.parser.space()[: len(part)] = part
            self.parser.feed(len(part))
            at += len(part)
        return self.frames


framings = st.sampled_from([BB_7E, AA_DD])
frames = st.tuples(st.integers(0, 255), st.binary(max_size=80))
cuts = st.lists(st.integers(0, 300), max_size=30)


@given(framings, st.lists(frames, max_size=20), cuts)
def test_frames_are_found_whatever_the_pieces(framing, sent, pieces) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(build(framing, command, params) for command, params in sent)
    heard = Heard(framing)
    assert heard.feed(stream, pieces) == sent
    assert heard.parser.crc_errors == heard.parser.resyncs == 0


@given(framings, st.lists(st.one_of(st.binary(max_size=40), frames), max_size=20), cuts)
def test_the_pieces_never_change_what_is_found_in_garbage(framing, parts, pieces) -> None:  # type: ignore[no-untyped-def]
    stream = b"".join(p if isinstance(p, bytes) else build(framing, *p) for p in parts)
    whole, torn = Heard(framing), Heard(framing)
    whole.feed(stream, [])
    torn.feed(stream, pieces)
    for heard in (whole, torn):
        heard.parser.settle()
    assert whole.frames == torn.frames
    assert whole.parser.crc_errors == torn.parser.crc_errors
    assert whole.parser.resyncs == torn.parser.resyncs


@given(framings, st.binary(max_size=200), frames)
def test_a_frame_after_garbage_is_found_once_nothing_more_comes(framing, garbage, last) -> None:  # type: ignore[no-untyped-def]
    garbage = bytes(byte for byte in garbage if byte != framing[0])
    heard = Heard(framing)
    heard.feed(garbage + build(framing, *last), [])
    assert heard.frames == [last]


reads = st.tuples(
    st.binary(max_size=62),
    st.integers(0, 31),
    st.one_of(st.none(), st.integers(-1200, 400)),
    st.integers(0, MAX_DT_MS),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFF),
    st.integers(0, 0xFFFF),
)
looks = st.dictionaries(
    st.integers(0, 31), st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)), max_size=4
)
ranges = st.lists(st.tuples(st.just(BOOT), *[st.integers(0, 0xFFFFFFFF)] * 3), max_size=16)


@given(st.integers(0, (1 << 48) - 1), looks, st.lists(reads, max_size=20), ranges)
def test_packing_loses_nothing(up, seen, batch, lost) -> None:  # type: ignore[no-untyped-def]
    assert unpack(pack(up, seen, batch, lost)) == (up, seen, batch, lost)


BATCH = pack(0, {}, [(b"\x34" * 12, 1, None, 0, 1, 0, 0)] * 3, [])
steps = st.one_of(
    st.just("put"),
    st.just("send"),
    st.tuples(st.integers(0, 60), st.integers(0, 20)),
)


@given(st.lists(steps, max_size=120), st.integers(2, 12))
def test_each_batch_is_held_confirmed_or_told_as_lost_exactly_once(script, room) -> None:  # type: ignore[no-untyped-def]
    outbox = Outbox(BOOT, room * (len(BATCH) + 96), FakeClock())
    put, confirmed, told = 0, set(), []
    carried = {}
    for step in script:
        if step == "put":
            lost = outbox.untold(3)
            carried[outbox.put(BATCH, lost)] = lost
            put += 1
        elif step == "send":
            entry = outbox.next_unsent()
            on_wire = sum(held.on_wire for held in outbox.entries)
            if entry is not None and on_wire < room - 1:  # the window is smaller than the outbox
                entry.on_wire = True
        else:
            first, count = step
            freed = outbox.confirm(BOOT, first, first + count)
            assert all(first <= entry.seq <= first + count for entry in freed)
            confirmed.update(entry.seq for entry in freed)
            told += [lost for entry in freed for lost in carried[entry.seq]]
        assert outbox.base(BOOT) <= min([entry.seq for entry in outbox.entries], default=put)
    held = [entry.seq for entry in outbox.entries]
    told += [lost for entry in outbox.entries for lost in carried[entry.seq]]
    told += outbox.untold(1000)
    lost = [seq for _, first, last, _ in told for seq in range(first, last + 1)]
    assert sorted([*held, *confirmed, *lost]) == list(range(put))
    assert sum(count for _, _, _, count in told) == 3 * len(lost) == outbox.lost.reads
