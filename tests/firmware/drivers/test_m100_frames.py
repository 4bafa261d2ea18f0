"""The M100 frame parser: every frame of the manuals, at every split, and through garbage."""

from drivers.crc16 import crc16
from drivers.m100.frames import AA_DD, BB_7E, M100Parser, build

from tests.firmware.fakes import notice, vectors

FRAMINGS = {"m100": BB_7E, "m100-aa": AA_DD}
EPC = bytes.fromhex("3414257BF4000000000DBBB1")


class Heard:
    """A parser and the frames it found, as (type, command, params)."""

    def __init__(self, framing=BB_7E):
        self.parser = M100Parser(framing, self)
        self.frames = []

    def frame(self, kind, command, start, length):
        self.frames.append((kind, command, bytes(self.parser.buf[start : start + length])))

    def feed(self, data, step=None):
        step = step or len(data)
        for at in range(0, len(data), step):
            part = data[at : at + step]
            self.parser.space()[: len(part)] = part
            self.parser.feed(len(part))
        return self.frames


def _known_frames():
    for vector in vectors("frames_m100"):
        yield FRAMINGS[vector["family"]], bytes.fromhex(vector["hex"]), vector


def test_every_frame_of_the_manuals_is_found_whole_and_byte_by_byte():
    for framing, data, vector in _known_frames():
        if not vector["checksum_ok"]:
            continue
        expected = [(data[1], data[2], data[5:-2])]
        for step in (None, 1, 2, 7):
            heard = Heard(framing)
            assert heard.feed(data, step) == expected, vector["name"]
            assert heard.parser.crc_errors == heard.parser.resyncs == 0


def test_every_command_of_the_manuals_is_built_byte_by_byte():
    for framing, data, vector in _known_frames():
        if vector["direction"] == "host>module" and vector["checksum_ok"]:
            assert build(framing, data[2], data[5:-2]) == data, vector["name"]


def test_the_crc_of_every_real_notice_is_the_tags_own():
    checked = 0
    for _, data, vector in _known_frames():
        if vector["name"] == "tag notice":
            params = data[5:-2]
            crc = params[-2] << 8 | params[-1]
            assert crc16(params, 1, len(params) - 3) == crc
            checked += 1
    assert checked >= 7


def test_a_flipped_bit_costs_one_frame_and_not_the_next():
    good, bad = notice(EPC), bytearray(notice(EPC))
    for at in range(len(bad)):
        for bit in (1, 0x80):
            bad[at] ^= bit
            heard = Heard()
            heard.feed(bytes(bad) + good + good)
            heard.parser.settle()
            assert len(heard.frames) == 2, (at, bit)
            assert heard.parser.resyncs >= 1
            bad[at] ^= bit


def test_heads_and_ends_inside_a_frame_do_not_cut_it():
    for tricky in ("7EBB7E7EBBAADD7E", "BB022200117E", "BBBBBBBBBBBB", "7E7E7E7E"):
        epc = bytes.fromhex(tricky)
        frames = Heard().feed(notice(epc) * 3, 5)
        assert [frame[2][3:-2] for frame in frames] == [epc] * 3


def test_a_truncated_frame_does_not_swallow_the_next():
    whole = notice(EPC)
    for cut in range(1, len(whole)):
        heard = Heard()
        heard.feed(whole[:cut] + whole)
        heard.parser.settle()
        assert (2, 0x22, whole[5:-2]) in heard.frames, cut


def test_a_false_head_waits_no_longer_than_settle():
    heard = Heard()
    heard.feed(b"\xbb\x01\x03\x00\x70" + notice(EPC))
    assert heard.frames == []
    heard.parser.settle()
    assert len(heard.frames) == 1


def test_garbage_is_skipped_as_one_resync():
    heard = Heard()
    heard.feed(b"\x00\x11\x22" * 50 + notice(EPC) + b"\x33" + notice(EPC))
    assert len(heard.frames) == 2
    assert heard.parser.resyncs == 2


def test_a_long_stream_in_pieces_of_any_size_loses_nothing():
    stream = b"".join([notice(EPC[:-1] + bytes([at]), -40 - at % 30) for at in range(200)])
    for step in (1, 3, 23, 24, 25, 97, 500):
        assert len(Heard().feed(stream, step)) == 200, step
