"""However a stream is cut and whatever noise stands in it, exactly its intact frames are found.

The same on CPython and on MicroPython, so it brings its own generator of chance.
"""

from drivers.m100.frames import AA_DD, BB_7E, M100Parser, build

from tests.firmware.fakes import notice

SEED = 20261124


class Chance:
    """A linear congruential generator: the same numbers wherever it runs."""

    def __init__(self, seed):
        self._state = seed

    def below(self, count):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 12) % count

    def bytes(self, most):
        return bytes([self.below(256) for _ in range(self.below(most + 1))])


class Heard:
    def __init__(self, framing):
        self.parser = M100Parser(framing, self)
        self.frames = []

    def frame(self, kind, command, start, length):
        self.frames.append((kind, command, bytes(self.parser.buf[start : start + length])))

    def feed(self, data):
        at = 0
        while at < len(data):
            space = self.parser.space()
            count = min(len(space), len(data) - at)
            space[:count] = data[at : at + count]
            self.parser.feed(count)
            at += count


def a_frame(chance, framing):
    """A frame full of the framing's own bytes, and what a parser should find."""
    tricky = list(framing) + [0, 1, 2, 0x22, 0xFF]
    epc = bytes(
        [
            tricky[chance.below(len(tricky))] if chance.below(2) else chance.below(256)
            for _ in range(2 * chance.below(32))
        ]
    )
    data = notice(epc, -chance.below(70), framing=framing)
    if chance.below(3) == 0:
        data = build(framing, chance.below(256), chance.bytes(20))
    return data, (data[1], data[2], data[5:-2])


def a_noise(chance, framing):
    """Bytes that are no frame: anything, a frame's beginning, or a frame with a flipped bit."""
    kind = chance.below(4)
    if kind == 0:
        return chance.bytes(30)
    if kind == 1:
        return bytes([framing[chance.below(2)]] * chance.below(9))
    data = bytearray(a_frame(chance, framing)[0])
    if kind == 2:
        return bytes(data[: chance.below(len(data))])
    data[1 + chance.below(len(data) - 1)] ^= 1 << chance.below(8)
    return bytes(data)


def a_stream(chance, framing, parts):
    stream, expected = b"", []
    for _ in range(parts):
        if chance.below(2):
            stream += a_noise(chance, framing)
        data, found = a_frame(chance, framing)
        stream += data
        expected.append(found)
    return stream, expected


def test_a_stream_cut_at_every_byte_yields_its_intact_frames():
    for framing in (BB_7E, AA_DD):
        chance = Chance(SEED)
        stream, expected = a_stream(chance, framing, 12)
        for cut in range(len(stream) + 1):
            heard = Heard(framing)
            heard.feed(stream[:cut])
            heard.feed(stream[cut:])
            heard.parser.settle()
            assert heard.frames == expected, cut


def test_many_streams_in_pieces_of_any_size_yield_their_intact_frames():
    chance = Chance(SEED)
    for run in range(400):
        framing = (BB_7E, AA_DD)[run % 2]
        stream, expected = a_stream(chance, framing, 1 + chance.below(8))
        heard = Heard(framing)
        at = 0
        while at < len(stream):
            step = 1 + chance.below(60)
            heard.feed(stream[at : at + step])
            at += step
        heard.parser.settle()
        assert heard.frames == expected, run


def test_a_clean_stream_counts_nothing_wrong():
    chance = Chance(SEED)
    for framing in (BB_7E, AA_DD):
        heard = Heard(framing)
        for _ in range(100):
            heard.feed(a_frame(chance, framing)[0])
        assert len(heard.frames) == 100
        assert heard.parser.crc_errors == heard.parser.resyncs == 0
