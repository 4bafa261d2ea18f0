"""Properties of the M100 driver's frames and numbers, over whatever hypothesis thinks up."""

from drivers.errors import ModuleFault, TagFault
from drivers.m100 import codes as codes
from drivers.m100.access import answer_of, write_epc_params
from drivers.m100.frames import AA_DD, BB_7E, M100Parser, build
from drivers.m100.settings import query_word, select_params
from drivers.reader import TagMask, by_epc
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.m100.frames import AA_DD as EMULATED_AA
from simulator.modules.m100.frames import BB_7E as EMULATED_BB
from simulator.modules.m100.frames import COMMAND, NOTICE, RESPONSE, Frame
from simulator.modules.m100.frames import FrameParser as EmulatedParser
from simulator.modules.m100.settings import Settings
from tests.support.counts import count

FRAMINGS = {BB_7E: EMULATED_BB, AA_DD: EMULATED_AA}
framings = st.sampled_from([BB_7E, AA_DD])
commands = st.tuples(st.integers(0, 255), st.binary(max_size=90))
answers = st.builds(
    Frame, st.sampled_from([RESPONSE, NOTICE]), st.integers(0, 255), st.binary(max_size=90)
)
many = settings(max_examples=count(100, 5000), deadline=None)


class Heard:
    def __init__(self, framing: tuple[int, int]) -> None:
        self.parser = M100Parser(framing, self)
        self.frames: list[Frame] = []

    def frame(self, kind: int, command: int, start: int, length: int) -> None:
        params = bytes(self.parser.buf[start : start + length])
        self.frames.append(Frame(kind, command, params))

    def feed(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            space = self.parser.space()
            size = min(len(space), len(data) - at)
            space[:size] = data[at : at + size]
            self.parser.feed(size)
            at += size


@many
@given(framings, commands)
def test_the_emulator_understands_every_command_that_the_driver_builds(framing, command):
    data = build(framing, *command)
    assert data == FRAMINGS[framing].encode(Frame(COMMAND, *command))
    assert EmulatedParser(FRAMINGS[framing]).feed(data) == [Frame(COMMAND, *command)]


@many
@given(framings, st.lists(st.tuples(st.binary(max_size=30), answers), max_size=8), st.data())
def test_answers_with_noise_between_are_all_found_however_they_are_cut(framing, parts, data):
    encode = FRAMINGS[framing].encode
    head = framing[0]
    stream = b""
    for noise, answer in parts:  # noise with a head might be a frame by chance
        stream += bytes(byte for byte in noise if byte != head) + encode(answer)
    heard = Heard(framing)
    at = 0
    while at < len(stream):
        step = data.draw(st.integers(1, len(stream)))
        heard.feed(stream[at : at + step])
        at += step
    assert heard.frames == [answer for _, answer in parts]


@many
@given(framings, st.binary(max_size=400), answers)
def test_no_noise_hides_the_frame_behind_it_once_the_line_is_quiet(framing, noise, answer):
    heard = Heard(framing)
    heard.feed(noise + FRAMINGS[framing].encode(answer))
    heard.parser.settle()
    assert heard.frames[-1] == answer


@many
@given(st.integers(0, 3), st.booleans(), st.booleans(), st.integers(0, 15))
def test_a_query_means_to_the_emulator_what_was_asked(session, target_b, masked, q):
    word = query_word(session, target_b, masked, q)
    query = Settings(query_word=int.from_bytes(word, "big")).query
    assert (query.session, query.target_b, query.q) == (session, target_b, q)
    assert query.sel == 3 if masked else query.sel < 2
    assert word != b"\x10\x20"


masks = st.binary(min_size=1, max_size=62).flatmap(
    lambda mask: st.builds(
        TagMask,
        st.sampled_from([1, 2]),
        st.integers(0, 500),
        st.integers(8 * len(mask) - 7, 8 * len(mask)),
        st.just(mask),
    )
)


@many
@given(masks)
def test_a_select_means_to_the_emulator_what_was_asked_or_the_end_of_it(tag):
    meant = Settings(select=select_params(tag)).select_command
    assert (meant.target, meant.action, meant.bank) == (4, 0, tag.bank)
    assert meant.pointer_bits + meant.mask_bits == tag.pointer + tag.bits
    whole = int.from_bytes(tag.mask, "big") >> (8 * len(tag.mask) - tag.bits)
    assert meant.mask == whole & ((1 << meant.mask_bits) - 1)
    assert meant.mask_bits == tag.bits or meant.mask_bits > 240


@many
@given(st.integers(0, 31), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.data())
def test_a_written_epc_tells_its_length_and_keeps_the_rest_of_the_pc(words, pc, password, data):
    epc = data.draw(st.binary(min_size=2 * words, max_size=2 * words))
    params = write_epc_params(password, pc, epc)
    assert params[:4] == password.to_bytes(4, "big")
    assert params[4:9] == bytes([1, 0, 1, 0, words + 1])
    assert params[9] >> 3 == words
    assert (params[9] << 8 | params[10]) & 0x01FF == pc & 0x01FF
    assert params[11:] == epc


@many
@given(st.binary(min_size=2, max_size=62), st.binary(max_size=64))
def test_the_data_of_an_answer_is_what_follows_its_tag(epc, data):
    epc = epc[: len(epc) // 2 * 2]
    params = bytes([2 + len(epc), len(epc) << 2 & 0xFF, 0]) + epc + data
    assert answer_of(by_epc(epc), params) == data


@given(st.integers(0, 255), st.sampled_from([0x39, 0x49, 0x82, 0x28, 0x0E]))
def test_every_error_code_has_a_name_and_belongs_to_something(code, command):
    error = codes.fault("doing", code)
    assert isinstance(error, (ModuleFault, TagFault))
    assert error.code == code and error.name
    assert isinstance(codes.may_answer(code, command), bool)
