"""Topics are built and taken apart the same way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contracts.topics import BadTopic, Topic, Topics

LINCOLN = Topics("lincoln")


@given(st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True), st.integers(0, 10**15))
def test_a_batch_topic_names_what_it_was_made_of(gateway: str, seq: int) -> None:
    topic = LINCOLN.reads(gateway, "0000001f9a3c12e4", seq)
    assert LINCOLN.parse(topic) == Topic(gateway, "reads", "0000001f9a3c12e4", seq)


def test_other_channels_carry_no_name_of_a_batch() -> None:
    assert LINCOLN.parse("rollcall/lincoln/gw-1/status") == Topic("gw-1", "status")


@pytest.mark.parametrize(
    "topic",
    [
        "rollcall/other/gw-1/status",
        "rollcall/lincoln/GW/status",
        "rollcall/lincoln/agent/reads/0000001f9a3c12e4/1",
        "rollcall/lincoln/gw-1/mood",
        "rollcall/lincoln/gw-1/status/more",
        "rollcall/lincoln/gw-1/reads/0000001F9A3C12E4/1",
        "rollcall/lincoln/gw-1/reads/0000001f9a3c12e4/01",
        "rollcall/lincoln/gw-1/reads/0000001f9a3c12e4/-1",
        "rollcall/lincoln/gw-1/reads/0000001f9a3c12e4",
        "rollcall/lincoln",
        "",
    ],
)
def test_a_topic_that_names_no_channel_of_the_site_is_refused(topic: str) -> None:
    with pytest.raises(BadTopic):
        LINCOLN.parse(topic)
