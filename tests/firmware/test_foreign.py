"""The filter for foreign tags."""

from gateway.foreign import Filter

OURS = bytes.fromhex("3414257BF4000000000DBBB1")


def accepts(prefixes, epc):
    padded = b"\xff\xff" + epc + b"\xff"
    return Filter(prefixes).accepts(padded, 2, len(epc))


def test_no_prefix_accepts_all():
    assert accepts([], OURS) and accepts([], b"")


def test_a_prefix_must_match_whole():
    assert accepts(["3414257BF4"], OURS)
    assert not accepts(["3414257BF5"], OURS)
    assert not accepts(["3414257BF4"], OURS[:4])


def test_one_of_several_is_enough():
    assert accepts(["E280", "3414"], OURS)
    assert not accepts(["E280", "3415"], OURS)


def test_an_odd_number_of_digits_matches_half_a_byte():
    assert accepts(["341"], OURS) and accepts(["3"], OURS)
    assert not accepts(["342"], OURS) and not accepts(["4"], OURS)
    assert not accepts(["3414257BF4000000000DBBB1F"], OURS)


def test_prefixes_can_be_replaced():
    chosen = Filter(["3414"])
    chosen.accept_only(["E2"])
    assert not chosen.accepts(OURS, 0, 12)
    assert chosen.accepts(b"\xe2\x00", 0, 2)
