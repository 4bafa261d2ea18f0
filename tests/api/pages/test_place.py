"""A new gateway is placed with one form, and nothing is saved unseen."""

from html import unescape

import pytest

from edge.accounts.roles import Role
from edge.agent.shown.views import AntennaView
from edge.api.app import create_app
from edge.contracts.school_file import parse_school
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_gateway
from tests.api.pages.asking_pages import text_of
from tests.api.pages.test_alerts import FORM, filled_in
from tests.api.who import a_viewer, always
from tests.support.files import ROOT

DEMO = (ROOT / "simulator" / "schools" / "demo.toml").read_text(encoding="utf-8")
PATH = "/gateways/gw-new/place"


@pytest.fixture
def agent():
    made = FakeAgent()
    made.school = parse_school(DEMO)
    made.school_book.text = lambda: DEMO
    heard = [AntennaView(antenna=n, place=None, rounds=1, on_air_ms=1) for n in (1, 4)]
    made.queries.all_gateways = [
        a_gateway("gw-new", known=False, places=[], antennas=heard, readers=["a0"])
    ]
    return made


def answer_of(agent, path=PATH, form=None):
    app = create_app(agent, clock=lambda: NOW, who=always(a_viewer(Role.TECH)))
    if form is None:
        return ask(app, path)
    return ask(app, path, method="POST", content=filled_in(form), headers=FORM)


def proposed(agent, form):
    """The school file with what a form adds, as its page would save it."""
    html = answer_of(agent, form=form).text
    assert "look it over" in html.lower() and 'action="/school"' in html
    return parse_school(unescape(html.partition('wrap="off">\n')[2].partition("</textarea>")[0]))


def test_the_form_knows_what_was_heard(agent):
    html = answer_of(agent).text
    assert 'name="antenna4"' in html and 'name="antenna3"' not in html
    assert 'value="new"' in html and "<option selected>a0</option>" in html
    assert html.count('value="one" selected') == html.count('value="other" selected') == 1
    cart = answer_of(agent, f"{PATH}?as=cart").text
    assert 'name="capacity"' in cart and cart.count(" checked") == 2


def test_a_doorway_a_cart_and_a_desk_are_shown_as_they_would_be_saved(agent):
    form = b"as=doorway&id=new&one=hall-a&other=r101&antenna1=one&antenna4=other&family=a0"
    school = proposed(agent, form)
    assert school.doorways["new"].antennas == {1: "hall-a", 4: "r101"}
    assert school.gateways["gw-new"].readers[0].antennas == [1, 4]
    school = proposed(agent, b"as=cart&id=c9&room=r101&antenna1=yes&capacity=24&name=Cart+nine")
    assert (school.carts["c9"].name, school.carts["c9"].capacity) == ("Cart nine", 24)
    school = proposed(agent, b"as=desk&id=new&room=r101&antenna1=yes")
    assert school.place_of("gw-new", 1).kind == "desk"


@pytest.mark.parametrize(
    ("form", "lacks"),
    [
        (b"as=cart&room=r101&antenna1=yes", "Give it an id"),
        (b"as=cart&id=c1&room=r101&antenna1=yes", "The id “c1” is taken"),
        (b"as=cart&id=c9&antenna1=yes", "Choose the room."),
        (b"as=desk&id=c9&room=r101", "Choose at least one antenna."),
        (b"as=cart&id=c9&room=r101&antenna1=yes&capacity=many", "how many devices"),
        (b"as=doorway&id=d9&one=r101&antenna1=one", "the two rooms"),
        (b"as=ship&id=d9&one=r101&other=hall-a", "at least one antenna faces"),
    ],
)
def test_what_is_missing_is_asked_for_and_what_was_given_stays(agent, form, lacks):
    answer = answer_of(agent, form=form)
    assert answer.status_code == 422 and lacks in answer.text
    if b"room=r101" in form:
        assert '<option value="r101" selected>' in answer.text


def test_what_the_school_file_does_not_allow_is_told_before_it_is_saved(agent):
    answer = answer_of(agent, form=b"as=cart&id=C+9&room=r101&antenna1=yes")
    assert answer.status_code == 200
    assert 'carts.C 9: "C 9" is not an id' in unescape(text_of(answer.text))
