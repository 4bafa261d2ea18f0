"""When a batch is closed, and what stands in it."""

from gateway.batches import Batches
from gateway.packed import unpack

from tests.firmware.fakes import FakeClock

EPC = bytes.fromhex("3414257BF4000000000DBBB1")


class Box:
    def __init__(self):
        self.put_batches = []
        self.lost = []

    def put(self, packed, lost=()):
        self.put_batches.append(unpack(packed))

    def untold(self, most):
        return self.lost[:most]


def bench(ms=1000):
    clock, box = FakeClock(ms), Box()
    return Batches(box, [1, 2], clock), clock, box


def fine(batches, first_ms, antenna=1, n=1):
    batches.add(EPC, antenna, -575, first_ms, n, 10, 5, False)


def closed_after(batches, clock, box, most):
    """Milliseconds until a batch is closed, by steps of 10."""
    began = clock.ms
    while not box.put_batches and clock.ms - began < most:
        clock.ms += 10
        batches.tick()
    return clock.ms - began


def test_a_batch_closes_at_20_reads():
    batches, _, box = bench()
    for at in range(20):
        assert not box.put_batches
        fine(batches, 900 + at)
    assert len(box.put_batches[0][2]) == 20


def test_a_batch_closes_250_ms_after_its_first_fine_read():
    batches, clock, box = bench()
    fine(batches, 990)
    assert closed_after(batches, clock, box, 9000) == 250


def test_a_batch_closes_5_s_after_its_first_coarse_read():
    batches, clock, box = bench()
    batches.add(EPC, 1, -575, 900, 40, 99, 5, True)
    assert closed_after(batches, clock, box, 9000) == 5000


def test_a_fine_read_does_not_wait_for_the_coarse_ones():
    batches, clock, box = bench()
    batches.add(EPC, 1, -575, 900, 40, 99, 5, True)
    fine(batches, 990)
    assert closed_after(batches, clock, box, 9000) == 250


def test_looks_are_told_every_10_s_even_without_reads_and_of_each_antenna():
    batches, clock, box = bench()
    batches.looked(1, 14, 980)
    batches.looked(1, 1, 20)
    assert 9000 < closed_after(batches, clock, box, 20000) < 10000
    up, looks, reads, _ = box.put_batches.pop()
    assert (up, looks, reads) == (clock.ms, {1: (15, 1000), 2: (0, 0)}, [])
    closed_after(batches, clock, box, 20000)
    assert box.put_batches[0][1] == {1: (0, 0), 2: (0, 0)}


def test_the_zero_of_a_batch_is_its_earliest_read():
    batches, _clock, box = bench(60000)
    fine(batches, 59990)
    fine(batches, 30000, 2)
    batches.close()
    up, _, reads, _ = box.put_batches[0]
    assert up == 30000 and [read[3] for read in reads] == [29990, 0]


def test_reads_too_far_apart_for_one_batch_come_in_two():
    batches, _, box = bench(1 << 26)
    fine(batches, 0)
    fine(batches, 1 << 25)
    batches.close()
    assert [batch[0] for batch in box.put_batches] == [0, 1 << 25]


def test_n_is_never_cut():
    batches, _, box = bench()
    fine(batches, 900, n=150000)
    batches.close()
    assert sum([read[4] for read in box.put_batches[0][2]]) == 150000


def test_lost_ranges_are_told_by_the_next_batch():
    batches, _, box = bench()
    box.lost = [("0000001f9a3c12e4", 3, 9, 40)]
    batches.close()
    assert box.put_batches[0][3] == [("0000001f9a3c12e4", 3, 9, 40)]
