"""The outbox frees only what is confirmed, and tells what it had to drop."""

from gateway.lost import Lost
from gateway.outbox import Outbox
from gateway.packed import pack
from gateway.spool import Spool

from tests.firmware.fakes import FakeClock
from tests.firmware.flash import TornFiles

BOOT = "0000001f9a3c12e4"
BATCH = pack(1000, {1: (1, 1)}, [(b"\x34" * 12, 1, -500, 0, 1, 0, 0)], [])
COST = len(BATCH) + 96


def filled(count, room=1000):
    outbox = Outbox(BOOT, room * COST, FakeClock())
    for _ in range(count):
        put(outbox)
    return outbox


def put(outbox, most=16):
    lost = outbox.untold(most)
    outbox.put(BATCH, lost)


def carried(outbox):
    """The ranges that held batches tell."""
    return [told for ranges in outbox.lost._told.values() for told in ranges]


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
    assert outbox.base(BOOT) == 0


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
    assert outbox.base(BOOT) == 1
    outbox.confirm(BOOT, 1, 2)
    assert outbox.base(BOOT) == 3


def test_when_full_the_oldest_off_the_wire_go_and_the_next_batch_tells():
    outbox = filled(5, room=5)
    send(outbox, 2)
    put(outbox)
    assert seqs(outbox) == [0, 1, 3, 4, 5]
    put(outbox)
    assert carried(outbox) == [(BOOT, 2, 2, 1)]
    assert (outbox.lost.batches, outbox.lost.reads) == (2, 2)


def test_a_lost_range_passes_on_when_its_carrier_goes():
    outbox = filled(60, room=10)
    told = carried(outbox)
    told += outbox.untold(16)
    names = sorted([seq for _, first, last, _ in told for seq in range(first, last + 1)])
    assert names == list(range(50))
    assert sum([reads for _, _, _, reads in told]) == 50


def test_a_range_whose_carrier_is_confirmed_is_told_no_more():
    outbox = filled(6, room=5)
    put(outbox)
    send(outbox, 5)
    outbox.confirm(BOOT, 0, 99)
    assert outbox.untold(16) == [(BOOT, 1, 1, 1)]
    assert len(outbox) == 0


def test_at_most_so_many_ranges_are_told_at_once():
    outbox = filled(0)
    for seq in range(0, 20, 2):
        outbox.lost.add(BOOT, seq, seq, 1)
    assert len(outbox.untold(4)) == 4
    put(outbox, 4)
    assert len(outbox.untold(99)) == 6


def test_what_flash_holds_is_delivered_by_the_next_boot_before_its_own():
    files = TornFiles()
    outbox = on_flash(files, "0000000100000000")
    for _ in range(30):
        outbox.put(BATCH)
    assert outbox.save()
    again = on_flash(files, "0000000200000000")
    again.put(BATCH)
    assert len(again) == 31
    names = []
    while again.next_unsent():
        entry = again.next_unsent()
        entry.on_wire = True
        names.append((entry.boot[7], entry.seq))
    assert names == [("1", seq) for seq in range(30)] + [("2", 0)]
    again.confirm("0000000100000000", 0, 99)
    again.confirm("0000000200000000", 0, 99)
    assert len(again) == 0 and not [name for name in files.files if "outbox" in name]


def test_flash_is_written_only_for_what_waits_too_long():
    files = TornFiles()
    outbox = on_flash(files, BOOT)
    clock = outbox._clock
    outbox.put(BATCH)
    for after, confirming, written in ((1999, True, 0), (9999, False, 0), (2000, True, 1)):
        clock.ms = after
        outbox.tick(confirming)
        assert len(files.files) == written
    outbox.put(BATCH)
    clock.ms += 10_000
    outbox.tick(False)
    assert len(files.files) == 1  # the same block, longer


def test_where_flash_fails_the_ram_still_holds_what_it_can():
    files = TornFiles()
    files.fails = True
    outbox = on_flash(files, BOOT, room=5)
    for _ in range(8):
        put(outbox)
    assert len(outbox) == 5 and outbox.flash_errors and outbox.lost.batches == 3


def test_a_gateway_with_another_id_tells_what_it_gives_up():
    files = TornFiles()
    outbox = on_flash(files, BOOT)
    outbox.put(BATCH)
    outbox.save()
    again = on_flash(files, "0000002000000000")
    again.give_up_all()
    assert len(again) == 0 and again.untold(9) == [(BOOT, 0, 0, 1)]
    assert on_flash(files, "0000002100000000").untold(9) == [(BOOT, 0, 0, 1)]


def on_flash(files, boot, room=1000):
    lost = Lost(files)
    spool = Spool(files, 100)
    spool.recover(lost)
    return Outbox(boot, room * COST, FakeClock(), spool, lost)
