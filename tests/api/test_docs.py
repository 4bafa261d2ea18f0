"""The API's page names the routes that are there, and no others."""

import re

from edge.api.app import create_app
from edge.api.words.carts import marks
from tests.api.fake_agent import FakeAgent
from tests.support.files import ROOT


def test_the_page_of_the_api_lists_every_route():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(/[^`]+)` \|", page, re.MULTILINE))
    assert listed == create_app(FakeAgent()).openapi()["paths"].keys()


def test_the_page_of_the_page_explains_every_mark():
    page = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| ([A-Z][a-z ]+) \|", page, re.MULTILINE)) == set(marks().values())
