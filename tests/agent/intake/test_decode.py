"""A message on `reads` becomes a named batch or a reason, whatever its bytes are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.agent.intake.decode import Decoded, Refused, decode
from edge.contracts.topics import Topics
from tests.agent.schools import BOOT, NEXT_BOOT, SITE, payload, read
from tests.support.files import ROOT

TOPICS = Topics(SITE)
TOPIC = TOPICS.reads("gw-d1", BOOT, 41)
VECTORS = ROOT / "tests" / "vectors" / "batches.json"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def taken(**changes: object) -> Decoded | Refused:
    return decode(TOPICS, TOPIC, json.dumps(payload(**changes)).encode())  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_batch_or_refused_with_a_reason(data: bytes) -> None:
    result = decode(TOPICS, TOPIC, data)
    assert isinstance(result, Decoded) or result.reason
    assert result.name is not None
    assert result.name.seq == 41


@given(st.sampled_from(sorted(payload())), JSON)
def test_any_value_in_any_field_is_taken_or_refused_with_a_reason(
    field: str, value: object
) -> None:
    result = decode(TOPICS, TOPIC, json.dumps(payload() | {field: value}).encode())
    assert isinstance(result, Decoded) or result.reason


@given(st.text(max_size=60))
def test_any_topic_is_named_or_refused(topic: str) -> None:
    result = decode(TOPICS, topic, b"{}")
    assert isinstance(result, Refused)
    assert result.reason


def test_every_shared_vector_is_taken_whole() -> None:
    for vector in json.loads(VECTORS.read_text()):
        topic = TOPICS.reads("gw-d1", vector["boot"], vector["seq"])
        result = decode(TOPICS, topic, vector["payload"].encode())
        assert isinstance(result, Decoded), vector["name"]
        assert len(result.batch.reads) == len(vector["reads"])
        assert [list(vars_of(told)) for told in result.lost] == vector["lost"]
        assert not result.flaws


def vars_of(told: object) -> tuple[object, ...]:
    return tuple(getattr(told, name) for name in ("boot", "first", "last", "reads"))


def test_a_bad_read_is_a_flaw_and_the_good_ones_stay() -> None:
    result = taken(reads=[read(1), ["nonsense"], read(2)])
    assert isinstance(result, Decoded)
    assert len(result.batch.reads) == 2
    assert [flaw.part for flaw in result.flaws] == ["read"]
    assert result.flaws[0].raw == b'["nonsense"]'


def test_a_base_above_its_own_seq_is_a_flaw_and_the_batch_stays() -> None:
    result = taken(base=42)
    assert isinstance(result, Decoded)
    assert result.base is None
    assert [flaw.part for flaw in result.flaws] == ["base"]


@pytest.mark.parametrize("told", [[BOOT, 9, 3, 1], [BOOT, 40, 41, 1]])
def test_a_lost_range_that_cannot_be_is_a_flaw(told: list[object]) -> None:
    result = taken(lost=[told, [NEXT_BOOT, 3, 900, 7]])
    assert isinstance(result, Decoded)
    assert [(flaw.part, json.loads(flaw.raw)) for flaw in result.flaws] == [("lost", told)]
    assert [r.last for r in result.lost] == [900]


def test_unknown_fields_are_ignored() -> None:
    assert isinstance(taken(colour="blue"), Decoded)


def test_another_version_is_refused() -> None:
    result = taken(v=2)
    assert isinstance(result, Refused)
    assert "version 2" in result.reason
