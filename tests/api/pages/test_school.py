"""The school file's page, over a real agent: what is saved there is in force, and can be undone."""

import sqlite3
from contextlib import asynccontextmanager, closing
from html import unescape

import pytest

from edge.accounts.roles import Role
from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME
from edge.api.app import create_app
from edge.api.words.school import changes
from tests.agent.running import running
from tests.agent.schools import TEXT, settings
from tests.api.fake_agent import FakeAgent
from tests.api.pages.asking_pages import html_of, text_of
from tests.api.visiting import HERE, Browser, hidden_fields
from tests.api.who import a_viewer, always
from tests.support.waiting import eventually

LIBRARY = '\n[rooms.library] # by the yard\nkind = "library"\nname = "The library"\n'


class Page:
    """The page of a running agent, as somebody with a role sees it."""

    def __init__(self, agent: Agent, role: Role) -> None:
        self.agent = agent
        self.path = agent.school_book.path
        app = create_app(agent, who=always(a_viewer(role)))
        self.browser = Browser(app, HERE, "127.0.0.1")

    async def said(self, path: str = "/school") -> str:
        return unescape(text_of((await self.browser.get(path)).text))

    async def send(self, text: str, do: str = "save", status: int = 200) -> str:
        answer = await self.browser.fill_in("/school", {"text": text, "do": do})
        assert answer.status_code == status, answer.text
        return unescape(text_of(answer.text))

    async def versions(self, wanted: int) -> list[int]:
        """Wait until the journal has so many versions; return their positions, newest first."""

        async def there() -> bool:
            return (await self.agent.school_book.versions(0, 50)).total == wanted

        await eventually(there, 10, f"{wanted} versions")
        return [one.pos for one in (await self.agent.school_book.versions(0, 50)).items]


@asynccontextmanager
async def page_over(folder, role=Role.TECH):
    agent = Agent(settings(folder))
    async with running(agent, connected=False):
        yield Page(agent, role)


@pytest.mark.anyio
async def test_what_is_saved_is_in_force_and_in_the_history(tmp_path):
    async with page_over(tmp_path) as page:
        assert "2 rooms, 1 doorway, 1 cart, 0 desks, 2 gateways" in await page.said()
        assert "Nothing is wrong with it." in await page.send(TEXT + LIBRARY, do="check")
        assert page.path.read_text() == TEXT and "library" not in page.agent.school.rooms

        said = await page.send((TEXT + LIBRARY).replace("\n", "\r\n"))
        assert "Saved. It is in force from now on." in said and "3 rooms" in said
        assert page.path.read_text() == TEXT + LIBRARY  # its comment too, and no other line ends
        assert page.agent.school.rooms["library"].name == "The library"
        assert (tmp_path / "school.toml.before").read_text() == TEXT

        newest, first = await page.versions(2)
        history = await page.said()
        assert history.count("someone") == 2 and "changed in the file itself" in history
        changed = await page.said(f"/school/versions/{newest}")
        assert "+ added: [rooms.library]" in changed and "This version is in force" in changed

        back = await page.browser.fill_in(f"/school/versions/{first}", {})
        assert "Saved. It is in force" in back.text
        assert page.path.read_text() == TEXT and "library" not in page.agent.school.rooms
        await page.versions(3)


@pytest.mark.anyio
async def test_a_wrong_text_changes_nothing_and_all_of_it_is_told_with_its_lines(tmp_path):
    async with page_over(tmp_path) as page:
        wrong = TEXT.replace('home = "r1"', 'home = "r9"') + '[rooms.Attic]\nkind = "loft"\n'
        said = await page.send(wrong, status=422)
        assert "3 things are wrong. Nothing was changed" in said
        assert f'Line {_line(wrong, "r9")} carts.c1.home: no room "r9" in [rooms]' in said
        assert f"Line {_line(wrong, 'Attic')} rooms.Attic:" in said
        assert "r9" in said  # the text is still there
        said = await page.send(TEXT.replace('"test"', '"other"'), do="check")
        assert f"Line {_line(TEXT, 'site')} site: cannot change while the agent runs" in said
        said = await page.send(TEXT + "[rooms.r7\n", do="check")
        assert f"Line {_line(TEXT, 'session') + 1} not TOML" in said
        assert page.path.read_text() == TEXT
        assert len(await page.versions(1)) == 1


