"""An admin keeps the accounts in the page; everybody changes the own password there."""

import re
from pathlib import Path

import pytest

from edge.accounts.roles import Role
from edge.contracts.school import Room
from tests.api.pages.asking_pages import text_of
from tests.api.visiting import GOOD, HERE, HTTPS, Browser, Visit, visit

OTHER = "another horse battery"


async def as_admin(school: Visit) -> Browser:
    await school.account("head", Role.ADMIN)
    browser = school.browser()
    await browser.sign_in("head")
    return browser


def link_in(html: str) -> str:
    return re.search(r"https?://\S+?(/welcome\?key=[\w-]+)", html)[1]


def with_rooms(school: Visit) -> None:
    rooms = {id_: Room(id=id_, name=id_.upper(), kind="classroom") for id_ in ("r101", "r102")}
    school.agent.school.rooms.update(rooms)


def test_a_new_account_gets_a_link_and_its_owner_the_role_and_rooms(tmp_path: Path):
    async def act(school: Visit):
        with_rooms(school)
        admin = await as_admin(school)
        fields = {"name": "T.Room101", "role": "teacher", "room": "r101"}
        made = await admin.fill_in("/accounts", fields)
        assert made.status_code == 201 and "works once" in made.text
        assert f"{HTTPS}/welcome?key=" in made.text
        link = link_in(made.text)
        assert link not in (await admin.get("/accounts")).text
        owner = school.browser()
        chosen = await owner.fill_in(link, {"password": GOOD, "again": GOOD}, to="/welcome")
        assert chosen.status_code == 303
        shown = text_of((await owner.get("/account")).text)
        assert "t.room101" in shown and "Teacher" in shown and "r101" in shown
        listed = text_of((await admin.get("/accounts")).text)
        assert "t.room101 Teacher r101 May come in" in listed

    visit(tmp_path, act)


def test_another_role_holds_at_once_and_rooms_are_a_teachers(tmp_path: Path):
    async def act(school: Visit):
        with_rooms(school)
        admin = await as_admin(school)
        await school.account("desk", Role.TEACHER, "r101")
        desk = school.browser()
        await desk.sign_in("desk")
        assert (await desk.get("/devices")).status_code == 403
        fields = {"do": "role", "role": "office", "room": "r102"}
        changed = await admin.fill_in("/accounts/desk", fields)
        assert changed.status_code == 200 and "desk has this role now." in changed.text
        assert (await desk.get("/devices")).status_code == 200
        found = await school.accounts.find("desk")
        assert (found.role, found.rooms) == (Role.OFFICE, frozenset())

    visit(tmp_path, act)


def test_a_locked_account_is_out_at_once_until_it_is_unlocked(tmp_path: Path):
    async def act(school: Visit):
        admin = await as_admin(school)
        await school.account("desk")
        desk = school.browser()
        await desk.sign_in("desk")
        assert "on 1 browser" in (await admin.get("/accounts/desk")).text
        await admin.fill_in("/accounts/desk", {"do": "lock"})
        assert (await desk.get("/api/v1/devices")).status_code == 401
        assert (await desk.sign_in("desk")).status_code == 403
        await admin.fill_in("/accounts/desk", {"do": "unlock"})
        assert (await desk.sign_in("desk")).status_code == 303
        await admin.fill_in("/accounts/desk", {"do": "end"})
        assert (await desk.get("/api/v1/devices")).status_code == 401

    visit(tmp_path, act)


def test_the_last_admin_cannot_be_locked_nor_become_something_else(tmp_path: Path):
    async def act(school: Visit):
        admin = await as_admin(school)
        for fields in ({"do": "lock"}, {"do": "role", "role": "office"}):
            refused = await admin.fill_in("/accounts/head", fields)
            assert refused.status_code == 409
            assert "head is the last admin that may come in" in refused.text
        await school.account("deputy", Role.ADMIN)
        done = await admin.fill_in("/accounts/head", {"do": "role", "role": "office"})
        assert done.status_code == 200
        assert (await admin.get("/accounts")).status_code == 403

    visit(tmp_path, act)


