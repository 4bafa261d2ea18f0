"""A tag that was heard becomes a device with one form."""

import msgspec
import pytest

from edge.accounts.roles import Role
from edge.api.app import create_app
from edge.contracts.devices import Device
from edge.contracts.school_file import parse_school
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_device
from tests.api.pages.asking_pages import text_of
from tests.api.pages.test_alerts import FORM, filled_in
from tests.api.who import a_viewer, always
from tests.support.files import ROOT

DEMO = (ROOT / "simulator" / "schools" / "demo.toml").read_text(encoding="utf-8")
NOTHING = {"asset_tag": None, "model": None, "number": None, "home": None, "cart": None}


def new_tag(number):
    unknown = {"recorded": False, "label": f"{number:04X}", **NOTHING}
    return msgspec.structs.replace(a_device(number), **unknown)


@pytest.fixture
def agent():
    made = FakeAgent()
    made.school = parse_school(DEMO)
    made.queries.all_devices = [a_device(14), new_tag(77), new_tag(78)]
    return made


PATH = f"/devices/{new_tag(77).epc}/record"


def answer_of(agent, path=PATH, form=None, role=Role.OFFICE):
    app = create_app(agent, clock=lambda: NOW, who=always(a_viewer(role)))
    if form is None:
        return ask(app, path)
    return ask(app, path, method="POST", content=filled_in(form), headers=FORM)


def test_each_new_tag_has_its_button_for_those_who_may(agent):
    listed = "/devices?new=yes"
    assert f'href="{PATH}"' in answer_of(agent, listed).text
    assert "/record" not in answer_of(agent, listed, role=Role.AUDITOR).text
    everything = answer_of(agent, "/devices").text
    assert "/record" not in everything and "New: tags without a record (2)" in everything
    assert f'href="{PATH}"' in answer_of(agent, f"/devices/{new_tag(77).epc}").text


def test_a_form_makes_a_record_and_leads_to_the_next_tag(agent):
    form = b"number=17&cart=c1&home=&asset_tag=+LIN-0017&serial=&model=Chromebook+3100"
    answer = answer_of(agent, form=form)
    assert "Recorded as 17." in answer.text
    assert agent.recorded == [
        Device(
            epc=new_tag(77).epc,
            number="17",
            cart="c1",
            asset_tag="LIN-0017",
            model="Chromebook 3100",
        )
    ]
    assert (
        f"{new_tag(78).epc}/record?model=Chromebook+3100&amp;cart=c1&amp;number=18" in answer.text
    )
    following = answer_of(agent, f"{PATH}?cart=c1&number=18").text
    assert 'value="18"' in following and '<option value="c1" selected>' in following


def test_a_record_that_is_there_is_changed_whole(agent):
    path = f"/devices/{a_device(14).epc}/record"
    shown = answer_of(agent, f"{path}?number=99").text
    assert 'value="LIN-0014"' in shown and 'value="99"' not in shown
    assert answer_of(agent, path, form=b"number=14&asset_tag=LIN-0014").status_code == 200
    assert agent.recorded == [Device(epc=a_device(14).epc, number="14", asset_tag="LIN-0014")]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (b"cart=c99", "There is no cart “c99”"),
        (b"home=r99", "There is no room “r99”"),
        (b"asset_tag=LIN-0014", "Device 14 (3414257BF40000000000000E) has the asset tag LIN-0014"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_recorded(agent, form, said):
    answer = answer_of(agent, form=form)
    assert answer.status_code == 422 and said in text_of(answer.text)
    assert agent.recorded == []


def test_a_tag_nobody_heard_has_no_form(agent):
    assert answer_of(agent, "/devices/3414257BF4000000000000FF/record").status_code == 404
    assert answer_of(agent, "/devices/odd/record", form=b"number=1").status_code == 404
