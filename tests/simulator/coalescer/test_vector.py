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
