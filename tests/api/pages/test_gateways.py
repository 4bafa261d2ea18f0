"""The gateways' page: which reader is sick?"""

from tests.api.fake_agent import FakeAgent, a_gateway
from tests.api.pages.asking_pages import said_by


def test_gateways_are_listed_with_what_is_wrong():
    agent = FakeAgent()
    agent.queries.all_gateways = [
        a_gateway("gw-c3", lost=2),
        a_gateway("gw-x", known=False, state="never heard", last_batch=None, readers=[]),
    ]
    text = said_by(agent, "/gateways")
    assert "gw-c3 online" in text
    assert "gw-x never heard, new" in text
    assert text.index("gw-x") < text.index("gw-c3"), "what is new stands first"


def test_what_a_gateway_says_of_itself_is_there_with_why_it_started():
    agent = FakeAgent()
    agent.queries.all_gateways = [
        a_gateway(
            clock_odd="41 s late",
            config_current=False,
            reset="heap: 5120 bytes free",
            last_log="warning: reader 1 does not answer",
        )
    ]
    text = said_by(agent, "/gateways")
    assert "online, its clock is wrong, not with the settings of the school file" in text
    assert "heap: 5120 bytes free" in text
    assert "warning: reader 1 does not answer" in text


def test_one_sentence_says_how_many_need_a_look_and_those_stand_first():
    agent = FakeAgent()
    agent.queries.all_gateways = [a_gateway("gw-a"), a_gateway("gw-b")]
    assert "All are online, and nothing is odd about them." in said_by(agent, "/gateways")
    agent.queries.all_gateways.append(a_gateway("gw-c", state="offline"))
    text = said_by(agent, "/gateways")
    assert "1 of 3 needs a look; it stands first." in text
    assert text.index("gw-c") < text.index("gw-a") < text.index("gw-b")
