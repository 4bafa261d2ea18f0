"""The outbox frees only what is confirmed, and tells what it had to drop."""

from gateway.outbox import Outbox
from gateway.packed import pack

BOOT = "0000001f9a3c12e4"
BATCH = pack(1000, {1: (1, 1)}, [(b"\x34" * 12, 1, -500, 0, 1, 0, 0)], [])
COST = len(BATCH) + 96


def filled(count, room=1000):
    outbox = Outbox(BOOT, room * COST)
    for _ in range(count):
        outbox.put(BATCH, outbox.untold(16))
    return outbox


def send(outbox, count):
    for _ in range(count):
        outbox.next_unsent().on_wire = True


def seqs(outbox):
    return [entry.seq for entry in outbox.entries]


def test_batches_count_from_zero_and_are_sent_in_order():
    outbox = filled(3)
    assert seqs(outbox) == [0, 1, 2]
    assert outbox.next_unsent().seq == 0
    send(outbox, 2)
    assert outbox.next_unsent().seq == 2


def test_a_confirmation_frees_exactly_the_range_it_names():
    outbox = filled(10)
    send(outbox, 10)
    freed = outbox.confirm(BOOT, 3, 5)
    assert [entry.seq for entry in freed] == [3, 4, 5]
    assert seqs(outbox) == [0, 1, 2, 6, 7, 8, 9]
    assert outbox.base() == 0


def test_a_confirmation_of_another_boot_or_of_the_unsent_frees_nothing():
    outbox = filled(4)
    send(outbox, 2)
    assert outbox.confirm("0000001e00000000", 0, 9) == []
    outbox.confirm(BOOT, 0, 1 << 60)
    assert seqs(outbox) == [2, 3]


def test_base_is_the_lowest_seq_held_or_the_next():
    outbox = filled(3)
    send(outbox, 3)
    outbox.confirm(BOOT, 0, 0)
    assert outbox.base() == 1
    outbox.confirm(BOOT, 1, 2)
    assert outbox.base() == 3


def test_when_full_the_oldest_off_the_wire_go_and_the_next_batch_tells():
    outbox = filled(5, room=5)
    send(outbox, 2)
    outbox.put(BATCH, outbox.untold(16))
    assert seqs(outbox) == [0, 1, 3, 4, 5]
    outbox.put(BATCH, outbox.untold(16))
    assert outbox.entries[-1].lost == [(BOOT, 2, 2, 1)]
    assert (outbox.lost_batches, outbox.lost_reads) == (2, 2)


def test_a_lost_range_passes_on_when_its_carrier_goes():
    outbox = filled(60, room=10)
    told = [lost for entry in outbox.entries for lost in entry.lost]
    told += outbox.untold(16)
    names = sorted([seq for _, first, last, _ in told for seq in range(first, last + 1)])
    assert names == list(range(50))
    assert sum([reads for _, _, _, reads in told]) == 50


def test_a_range_whose_carrier_is_confirmed_is_told_no_more():
    outbox = filled(6, room=5)
    outbox.put(BATCH, outbox.untold(16))
    send(outbox, 5)
    outbox.confirm(BOOT, 0, 99)
    assert outbox.untold(16) == [(BOOT, 1, 1, 1)]
    assert len(outbox) == 0


def test_at_most_so_many_ranges_are_told_at_once():
    outbox = filled(0)
    for seq in range(0, 20, 2):
        outbox._remember_lost(BOOT, seq, seq, 1)
    assert len(outbox.untold(4)) == 4
    outbox.put(BATCH, outbox.untold(4))
    assert len(outbox.untold(99)) == 6
