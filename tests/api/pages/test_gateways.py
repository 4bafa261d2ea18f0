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
