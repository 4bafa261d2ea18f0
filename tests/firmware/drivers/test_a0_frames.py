"""The A0 frame parser: every frame of the sources, at every split, and through garbage."""

from drivers.a0.frames import (
    END,
    FAST_SWITCH,
    FAULT,
    NONSENSE,
    REAL_TIME,
    RECORD,
    SESSION,
    A0Parser,
    build,
    epc_length,
    kind,
    port_of,
    rssi_tenths,
)

from tests.firmware.drivers.a0_module import end, record
from tests.firmware.fakes import vectors

EPC = bytes.fromhex("3414257BF4000000000DBBB1")
STREAM = range(REAL_TIME, SESSION + 1)


class Heard:
    """A parser and the frames it found, as (address, command, data)."""

    def __init__(self):
        self.parser = A0Parser(self)
        self.frames = []

    def frame(self, address, command, start, length):
        self.frames.append((address, command, bytes(self.parser.buf[start : start + length])))
        return True

    def feed(self, data, step=None):
        step = step or len(data) or 1
        for at in range(0, len(data), step):
            part = data[at : at + step]
            self.parser.space()[: len(part)] = part
            self.parser.feed(len(part))
        return self.frames


class Strict(Heard):
    """Only what makes sense in an inventory, from address 1."""

    def frame(self, address, command, start, length):
        if address != 1 or command not in STREAM:
            return False
        if kind(self.parser.buf, command, start, length) == NONSENSE:
            return False
        return super().frame(address, command, start, length)


def kind_of(frame):
    return kind(frame, frame[3], 4, len(frame) - 5)


def known(direction):
    for vector in vectors("frames_a0"):
        if vector["direction"] == direction:
            assert vector["checksum_ok"]
            yield bytes.fromhex(vector["hex"]), vector["name"]


def test_every_frame_of_the_sources_is_found_whole_and_byte_by_byte():
    count = 0
    for direction in ("host>module", "module>host"):
        for data, name in known(direction):
            expected = [(data[2], data[3], data[4:-1])]
            for step in (None, 1, 2, 7):
                heard = Heard()
                assert heard.feed(data, step) == expected, name
                assert heard.parser.crc_errors == heard.parser.resyncs == 0
            count += 1
    assert count == 62


def test_every_command_of_the_sources_is_built_byte_by_byte():
    for data, name in known("host>module"):
        assert build(data[2], data[3], data[4:-1]) == data, name


def test_every_inventory_frame_of_the_sources_is_told_for_what_it_is():
    names = {
        "tag record": RECORD,
        "tag record zero EPC": RECORD,
        "tag with phase": RECORD,
        "tag on antenna 6": RECORD,
        "end of round": END,
        "end of round, nothing": END,
        "fast switch end": END,
        "antenna missing": FAULT,
        "fast switch antenna 2 missing": FAULT,
    }
    seen = set()
    for data, name in known("module>host"):
        if data[3] in STREAM:
            assert kind_of(data) == names[name], name
            seen.add(name)
    assert seen == set(names)


def test_records_say_port_and_rssi():
    by_name = {name: data for data, name in known("module>host")}
    tag = by_name["tag on antenna 6"]
    assert port_of(tag[4], tag[-2]) == 5
    assert rssi_tenths(tag[-2]) == (0x47 - 129) * 10
    with_phase = by_name["tag with phase"]
    assert epc_length(with_phase, 5) == 12
    assert rssi_tenths(with_phase[7 + 12]) == (0x47 - 129) * 10
    assert rssi_tenths(0x60) == -330
    assert port_of(0x10, 0x67) == 0


def test_epcs_of_every_length_are_records_with_and_without_phase():
    for words in range(32):
        epc = bytes(0xA0 for _ in range(2 * words))
        for phase in (b"", b"\x01\x23"):
            frame = record(epc, phase=phase)
            assert kind_of(frame) == RECORD, words
            assert epc_length(frame, 5) == 2 * words
            assert Heard().feed(frame * 3, 5) == [(1, SESSION, frame[4:-1])] * 3


def test_what_contradicts_itself_is_no_frame_of_an_inventory():
    for words in range(32):  # six are there; with a PC of five the last is taken for phase
        fits = words in (5, 6)
        assert kind_of(record(EPC, pc=words << 11)) == (RECORD if fits else NONSENSE), words
    assert kind_of(record(EPC, frequency=60)) == NONSENSE
    assert kind_of(end(total=1 << 24)) == NONSENSE
    assert kind_of(end(port=8)) == NONSENSE
    assert kind_of(end(FAST_SWITCH, took_ms=1 << 24)) == NONSENSE
    assert kind_of(build(1, SESSION, b"\x01\x22")) == NONSENSE
    assert kind_of(build(1, FAST_SWITCH, b"\x08\x22")) == NONSENSE
    assert kind_of(build(1, SESSION, b"\x01\x22\x33")) == NONSENSE
    assert kind_of(build(1, SESSION)) == NONSENSE