@pytest.mark.anyio
async def test_what_somebody_else_changed_meanwhile_is_not_lost(tmp_path):
    async with page_over(tmp_path) as page:
        form = (await page.browser.get("/school")).text
        page.path.write_text(TEXT + "# by hand\n")
        answer = await page.browser.fill_in(
            "/school", {"text": TEXT, "shown": _shown(form), "do": "save"}
        )
        assert answer.status_code == 409 and "- taken out: # by hand" in text_of(answer.text)
        assert page.path.read_text() == TEXT + "# by hand\n"


@pytest.mark.anyio
async def test_a_file_changed_by_hand_is_put_in_force_by_saving_it(tmp_path):
    async with page_over(tmp_path) as page:
        page.path.write_text(TEXT + LIBRARY)
        assert "is not in force yet" in await page.said()
        assert "Saved." in await page.send(TEXT + LIBRARY)
        assert "library" in page.agent.school.rooms
        assert "The file reads like this already." in await page.send(TEXT + LIBRARY)
        await page.versions(2)
        assert (await page.said()).count("someone") == 1  # who is signed in


@pytest.mark.anyio
async def test_where_the_file_cannot_be_replaced_it_says_what_to_do(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("edge.agent.school.school_book.write_whole", refuse)
    monkeypatch.setattr("edge.agent.school.school_book.os.access", lambda *_: False)
    async with page_over(tmp_path) as page:
        assert "Nothing can be saved from here" in await page.said()
        said = await page.send(TEXT + LIBRARY, status=503)
        assert "cannot be replaced (Read-only file system)" in said and "data folder" in said
        assert "library" in said and "library" not in page.agent.school.rooms
        with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as database:
            assert database.execute("SELECT * FROM school_saved").fetchall() == []


@pytest.mark.anyio
async def test_others_see_it_and_change_nothing(tmp_path):
    async with page_over(tmp_path, Role.AUDITOR) as page:
        html = (await page.browser.get("/school")).text
        assert "[rooms.hall]" in html and "<textarea" not in html
        answer = await page.browser.http.post("/school", data={"text": "", "do": "save"})
        assert answer.status_code == 403


def test_a_version_that_never_was_has_no_page():
    answer = html_of(FakeAgent(), "/school/versions/9", status=404)
    assert "There is no such version" in answer


def test_a_comparison_shows_what_stays_around_changes_alone():
    before = "\n".join(str(number) for number in range(30))
    after = before.replace("\n20\n", "\ntwenty\n").replace("\n3\n", "\n")
    marks = "".join(change.mark for change in changes(before, after))
    assert marks == "  -  …  -+  "
    assert changes(before, before) == []


def _shown(html):
    return html.partition('name="shown" value="')[2][:64]


def _line(text, what):
    return text.partition(what)[0].count("\n") + 1


@pytest.mark.anyio
async def test_a_list_of_rooms_is_shown_before_it_is_saved(tmp_path):
    async with page_over(tmp_path) as page:

        async def sent(content, status=200):
            form = hidden_fields((await page.browser.get("/school")).text)
            files = {"list": ("rooms.csv", content)}
            answer = await page.browser.http.post("/school/rooms", data=form, files=files)
            assert answer.status_code == status, answer.text
            return answer.text

        html = await sent(b"name,kind\r\nThe gym,gym\r\nRoom 1,\r\nOdd,attic\r\n")
        said = unescape(text_of(html))
        assert "2 new rooms. Look over what is added" in said and "Line 4: kind" in said
        assert "+ added: [rooms.the-gym]" in said and page.path.read_text() == TEXT
        text = unescape(html.partition('wrap="off">\n')[2].partition("</textarea>")[0])
        assert "Saved." in await page.send(text)
        assert page.agent.school.rooms["the-gym"].kind == "gym"
        assert "0 new rooms." in await sent(b"name\nThe gym\n")
        assert "Nothing was taken in: not UTF-8 text." in await sent(b"name\n\xff", status=422)
        assert "Choose a file first." in await sent(b"", status=422)
