"""Every error has the one shape of RFC 9457, and says nothing of our insides."""

import pytest

from edge.api.app import create_app
from tests.api.asking import ask
from tests.api.fake_agent import FakeAgent


@pytest.fixture
def agent():
    return FakeAgent()


@pytest.fixture
def app(agent):
    return create_app(agent)


def test_an_address_with_nothing_there(app):
    answer = ask(app, "/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": "/api/v1/nothing",
    }


def test_a_thing_that_is_not_there_is_named(app):
    assert ask(app, "/api/v1/carts/c9").json()["detail"] == (
        'There is no cart "c9" in the school file.'
    )


def test_a_method_that_is_not_taken(app):
    answer = ask(app, "/api/v1/carts", method="DELETE")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["title"] == "Method Not Allowed"


def test_a_bug_is_a_problem_too_without_our_insides(agent, app):
    agent.queries.broken = True
    answer = ask(app, "/api/v1/carts")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "ledger" not in answer.text
    assert answer.headers["content-security-policy"]


def test_a_browser_gets_the_same_words_as_a_page(app):
    answer = ask(app, "/nothing", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address." in answer.text


def test_the_description_describes_errors_as_problems(app):
    document = ask(app, "/openapi.json").json()
    assert {"/api/v1/carts", "/health/live", "/metrics"} <= document["paths"].keys()
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert {"status", "title", "detail"} <= schemas["Problem"]["properties"].keys()
    refused = document["paths"]["/api/v1/devices"]["get"]["responses"]["422"]["content"]
    assert list(refused) == ["application/problem+json"]


def test_every_answer_forbids_what_is_inline_or_from_elsewhere(app):
    for path in ("/", "/api/v1/carts", "/static/carts.js", "/nothing"):
        policy = ask(app, path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy


def test_counts_are_not_cached_and_scripts_are_asked_about(app):
    assert ask(app, "/").headers["cache-control"] == "no-store"
    assert ask(app, "/static/carts.js").headers["cache-control"] == "no-cache"