def test_a_flipped_bit_costs_one_frame_and_not_the_next():
    good, bad = record(EPC), bytearray(record(EPC))
    for at in range(len(bad)):
        for bit in range(8):
            bad[at] ^= 1 << bit
            heard = Strict()
            heard.feed(bytes(bad) + good + good)
            heard.parser.settle()
            assert len(heard.frames) == 2, (at, bit)
            assert heard.parser.resyncs >= 1
            bad[at] ^= 1 << bit


def test_two_flipped_bits_rarely_pass():
    """The sum misses 1 pair in 16 or so; in the head of a record the other checks see it."""
    good = record(EPC)
    passed = {}
    for first in range(8 * len(good)):
        for second in range(first):
            bad = bytearray(good)
            bad[first // 8] ^= 1 << first % 8
            bad[second // 8] ^= 1 << second % 8
            if sum(bad) & 0xFF == 0:
                heard = Strict()
                heard.feed(bytes(bad))
                place = min(first, second) // 8
                passed[place] = passed.get(place, 0) + len(heard.frames)
    assert passed.get(0, 0) == passed.get(1, 0) == passed.get(2, 0) == 0
    assert sum(passed.values()) < 8 * len(good) * (8 * len(good) - 1) // 2 // 16


def test_a_cut_frame_does_not_take_the_next_with_it():
    good = record(EPC)
    for cut in range(1, len(good)):
        heard = Strict()
        heard.feed(good[:cut] + good + good + end())
        heard.parser.settle()
        frames = [data for _, _, data in heard.frames]
        assert frames[-3:] == [good[4:-1], good[4:-1], end()[4:-1]], cut


def test_a_record_that_lost_an_a0_is_no_tag_though_the_next_head_makes_its_sum_right():
    epc = bytes.fromhex("3414257BF4A000A0000DBBB1")
    good = record(epc)
    for at, byte in enumerate(good):
        if at and byte == 0xA0:
            for step in (None, 1, 5):
                heard = Strict()
                heard.feed(good[:at] + good[at + 1 :] + good + end(), step)
                assert [data for _, _, data in heard.frames] == [good[4:-1], end()[4:-1]]


def test_a_record_whose_sum_is_a0_is_taken_whatever_follows():
    some = [record(EPC[:11] + bytes([last])) for last in range(256)]
    good = [frame for frame in some if frame[-1] == 0xA0][-1]
    for behind in (b"", good, end(), b"\x05", b"\xa0\xa0\xa0", b"\x13\x01\x00"):
        for step in (None, 1):
            heard = Strict()
            heard.feed(good + behind, step)
            heard.parser.settle()
            assert heard.frames[0] == (1, SESSION, good[4:-1])


def test_streams_cut_at_every_byte_with_noise_between_yield_exactly_the_intact_frames():
    random = Lottery(7)
    for turn in range(12):
        stream, intact = b"", []
        for _ in range(6):
            epc = bytes(random.below(256) for _ in range(2 * random.below(9)))
            frame = record(epc, port=random.below(8), rssi=random.below(128))
            intact.append(frame[4:-1])
            stream += frame + noise(random)
            if random.below(3) == 0:
                stream += frame[: random.below(len(frame))].replace(b"\xa0", b"\xa1")
        if turn == 0:
            for cut in range(len(stream)):
                assert found(stream, [cut, len(stream)]) == intact, cut
        for _ in range(10):
            cuts = sorted(random.below(len(stream)) for _ in range(5))
            assert found(stream, cuts + [len(stream)]) == intact, (turn, cuts)


def test_random_garbage_hardly_ever_becomes_a_frame():
    random = Lottery(3)
    heard = Strict()
    for _ in range(200):
        heard.feed(bytes(random.below(256) for _ in range(100)), 33)
    heard.parser.settle()
    assert not heard.frames
    assert heard.parser.resyncs


def found(stream, cuts):
    heard = Strict()
    at = 0
    for cut in cuts:
        heard.feed(stream[at:cut])
        at = cut
    heard.parser.settle()
    return [data for _, _, data in heard.frames]


def noise(random):
    """A few bytes; no head among them, so that by chance no frame begins there."""
    return bytes(random.below(0xA0) for _ in range(random.below(12)))


class Lottery:
    """The same numbers on both interpreters."""

    def __init__(self, seed):
        self._state = seed

    def below(self, limit):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 8) % limit