def test_a_token_is_shown_once_and_can_be_voided(tmp_path: Path):
    async def act(school: Visit):
        admin = await as_admin(school)
        await school.account("program", Role.TECH)
        none = await admin.fill_in("/accounts/program", {"do": "token", "days": "30"})
        assert none.status_code == 409 and "Tick at least one scope" in none.text
        fields = {"do": "token", "days": "30", "scope": "devices:read"}
        made = await admin.fill_in("/accounts/program", fields)
        secret = re.search(r"rollcall_[\w-]+", made.text)[0]
        bearer = {"authorization": f"Bearer {secret}"}
        program = school.browser()
        assert (await program.get("/api/v1/devices", headers=bearer)).status_code == 200
        page = (await admin.get("/accounts/program")).text
        assert secret not in page and "devices:read" in page
        token = re.search(r"<code>([0-9a-f]{8})</code>", page)[1]
        await admin.fill_in("/accounts/program", {"do": "revoke", "token": token})
        assert (await program.get("/api/v1/devices", headers=bearer)).status_code == 401

    visit(tmp_path, act)


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"name": "head", "role": "office"}, 409, "There is an account head already."),
        ({"name": "a/b", "role": "office"}, 409, "A name has 1 to 64 letters"),
        ({"name": "x", "role": "board"}, 422, "role"),
    ],
)
def test_what_cannot_be_added_is_said(tmp_path: Path, fields, status, says):
    async def act(school: Visit):
        admin = await as_admin(school)
        answer = await admin.fill_in("/accounts", fields)
        assert answer.status_code == status and says in answer.text
        assert [account.name for account in await school.accounts.all()] == ["head"]

    visit(tmp_path, act)


def test_a_form_from_elsewhere_changes_no_account(tmp_path: Path):
    async def act(school: Visit):
        admin = await as_admin(school)
        sent = await admin.http.post("/accounts", data={"name": "evil", "role": "admin"})
        assert sent.status_code == 403
        assert await school.accounts.find("evil") is None

    visit(tmp_path, act)


def test_the_own_password_is_changed_by_who_knows_it_and_other_browsers_are_out(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        here, there = school.browser(), school.browser()
        for browser in (here, there):
            await browser.sign_in("desk")
        new = {"password": OTHER, "again": OTHER}
        wrong = await here.fill_in("/account", {"present": "not this one", **new})
        assert wrong.status_code == 403 and "not your present password" in wrong.text
        differ = await here.fill_in("/account", {"present": GOOD, **new, "again": GOOD})
        assert differ.status_code == 422
        weak = await here.fill_in("/account", {"present": GOOD, "password": "x", "again": "x"})
        assert weak.status_code == 422
        done = await here.fill_in("/account", {"present": GOOD, **new})
        assert done.status_code == 303
        assert "Your password is changed." in (await here.get(done.headers["location"])).text
        assert (await there.get("/api/v1/devices")).status_code == 401
        assert (await there.sign_in("desk")).status_code == 403
        assert (await there.sign_in("desk", OTHER)).status_code == 303

    visit(tmp_path, act)


def test_guessing_the_present_password_ends_too(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        browser = school.browser()
        await browser.sign_in("desk")
        for _ in range(5):
            await browser.fill_in("/account", {"present": "wrong", "password": "", "again": ""})
        locked = await browser.fill_in("/account", {"present": GOOD, "password": "", "again": ""})
        assert locked.status_code == 429 and "Too many wrong tries" in locked.text

    visit(tmp_path, act)


def test_until_somebody_has_a_password_this_machine_makes_the_first_accounts(tmp_path: Path):
    async def act(school: Visit):
        owner = school.browser(HERE)
        made = await owner.fill_in("/accounts", {"name": "head", "role": "admin"})
        assert made.status_code == 201
        assert (await owner.get("/account")).status_code == 404
        assert "Accounts" in (await owner.get("/")).text

    visit(tmp_path, act)
