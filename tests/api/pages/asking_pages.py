"""Asks for a page and reads it as a person would: without its markup."""

import re

from edge.api.app import create_app
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent


def html_of(agent: FakeAgent, path: str, *, status: int = 200, **how: object) -> str:
    """Return a page's markup."""
    answer = ask(create_app(agent, clock=lambda: NOW), path, **how)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    return answer.text


def text_of(html: str) -> str:
    """Return what a page says."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace(" .", ".")


def said_by(agent: FakeAgent, path: str, **how: object) -> str:
    """Return what a page says."""
    return text_of(html_of(agent, path, **how))  # type: ignore[arg-type]
