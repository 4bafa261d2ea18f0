"""What must hold of the firmware's coalescer whatever is read: nothing lost, bounds kept."""

from gateway.coalescer import Coalescer
from gateway.coalescer_settings import CoalescerSettings
from hypothesis import given
from hypothesis import strategies as st

TICK_MS = 250

# (ms since the step before, tag, antenna, RSSI, how many reads follow at what distance)
bursts = st.lists(
    st.tuples(
        st.sampled_from([0, 3, 250, 900, 2_500, 12_000, 31_000, 61_000]),
        st.integers(0, 5),
        st.integers(0, 2),
        st.one_of(st.none(), st.integers(-800, -400)),
        st.integers(1, 40),
        st.sampled_from([1, 20, 110, 260, 1_000]),
        st.booleans(),
    ),
    max_size=8,
)


def run(steps, tags):
    """Records with the time of their sending, the number of reads, and the coalescer."""
    sent = []
    now = 0

    def emit(*record):
        sent.append((now, *record))

    coalescer = Coalescer(emit, CoalescerSettings(tags=tags, tracks=32))
    added = 0
    at = 0
    for wait, tag, antenna, rssi, reads, gap, swings in steps:
        at += wait
        for i in range(reads):
            while now + TICK_MS <= at:
                now += TICK_MS
                coalescer.looked(antenna, 2, 200)
                coalescer.tick(now)
            level = rssi if rssi is None or not swings else rssi + 80 * (i % 20 // 10)
            epc = bytes([0x34, 0x14, 0, tag])
            coalescer.add(epc, 0, 4, antenna, level, at)
            added += 1
            at += gap
    end = now + 40_000
    while now < end:
        now += TICK_MS
        coalescer.tick(now)
    coalescer.flush()
    return sent, added, coalescer


@given(bursts, st.integers(1, 8))
def test_every_read_is_in_exactly_one_record(steps, tags):
    sent, added, _ = run(steps, tags)
    assert sum(record[5] for record in sent) == added


@given(bursts, st.integers(1, 8))
def test_no_record_spans_or_waits_more_than_thirty_seconds(steps, tags):
    for now, _, _, rssi, first_ms, n, span_ms, peak_ms, _ in run(steps, tags)[0]:
        if n:
            assert 0 <= peak_ms <= span_ms <= 30_000
            assert now - first_ms <= 30_000
        else:
            assert rssi is None and peak_ms == 0 and first_ms + span_ms == now


@given(bursts)
def test_no_minute_holds_more_than_sixty_fine_records_of_a_tag_and_antenna(steps):
    sent, _, coalescer = run(steps, 8)
    assert coalescer.evicted == 0
    fine = {}
    for now, epc, antenna, _, _, n, _, _, coarse in sent:
        if n and not coarse:
            fine.setdefault((epc, antenna), []).append(now)
    for times in fine.values():
        for i in range(len(times) - 60):
            assert times[i + 60] - times[i] > 60_000


@given(bursts, st.integers(1, 8))
def test_same_reads_give_the_same_records(steps, tags):
    assert run(steps, tags)[0] == run(steps, tags)[0]
