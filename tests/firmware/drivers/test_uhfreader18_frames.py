"""The UHFReader18 family's frames: every public sample, at every split, and through garbage."""

from drivers.uhfreader18.frames import UhfReader18Parser, build

from tests.firmware.drivers.fake_uhfreader18 import reply, tags_288
from tests.firmware.fakes import vectors

EPC = bytes.fromhex("3414257BF4000000000DBBB1")


class Heard:
    """A parser and the frames it found, as (sender, command, status, data)."""

    def __init__(self, address=None):
        self.parser = UhfReader18Parser(self)
        if address is not None:
            self.parser.listen_to(address)
        self.frames = []

    def frame(self, command, status, start, length):
        data = bytes(self.parser.buf[start : start + length])
        self.frames.append((self.parser.sender, command, status, data))

    def feed(self, data, step=None):
        step = step or len(data)
        for at in range(0, len(data), step):
            part = data[at : at + step]
            self.parser.space()[: len(part)] = part
            self.parser.feed(len(part))
        return self.frames


def _samples(direction):
    samples = [v for v in vectors("frames_uhfreader18") if v["direction"] == direction]
    assert samples
    return [(bytes.fromhex(v["hex"]), v["name"]) for v in samples]


def test_every_public_command_is_built_byte_by_byte():
    for data, name in _samples("host>module"):
        assert build(data[1], data[2], data[3:-2]) == data, name


def test_every_public_reply_is_found_whole_and_byte_by_byte():
    for data, name in _samples("module>host"):
        expected = [(data[1], data[2], data[3], data[4:-2])]
        for step in (None, 1, 2, 7):
            heard = Heard()
            assert heard.feed(data, step) == expected, name
            assert heard.parser.crc_errors == heard.parser.resyncs == 0


def test_a_flipped_bit_costs_one_frame_and_not_the_next():
    good = tags_288([(EPC, -55)])
    bad = bytearray(good)
    for at in range(len(bad)):
        for bit in (1, 0x80):
            bad[at] ^= bit
            heard = Heard(0)
            heard.feed(bytes(bad) + good + good)
            heard.parser.settle()
            assert len(heard.frames) == 2, (at, bit)
            assert heard.parser.resyncs >= 1
            bad[at] ^= bit


def test_a_truncated_frame_does_not_swallow_the_next():
    whole = tags_288([(EPC, -55)])
    for cut in range(1, len(whole)):
        heard = Heard(0)
        heard.feed(whole[:cut] + whole)
        heard.parser.settle()
        assert len(heard.frames) == 1, cut


def test_frames_within_a_frame_do_not_cut_it():
    inner = reply(0x01, 1, b"\x00")
    outer = reply(0x02, 0, inner * 3)
    assert Heard().feed(outer, 5) == [(0, 0x02, 0, inner * 3)]


def test_garbage_is_skipped_as_one_resync_and_is_no_frame_with_a_bad_checksum():
    heard = Heard(0)
    good = tags_288([(EPC, -55)])
    heard.feed(b"\x00\xfe\xff\x3c\x77\x01" * 50 + good + b"\x03" + good)
    heard.parser.settle()
    assert len(heard.frames) == 2
    assert heard.parser.resyncs == 2
    assert heard.parser.crc_errors == 0


def test_a_neighbour_on_the_same_line_is_not_listened_to():
    theirs, ours = reply(0x21, 0, b"12345678", 5), reply(0x21, 0, b"87654321", 7)
    assert [frame[0] for frame in Heard(7).feed(theirs + ours)] == [7]
    assert [frame[0] for frame in Heard().feed(theirs + ours)] == [5, 7]


def test_a_long_stream_in_pieces_of_any_size_loses_nothing():
    stream = b"".join([tags_288([(EPC[:-1] + bytes([at]), -40)]) for at in range(200)])
    for step in (1, 3, 21, 22, 23, 97, 500):
        assert len(Heard(0).feed(stream, step)) == 200, step


def test_the_longest_frame_is_found_behind_the_shortest():
    longest = reply(0x02, 0, bytes(250))
    for step in (1, 100, 256):
        assert len(Heard().feed(reply(0x02) + longest + reply(0x02), step)) == 3


def test_any_stream_cut_anywhere_with_noise_between_gives_exactly_the_intact_frames():
    random = Lottery(18)
    for turn in range(20):
        intact, stream = [], b""
        for _ in range(6):
            stream += bytes(random.below(256) for _ in range(random.below(12)))
            if random.below(4) == 0:
                stream += reply(0x02, 0, EPC)[: random.below(17)]  # torn
            data = bytes(random.below(256) for _ in range(random.below(70)))
            intact.append((0, 0x01, 3, data))
            stream += reply(0x01, 3, data)
        for cut in range(len(stream) + 1):
            assert _found(stream, (cut,)) == intact, (turn, cut)
        for _ in range(10):
            cuts = sorted(random.below(len(stream)) for _ in range(5))
            assert _found(stream, cuts) == intact, (turn, cuts)


def test_random_garbage_hardly_ever_becomes_a_frame():
    random = Lottery(3)
    heard = Heard(0)
    for _ in range(200):
        heard.feed(bytes(random.below(256) for _ in range(100)), 33)
    heard.parser.settle()
    assert not heard.frames
    assert heard.parser.resyncs


def _found(stream, cuts):
    heard = Heard(0)
    at = 0
    for cut in list(cuts) + [len(stream)]:
        if cut > at:
            heard.feed(stream[at:cut])
            at = cut
    heard.parser.settle()
    return heard.frames


class Lottery:
    """The same numbers on both interpreters."""

    def __init__(self, seed):
        self._state = seed

    def below(self, limit):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 8) % limit
