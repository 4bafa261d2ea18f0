"""The fake agent is asked as the real one is."""

import inspect

import pytest

from edge.agent.service import Agent
from edge.agent.shown.queries import LedgerQueries
from edge.agent.shown.views import Queries
from edge.api import ports
from tests.api.fake_agent import FakeAgent, FakeQueries

QUESTIONS = [name for name in vars(Queries) if not name.startswith("_")]


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_is_asked_alike_of_the_fake_and_of_the_ledger(name):
    wanted = inspect.signature(getattr(Queries, name))
    assert inspect.signature(getattr(LedgerQueries, name)) == wanted
    assert inspect.signature(getattr(FakeQueries, name)) == wanted


def test_the_fake_has_all_that_the_api_needs_of_an_agent():
    needed = {name for name in vars(ports.Agent) if not name.startswith("_")}
    fake = FakeAgent()
    assert {"queries", "live", "school", "custody"} <= needed
    assert [name for name in needed if not hasattr(fake, name)] == []
    made_for_each = {"live", "custody", "school_book", "listening", "tags", "notices"}
    assert needed - made_for_each <= set(vars(Agent))
