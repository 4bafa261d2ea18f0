"""How many rounds a module made that does not say so, and how long it was on air."""

from drivers.m6e.looks import Looks

from tests.firmware.fakes import Sink


def told(looks, antennas=(1,)):
    sink = Sink()
    looks.tell(sink, antennas)
    return sink.looks


def test_a_round_ends_where_a_tag_answers_again():
    looks = Looks(1)
    looks.begin(1000)
    for at_ms, tag in enumerate((7, 8, 9, 7, 8, 7)):
        looks.heard(0, tag, 1, 1000 + 6 * at_ms)
    looks.end(1036)
    assert told(looks) == [(1, 3, 36)]


def test_a_port_that_answers_ends_the_round_of_another():
    looks = Looks(2)
    looks.begin(0)
    for port, tag in ((0, 7), (1, 8), (0, 9), (1, 7)):
        looks.heard(port, tag, 1, 5)
    looks.end(10)
    assert told(looks, (4, 6)) == [(4, 2, 5), (6, 2, 5)]


def test_silence_counts_as_empty_rounds_rather_too_few():
    looks = Looks(1)
    looks.begin(0)
    looks.end(400)
    assert told(looks) == [(1, 9, 400)]
    looks.begin(1000)
    looks.heard(0, 7, 1, 1100)
    looks.heard(0, 7, 1, 1110)
    looks.end(1120)
    assert told(looks) == [(1, 1 + 2, 120)]


def test_a_pause_counts_neither_as_time_nor_as_rounds():
    looks = Looks(1)
    looks.begin(0)
    looks.end(30)
    looks.end(50)
    looks.heard(0, 7, 1, 200)  # it was on its way
    looks.begin(500)
    looks.begin(510)
    looks.end(530)
    assert told(looks) == [(1, 1, 60)]


def test_what_no_port_can_be_named_for_is_shared_out_and_nothing_is_lost():
    looks = Looks(3)
    looks.begin(0)
    looks.end(400)
    shares = told(looks, (1, 2, 3))
    assert [antenna for antenna, _, _ in shares] == [1, 2, 3]
    assert sum(rounds for _, rounds, _ in shares) == 9
    assert sum(on_air_ms for _, _, on_air_ms in shares) == 400


def test_a_module_that_counts_itself_is_believed():
    looks = Looks(1)
    looks.begin(0)
    looks.end(400, True)
    for tag, times in ((7, 12), (8, 31), (9, 30)):
        looks.heard(0, tag, times, 450)
    assert told(looks) == [(1, 31, 400)]


def test_looks_are_told_once():
    looks = Looks(1)
    looks.begin(0)
    looks.heard(0, 7, 1, 10)
    looks.end(30)
    told(looks)
    assert told(looks) == [(1, 0, 0)]
