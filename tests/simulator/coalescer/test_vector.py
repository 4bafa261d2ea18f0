"""What the simulated coalescer refuses, and what it reports beside the records."""

import numpy as np
import pytest

from simulator.coalescer import RawReads, VectorCoalescer


def reads(at_ms, tags=None):
    at = np.asarray(at_ms)
    zeros = np.zeros(len(at), np.int64)
    return RawReads(zeros, zeros if tags is None else np.asarray(tags), zeros, zeros - 600, at)


def looks(ticks):
    return np.full((ticks, 1, 1), 200)


def test_no_reads_give_no_records():
    coalescer = VectorCoalescer(1, 1, 1)
    assert len(coalescer.step(RawReads.empty(), looks(4), 1_000)) == 0
    assert len(coalescer.flush()) == 0


def test_narrow_integers_are_welcome():
    coalescer = VectorCoalescer(1, 1, 1)
    some = reads([10, 20])
    narrow = RawReads(*(getattr(some, name).astype(np.int16) for name in some.__match_args__))
    records = coalescer.step(narrow, looks(1).astype(np.int16), 250)
    assert records.n.tolist() == [2]
    assert records.sent_ms.tolist() == [250]


@pytest.mark.parametrize(
    ("at_ms", "ticks", "until_ms"),
    [([20, 10], 4, 1_000), ([1_000], 4, 1_000), ([], 4, 900), ([], 3, 1_000), ([], 0, 0)],
)
def test_what_does_not_fit_is_refused(at_ms, ticks, until_ms):
    with pytest.raises(ValueError, match=r"until_ms|looks|reads"):
        VectorCoalescer(1, 1, 1).step(reads(at_ms), looks(ticks), until_ms)


def test_reads_from_before_the_last_step_are_refused():
    coalescer = VectorCoalescer(1, 1, 1)
    coalescer.step(RawReads.empty(), looks(4), 1_000)
    with pytest.raises(ValueError, match="reads"):
        coalescer.step(reads([999]), looks(4), 2_000)


def test_fullest_tells_how_many_tags_one_gateway_held():
    coalescer = VectorCoalescer(1, 1, 9)
    coalescer.step(reads([10, 20, 30], tags=[2, 5, 7]), looks(1), 250)
    assert coalescer.fullest == 3
    coalescer.step(RawReads.empty(), looks(500), 125_250)
    coalescer.step(reads([125_260], tags=[1]), looks(1), 125_500)
    assert coalescer.fullest == 3


def columns(records):
    return {name: getattr(records, name).tolist() for name in records.__dataclass_fields__}


def test_what_a_gateway_forgets_is_as_if_it_had_never_been_heard():
    at = np.arange(20_000, 40_000, 400)
    fresh, rebooted = VectorCoalescer(1, 1, 2), VectorCoalescer(1, 1, 2)
    fresh.step(RawReads.empty(), looks(80), 20_000)
    rebooted.step(reads(np.arange(0, 19_990, 300)), looks(80), 20_000)
    rebooted.forget(0)
    for until_ms in (30_000, 40_000):
        some = reads(at[(at >= until_ms - 10_000) & (at < until_ms)])
        first = columns(fresh.step(some, looks(40), until_ms))
        assert first == columns(rebooted.step(some, looks(40), until_ms))
        assert first["n"] or until_ms > 30_000


def test_one_gateway_forgets_and_another_does_not():
    def two(at_ms):
        both = np.repeat(np.asarray(at_ms), 2)
        gateway = np.arange(len(both)) % 2
        zeros = np.zeros(len(both), np.int64)
        return RawReads(gateway, zeros, zeros, zeros - 600, both)

    air = np.full((80, 2, 1), 200)
    plain, rebooted = VectorCoalescer(2, 1, 1), VectorCoalescer(2, 1, 1)
    for coalescer in (plain, rebooted):
        coalescer.step(two(np.arange(0, 19_990, 300)), air, 20_000)
    rebooted.forget(0)
    for until_ms in (40_000, 60_000):
        some = two(np.arange(until_ms - 20_000, until_ms, 300))
        kept, after = (c.step(some, air, until_ms) for c in (plain, rebooted))
        for name in kept.__dataclass_fields__:
            mine, other = getattr(kept, name), getattr(after, name)
            assert mine[kept.gateway == 1].tolist() == other[after.gateway == 1].tolist()
