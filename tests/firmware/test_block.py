"""Batches go into a block and come out the same; damage costs what it hit, and is told."""

from gateway.block import BLOCK_BYTES, BlockWriter, batches_of
from gateway.lost import Lost
from gateway.packed import pack
from gateway.spool import Spool

from tests.firmware.flash import TornFiles

BOOT = "0000001f9a3c12e4"
EPCS = [bytes.fromhex("3414257BF4") + bytes([0, 0, 0, 0, 0, 0, at]) for at in range(30)]


def batch(seq, reads=10):
    listed = [
        (EPCS[(seq + at) % 30], at % 2, -500, 70_000 * (at % 2), 3, 9, 2) for at in range(reads)
    ]
    return pack(1000 * seq, {1: (9, 90), 2: (8, 80)}, listed, [])


def written(count):
    """(buffer, size, [(seq, before, t, sync, packed)]) of one block."""
    writer, buf, end = BlockWriter(BOOT), bytearray(BLOCK_BYTES), 0
    batches = []
    for seq in range(count):
        t = None if seq == 0 else 1763900000000 + 1000 * seq
        row = (seq, 10 * seq, t, None if t is None else seq, batch(seq))
        at = writer.add(buf, end, *row)
        if not at:
            break
        end = at
        batches.append(row)
        if seq == 0:  # a time that the header's zero is too far from needs a new block
            assert not writer.add(buf, end, 1, 10, 1763900001000, 1, batch(1))
            writer, end, batches = BlockWriter(BOOT), 0, []
    return buf, end, batches


def test_what_is_written_comes_out_the_same():
    buf, size, batches = written(9)
    found = [(s.seq, s.before, s.t, s.sync, s.packed) for s in batches_of(buf, size)]
    assert found == batches and len(found) == 8


def test_only_what_was_asked_for_is_built():
    buf, size, _ = written(9)
    assert [s.packed is None for s in batches_of(buf, size, 6)] == [True] * 6 + [False] * 2


def test_a_full_block_takes_no_more_and_fits_what_flash_erases():
    _, size, batches = written(200)
    assert BLOCK_BYTES - 300 < size <= BLOCK_BYTES and len(batches) > 15


def test_a_flipped_bit_costs_its_record_and_what_needs_its_epcs():
    buf, size, batches = written(12)
    for at in range(40, size, 7):
        buf[at] ^= 0x10
        found = [s for s in batches_of(buf, size) if s is not None]
        assert len(found) >= 1
        for s in found:
            assert (s.seq, s.before, s.t, s.sync, s.packed) in batches
        buf[at] ^= 0x10


def test_wherever_a_block_is_cut_what_stood_before_is_found():
    buf, size, batches = written(12)
    ends = [end for end in range(size + 1) if None not in list(batches_of(buf, end))]
    assert len(ends) == len(batches) + 1  # and the bare header


def spooled(count):
    """Files with one boot's blocks, and how many batches they hold."""
    files = TornFiles()
    spool = Spool(files, 100)
    rows = [(seq, 10 * seq, None, None, batch(seq)) for seq in range(count)]
    while rows:
        _, wrote = spool.append(BOOT, rows)
        rows = rows[wrote:]
    return files


def recovered(files):
    lost = Lost(files)
    spool = Spool(files, 100)
    spool.recover(lost)
    return sum([block.left for block in spool.blocks]), lost.untold(99)


def test_a_damaged_record_is_told_with_its_reads():
    files = spooled(60)
    name = sorted(files.files)[0]
    data = bytearray(files.files[name])
    data[1500] ^= 1
    files.files[name] = bytes(data)
    held, told = recovered(files)
    assert held == 59 and len(told) == 1
    boot, first, last, reads = told[0]
    assert boot == BOOT and first == last and reads == 10


def test_a_lost_block_is_told_and_its_file_goes():
    files = spooled(100)
    names = sorted(files.files)
    files.files[names[1]] = b"?" * 4000
    held, told = recovered(files)
    assert len(told) == 1 and held + told[0][2] - told[0][1] + 1 == 100
    assert told[0][3] == 10 * (100 - held) and names[1] not in files.files
    assert recovered(files) == (held, told)


def test_an_hour_of_a_full_cart_fits_120_kb():
    """30 parked tags on two antennas: 7,200 reads, in batches of 10 as they become due."""
    files = TornFiles()
    spool = Spool(files, 100)
    for seq in range(720):
        reads = [
            (EPCS[(5 * seq + at // 2) % 30], 1 + at % 2, -500, 490 * at, 99, 30_000, 9_000)
            for at in range(10)
        ]
        packed = pack(5000 * seq, {1: (99, 990), 2: (99, 990)}, reads, [])
        spool.append(BOOT, [(seq, 10 * seq, 1763900000000, 9, packed)])
    assert sum([len(data) for data in files.files.values()]) <= 120_000
    assert len(files.files) <= 30
