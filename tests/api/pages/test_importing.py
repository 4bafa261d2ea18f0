"""A list of devices is shown with what it would change before it is taken in."""

import pytest

from edge.accounts.roles import Role
from edge.agent.service import Agent
from edge.api.app import create_app
from edge.api.pending import AT_MOST, KEPT_S, PendingLists
from edge.contracts.devices import Device
from tests.agent.running import running
from tests.agent.schools import epc, settings
from tests.api.pages.asking_pages import text_of
from tests.api.visiting import HERE, Browser, hidden_fields
from tests.api.who import a_viewer, always
from tests.support.waiting import eventually

LIST = f"epc,asset_tag,cart,number,colour\n{epc(1)},A1,c1,1,red\n{epc(2)},A2,c9,2,\nxyz,A3,,,\n"


async def shown(browser, content, status=200):
    """Upload a file and return the page that comes of it."""
    form = hidden_fields((await browser.get("/devices/import")).text)
    files = {"list": ("devices.csv", content)} if content is not None else {}
    answer = await browser.http.post("/devices/import", data=form, files=files)
    assert answer.status_code == status, answer.text
    return answer.text


async def take(browser, page, status=200):
    answer = await browser.http.post("/devices/import/take", data=hidden_fields(page))
    assert answer.status_code == status
    return text_of(answer.text)


@pytest.mark.anyio
async def test_a_list_is_shown_then_taken_in_once(tmp_path):
    agent = Agent(settings(tmp_path))
    async with running(agent, connected=False):
        browser = Browser(create_app(agent, who=always(a_viewer(Role.OFFICE))), HERE, "127.0.0.1")
        page = await shown(browser, b"\xef\xbb\xbf" + LIST.replace("\n", "\r\n").encode())
        said = text_of(page)
        assert "2 new devices 0 devices change 0 are there already 1 line is wrong" in said
        assert "There is no cart “c9” in the school file (1 device)." in said
        assert "columns ignored: colour" in said and "Line 4: epc" in said
        assert await agent.queries.records() == {}

        assert "2 records were taken in." in await take(browser, page)

        async def there() -> bool:
            return len(await agent.queries.records()) == 2

        await eventually(there, 10, "the records")
        assert (await agent.queries.records())[epc(1)] == Device(
            epc(1), asset_tag="A1", cart="c1", number="1"
        )
        assert "is not kept any more" in await take(browser, page, status=410)

        page = await shown(browser, f"epc,model\n{epc(1)},311\n".encode())
        said = text_of(page)
        assert "0 new devices 1 device changes" in said
        assert "taken out of the records: asset tag 1, cart 1, number 1." in said
        await take(browser, page)

        async def changed() -> bool:
            return (await agent.queries.records())[epc(1)] == Device(epc(1), model="311")

        await eventually(changed, 10, "the change")
        assert "There is nothing to take in." in await shown(browser, b"epc\nxyz\n")

        assert "Choose a file first." in await shown(browser, None, status=422)
        for odd in (b"name\nx\n", b"epc\n\xff\n", b'epc\n"' + b"x" * 200_000):
            assert "Nothing was taken in:" in await shown(browser, odd, status=422)
        await shown(browser, b"epc\n" + b"3" * 9_000_000, status=413)


def test_a_list_is_kept_a_while_for_its_account_and_a_few_at_a_time():
    now = [1000.0]
    pending = PendingLists(lambda: now[0])
    devices = [Device(epc(1))]
    key = pending.keep("office", devices)
    assert pending.take(key, "another") is None
    assert pending.take(key, "office") == devices
    assert pending.take(key, "office") is None
    old = pending.keep("office", devices)
    now[0] += KEPT_S + 1
    assert pending.take(old, "office") is None
    keys = [pending.keep("office", devices) for _ in range(AT_MOST + 1)]
    assert [pending.take(one, "office") is not None for one in keys] == [False] + [True] * AT_MOST
