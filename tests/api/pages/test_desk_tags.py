"""Writing a tag at a desk: for which device, which tag, and what the records say against it."""

import pytest
from msgspec.structs import replace as but

from edge.accounts.roles import Role
from edge.agent.link.ask_gateway import NoReply
from edge.agent.storage.database import FILE_NAME
from edge.agent.tags.tag_book import TagBook
from edge.contracts.commands import NewEpc, ReadTag, WriteEpc
from tests.api.fake_agent import NOW
from tests.api.pages.test_desk import ONE, SCHOOL, an_agent, html, told
from tests.custody.test_custody import inbox

BLANK, TID, OTHER = (
    "E28011700000020000000001",
    "E2801160200000010000ABCD",
    "E280116020000001FFFF0001",
)
PREFIXED = but(SCHOOL, epc_prefixes=("3414257BF4",))


def a_desk(folder, *answers):
    """An agent whose gateway answers so, to one command each."""
    agent = an_agent(folder)
    agent.school = PREFIXED
    agent.tags = TagBook(folder / FILE_NAME, lambda: agent.school, lambda: NOW)
    agent.answers = list(answers)
    return agent


def lies(epc=BLANK, tid=TID):
    return {"ok": True, "tags": 1, "epc": epc, "tid": tid}


def back(epc, tid=TID):
    return {"ok": True, "epc": epc, "tid": tid}


def write(agent, asset_tag="LIN-0014", more="", **how):
    form = f"do=write&asset_tag={asset_tag}{more}".encode()
    return told(agent, form, **{"role": Role.TECH, **how})


def recorded(folder):
    return [(row["epc"], row.get("asset_tag"), row.get("tid")) for row in inbox(folder / FILE_NAME)]


def test_a_blank_tag_gets_the_number_of_its_device_and_is_recorded_once_read_back(tmp_path):
    agent = a_desk(tmp_path, lies(), back(ONE.epc))
    said = write(agent)
    assert "It was written, and checked by reading it back at 07:42" in said
    assert f"TID {TID}" in said and f"EPC before {BLANK}" in said
    args = NewEpc(tid=TID, old_epc=BLANK, new_epc=ONE.epc)
    assert agent.commanded == [("gw-desk", ReadTag()), ("gw-desk", WriteEpc(args=args))]
    assert recorded(tmp_path) == [(ONE.epc, "LIN-0014", TID)]


def test_a_tag_that_has_its_number_already_is_only_recorded(tmp_path):
    agent = a_desk(tmp_path, lies(ONE.epc))
    assert "had its number already" in write(agent)
    assert len(agent.commanded) == 1
    assert recorded(tmp_path) == [(ONE.epc, "LIN-0014", TID)]


def test_a_new_device_is_made_only_when_one_says_that_it_is_new(tmp_path):
    agent = a_desk(tmp_path, lies())
    assert "No device has the asset tag 900017." in write(agent, "900017", status=404)
    made = "3414257BF4000000000DBBB1"
    agent = a_desk(tmp_path, lies(), back(made))
    assert "It was written" in write(agent, "900017", "&new=yes")
    assert recorded(tmp_path) == [(made, "900017", TID)]


def test_another_tag_of_the_device_is_replaced_only_when_one_says_so(tmp_path):
    write(a_desk(tmp_path, lies(), back(ONE.epc)))
    agent = a_desk(tmp_path, lies(tid=OTHER))
    assert "LIN-0014 has another tag." in write(agent, status=409)
    assert len(agent.commanded) == 1
    taken = a_desk(tmp_path, lies(ONE.epc))
    assert "This tag is that of device LIN-0014." in write(taken, "LIN-0022", status=409)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"ok": True, "tags": 0}, "No tag answers"),
        ({"ok": True, "tags": 3}, "3 tags answer: leave one on the reader"),
        ({"ok": False, "error": "no region set"}, "It did not do it: no region set"),
    ],
)
def test_nothing_is_written_without_one_tag(tmp_path, answer, why):
    agent = a_desk(tmp_path, answer)
    assert why in write(agent, status=409)
    assert len(agent.commanded) == 1 and recorded(tmp_path) == []


def test_what_is_not_read_back_as_it_was_written_is_not_recorded(tmp_path):
    agent = a_desk(tmp_path, lies(), back(ONE.epc, OTHER))
    assert "another tag answers with it. Nothing is recorded." in write(agent, status=409)
    assert recorded(tmp_path) == []


def test_a_gateway_that_does_not_answer_is_told_in_words(tmp_path):
    agent = a_desk(tmp_path)
    agent.answer = NoReply("gw-desk did not answer.")
    assert "No answer came in time." in write(agent, status=504)
    assert "Say for which device" in write(agent, "", status=422)


def test_tags_are_written_by_those_who_keep_them(tmp_path):
    agent = a_desk(tmp_path)
    assert 'value="write"' in html(agent, Role.TECH) and 'value="write"' in html(agent, Role.ADMIN)
    assert 'value="write"' not in html(agent, Role.OFFICE)
    write(agent, status=403, role=Role.OFFICE)
    assert agent.commanded == []
