"""One commit's names become acks that name exactly them."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from edge.agent.intake.confirm import confirmations
from edge.agent.intake.decode import Name
from edge.contracts.wire import MAX_PAYLOAD_BYTES
from tests.agent.schools import BOOT, NEXT_BOOT

NAMES = st.lists(
    st.builds(
        Name,
        st.sampled_from(["gw-d1", "gw-c1"]),
        st.sampled_from([BOOT, NEXT_BOOT]),
        st.integers(0, 400),
    ),
    max_size=300,
)


@given(NAMES)
def test_acks_name_what_was_taken_over_and_nothing_else(names: list[Name]) -> None:
    said = {
        Name(gateway, got.boot, seq)
        for gateway, ack in confirmations(names, "id", 7)
        for got in ack.got
        for seq in range(got.first, got.last + 1)
    }
    assert said == set(names)


def test_a_run_of_batches_is_one_range_of_one_ack() -> None:
    ((gateway, ack),) = confirmations([Name("gw-d1", BOOT, n) for n in (41, 38, 40, 39)], "id", 7)
    assert gateway == "gw-d1"
    assert (ack.agent, ack.now) == ("id", 7)
    assert [(got.boot, got.first, got.last) for got in ack.got] == [(BOOT, 38, 41)]


def test_a_commit_full_of_gaps_still_fits_the_payloads() -> None:
    acks = confirmations([Name("gw-d1", BOOT, 10**14 + 2 * n) for n in range(512)], "x" * 32, 7)
    assert all(len(msgspec.json.encode(ack)) <= MAX_PAYLOAD_BYTES for _, ack in acks)
    assert sum(len(ack.got) for _, ack in acks) == 512
