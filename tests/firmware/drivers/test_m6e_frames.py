"""The M6e frame parser: every known frame, at every split, and through garbage."""

from drivers.m6e.frames import M6eParser, build, frame_crc

from tests.firmware.drivers.fake_m6e import reply, streamed
from tests.firmware.fakes import vectors

EPC = bytes.fromhex("3414257BF4000000000DBBB1")


class Heard:
    """A parser and the frames it found, as (op, status, data)."""

    def __init__(self):
        self.parser = M6eParser(self)
        self.frames = []

    def frame(self, op, status, start, length):
        self.frames.append((op, status, bytes(self.parser.buf[start : start + length])))

    def feed(self, data, step=None):
        step = step or len(data)
        for at in range(0, len(data), step):
            part = data[at : at + step]
            self.parser.space()[: len(part)] = part
            self.parser.feed(len(part))
        return self.frames


def _known(direction):
    for vector in vectors("frames_m6e"):
        if vector["direction"] == direction:
            yield bytes.fromhex(vector["hex"]), vector["name"]


def test_every_known_reply_is_found_whole_and_byte_by_byte():
    count = 0
    for data, name in _known("module>host"):
        expected = [(data[2], data[3] << 8 | data[4], data[5:-2])]
        for step in (None, 1, 2, 7):
            heard = Heard()
            assert heard.feed(data, step) == expected, name
            assert heard.parser.crc_errors == heard.parser.resyncs == 0
        count += 1
    assert count > 90


def test_every_known_command_is_built_byte_by_byte():
    count = 0
    for data, name in _known("host>module"):
        assert build(data[2], data[3:-2]) == data, name
        count += 1
    assert count > 110


def test_the_crc_has_the_check_value_of_the_source():
    assert frame_crc(b"\x00\x03", 0, 2) == 0x1D0C


def test_a_flipped_bit_costs_one_frame_and_not_the_next():
    good, bad = streamed(EPC), bytearray(streamed(EPC))
    for at in range(len(bad)):
        for bit in (1, 0x80):
            bad[at] ^= bit
            heard = Heard()
            heard.feed(bytes(bad) + good + good)
            heard.parser.settle()
            assert len(heard.frames) == 2, (at, bit)
            assert heard.parser.resyncs >= 1
            bad[at] ^= bit


def test_heads_inside_a_frame_do_not_cut_it():
    for tricky in ("FFFFFFFFFFFF", "FF0022040084E0FF", "FF00FF01FF02", "00FF"):
        epc = bytes.fromhex(tricky)
        frames = Heard().feed(streamed(epc) * 3, 5)
        assert len(frames) == 3
        assert all(epc in data for _, _, data in frames)


def test_a_truncated_frame_does_not_swallow_the_next():
    whole = streamed(EPC)
    for cut in range(1, len(whole)):
        heard = Heard()
        heard.feed(whole[:cut] + whole)
        heard.parser.settle()
        assert (0x22, 0, whole[5:-2]) in heard.frames, cut


def test_a_false_head_waits_no_longer_than_settle():
    heard = Heard()
    heard.feed(b"\xff\xf0\x22" + streamed(EPC))
    assert heard.frames == []
    heard.parser.settle()
    assert len(heard.frames) == 1


def test_a_run_of_heads_is_skipped_at_once():
    heard = Heard()
    heard.feed(b"\xff" * 300 + reply(0x03, bytes(20)))
    assert len(heard.frames) == 1
    assert heard.parser.resyncs == 1
    assert heard.parser.crc_errors == 0


def test_the_longest_frame_fits_and_a_longer_one_cannot_begin():
    longest = reply(0x29, bytes(248))
    assert len(longest) == 255
    assert len(Heard().feed(longest * 5, 100)) == 5
    heard = Heard()
    heard.feed(b"\xff\xf9" + longest)
    assert len(heard.frames) == 1


def test_a_long_stream_in_pieces_of_any_size_loses_nothing():
    stream = b"".join([streamed(EPC[:-1] + bytes([at]), -40 - at % 30) for at in range(200)])
    for step in (1, 3, 36, 37, 38, 97, 500):
        assert len(Heard().feed(stream, step)) == 200, step


def test_noise_between_frames_costs_none_of_them_wherever_the_pieces_are_cut():
    """A generator of its own, so that both interpreters try the same streams."""
    seed = 7
    for _ in range(60):
        stream, sent = b"", []
        for _ in range(6):
            seed = (seed * 1103515245 + 12345) % 0x7FFFFFFF
            noise = bytes((seed >> shift) & 0xFF for shift in range(0, 24, 3))
            noise = noise[: seed % 9]
            if seed & 16:
                noise = noise.replace(b"\xff", b"\x00") + b"\xff"
            stream += noise + streamed(EPC[:-1] + bytes([seed & 0xFF]))
            sent.append(EPC[:-1] + bytes([seed & 0xFF]))
        for step in (1, 5, 41, None):
            heard = Heard()
            heard.feed(stream, step)
            heard.parser.settle()
            assert [data[-14:-2] for _, _, data in heard.frames] == sent
