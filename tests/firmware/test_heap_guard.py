"""When memory is too low to go on."""

from gateway.heap_guard import LOOKS, YOUNG_MS, HeapGuard

FREE, BLOCK = 6000, 3000


def looks(guard, count, free, block, up_ms=YOUNG_MS):
    return [guard.look(up_ms, free, block) for _ in range(count)]


def test_a_minute_of_too_little_is_a_reason_to_start_again():
    for free, block, word in ((FREE - 1, BLOCK, "free"), (FREE, BLOCK - 1, "block")):
        found = looks(HeapGuard(FREE, BLOCK), LOOKS, free, block)
        assert found[:-1] == [None] * (LOOKS - 1) and word in found[-1]


def test_a_low_that_passes_is_none():
    guard = HeapGuard(FREE, BLOCK)
    for _ in range(5):
        assert looks(guard, LOOKS - 1, 0, 0) == [None] * (LOOKS - 1)
        assert looks(guard, 1, FREE, BLOCK) == [None]


def test_a_boot_that_begins_low_does_not_start_again_and_again():
    guard = HeapGuard(FREE, BLOCK)
    assert set(looks(guard, 100, 0, 0, YOUNG_MS - 1)) == {None}


def test_what_is_unknown_is_never_low():
    assert set(looks(HeapGuard(FREE, BLOCK), 50, None, None)) == {None}
    assert set(looks(HeapGuard(FREE, BLOCK), 50, FREE, None)) == {None}


def test_the_lowest_of_each_is_kept():
    guard = HeapGuard(FREE, BLOCK)
    for free, block in ((9000, 5000), (7000, 6000), (8000, 4000)):
        guard.look(0, free, block)
    assert guard.least_ever == (7000, 4000)
