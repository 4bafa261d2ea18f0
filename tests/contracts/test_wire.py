"""A batch is decoded, told apart read by read, and compared as the protocol says."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contracts.wire import BadPayload, decode_batch, same_content

GOOD: dict[str, Any] = {
    "v": 1,
    "t": 1763900000123,
    "up": 52000,
    "sent": 52310,
    "sync": 12,
    "base": 38,
    "looks": {"1": [14, 980], "2": [13, 910]},
    "reads": [["3414257BF4000000000DBBB1", 1, -57.5, 12, 3, 200, 100]],
}


def payload(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_a_batch_decodes_to_what_was_sent() -> None:
    batch, bad = decode_batch(payload())
    assert bad == []
    assert json.loads(msgspec.json.encode(batch)) == {**GOOD, "lost": []}


def test_unknown_fields_are_ignored_so_that_old_and_new_can_talk() -> None:
    assert decode_batch(payload(mood="fine"))[0] == decode_batch(payload())[0]


def test_a_bad_read_costs_itself_alone() -> None:
    reads = [GOOD["reads"][0], ["zz", 1, -5, 0, 1, 0, 0], GOOD["reads"][0], "what"]
    batch, bad = decode_batch(payload(reads=reads))
    assert len(batch.reads) == 2
    assert [read.index for read in bad] == [1, 3]


@pytest.mark.parametrize("t", [None, 0, -5, 2**50])
def test_an_odd_time_is_no_reason_to_refuse_a_batch(t: int | None) -> None:
    assert decode_batch(payload(t=t))[0].t == t


@pytest.mark.parametrize("odd", [2**60, -(10**30), 10**30, 1763900000123.5, -1e300])
def test_a_time_beyond_all_numbers_is_kept_as_odd_as_numbers_can_be(odd: float) -> None:
    batch, bad = decode_batch(payload(t=odd, sync=odd))
    assert bad == [] and len(batch.reads) == 1
    assert batch.t == max(-(2**53), min(2**53, round(odd)))
    assert batch.sync is not None and 0 <= batch.sync <= 2**53


def test_a_count_that_no_radio_reaches_is_a_bad_read() -> None:
    batch, bad = decode_batch(payload(reads=[["", 1, None, 0, 2**53, 0, 0], *GOOD["reads"]]))
    assert [read.index for read in bad] == [0] and len(batch.reads) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{",
        payload(v=2),
        payload(up=-1),
        payload(looks={"left": [1, 2]}),
        payload(looks=[]),
        payload(reads=None),
        b" " * 7000,
    ],
)
def test_a_payload_that_cannot_be_read_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(BadPayload) as refused:
        decode_batch(data)
    assert str(refused.value)


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_decoder(data: bytes) -> None:
    with contextlib.suppress(BadPayload):
        decode_batch(data)


@given(st.data())
def test_no_damaged_batch_crashes_the_decoder(data: st.DataObject) -> None:
    good = bytearray(payload())
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadPayload):
        decode_batch(bytes(good))


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"base": 39, "sent": 99999}, True),
        ({"sent": None}, True),
        ({"t": None}, True),
        ({"sync": None}, True),
        ({"extra": 1}, True),
        ({"t": 1763900000124}, False),
        ({"sync": 13}, False),
        ({"up": 52001}, False),
        ({"looks": {"1": [14, 980]}}, False),
        ({"reads": []}, False),
        ({"lost": [["0000001f9a3c12e4", 1, 2, 3]]}, False),
    ],
)
def test_one_name_means_one_content(changes: dict[str, Any], same: bool) -> None:
    first, again = decode_batch(payload())[0], decode_batch(payload(**changes))[0]
    assert same_content(first, again) is same
    assert same_content(again, first) is same
