"""Signing in and out: over HTTPS or on this machine, with forms that only our pages can send."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.accounts.roles import Role
from edge.accounts.sessions import IDLE_S, LASTS_S
from edge.agent.storage.database import FILE_NAME
from tests.api.visiting import GOOD, HERE, HTTPS, PLAIN, Visit, hidden_fields, visit

SEES_ALL = "/api/v1/devices"


async def wait_until(holds):
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - nobody tells a test that a stream is open
            await asyncio.sleep(0.01)


async def status(browser, path=SEES_ALL):
    return (await browser.get(path)).status_code


def test_from_sign_in_to_sign_out(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        browser = school.browser()
        assert await status(browser) == 401
        answer = await browser.sign_in("Desk")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert await status(browser) == 200
        assert "Signed in as desk" in (await browser.get("/")).text
        left = await browser.fill_in("/", {}, to="/sign-out")
        assert left.status_code == 303
        assert await status(browser) == 401

    visit(tmp_path, act)


def test_who_opens_a_page_that_needs_it_signs_in_and_goes_on_there(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        browser = school.browser()
        sent = (await browser.get("/devices?q=14")).headers["location"]
        assert sent == "/sign-in?next=%2Fdevices%3Fq%3D14"
        answer = await browser.fill_in(sent, {"name": "desk", "password": GOOD})
        assert answer.headers["location"] == "/devices?q=14"

    visit(tmp_path, act)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/\nx: y"]
)
def test_nobody_is_sent_elsewhere_from_here(tmp_path: Path, elsewhere: str):
    async def act(school: Visit):
        await school.account("desk")
        fields = {"name": "desk", "password": GOOD, "next": elsewhere}
        answer = await school.browser().fill_in("/sign-in", fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")

    visit(tmp_path, act)


def test_the_cookie_is_for_this_host_over_https_and_no_script(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        kept = [
            cookie.lower()
            for cookie in (await school.browser().sign_in("desk")).headers.get_list("set-cookie")
        ]
        (session,) = [cookie for cookie in kept if cookie.startswith("__host-session=")]
        assert all(word in session for word in ("; secure", "; httponly", "; samesite=lax"))
        assert "; path=/" in session and "domain" not in session

    visit(tmp_path, act)


def test_nothing_of_a_session_or_password_is_kept_but_hashes(tmp_path: Path):
    secrets: list[str] = []

    async def act(school: Visit):
        await school.account("desk")
        browser = school.browser()
        await browser.sign_in("desk")
        secrets.append(browser.http.cookies["__Host-session"])

    visit(tmp_path, act)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        dump = "\n".join(connection.iterdump())
    assert 'INSERT INTO "sessions"' in dump
    assert secrets[0] not in dump and secrets[0].encode().hex() not in dump.lower()
    assert GOOD not in dump


def test_a_wrong_password_an_unknown_name_and_a_shut_account_are_told_alike(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        await school.account("gone")
        await school.accounts.disable("gone", school.now)
        said = set()
        for name, password in (("desk", "wrong"), ("nobody", GOOD), ("gone", GOOD)):
            answer = await school.browser().sign_in(name, password)
            assert answer.status_code == 403
            said.add(answer.text.split('role="alert">')[1].split("</p>")[0])
        assert len(said) == 1

    visit(tmp_path, act)


@pytest.mark.parametrize("how", ["idle", "long", "clock set back", "disabled", "new password"])
def test_a_session_ends(tmp_path: Path, how: str):
    async def act(school: Visit):
        await school.account("desk")
        browser = school.browser()
        await browser.sign_in("desk")
        if how == "idle":
            school.now += IDLE_S + 1
        elif how == "long":
            for _ in range(int(LASTS_S // (IDLE_S - 1)) + 1):
                assert await status(browser) == 200
                school.now += IDLE_S - 1
        elif how == "clock set back":
            school.now -= 14 * 86_400
        elif how == "disabled":
            await school.accounts.disable("desk", school.now)
        else:
            await school.accounts.set_password("desk", "hash")
            await school.account("other")
        assert await status(browser) == 401

    visit(tmp_path, act)


@pytest.mark.parametrize("path", ["/live/carts", "/api/v1/stream", "/live/changes?of=cart"])
def test_an_open_stream_ends_with_the_session(tmp_path: Path, path: str):
    async def act(school: Visit):
        await school.account("desk")
        browser = school.browser()
        await browser.sign_in("desk")
        stream = asyncio.create_task(browser.get(path))
        await wait_until(lambda: school.app.state.live.streams + school.app.state.changes.streams)
        await school.accounts.disable("desk", school.now)
        assert (await asyncio.wait_for(stream, 20)).status_code == 200

    visit(tmp_path, act)


@pytest.mark.parametrize("what", ["no token", "another browser's", "no cookie", "a huge form"])
def test_a_form_that_no_page_of_ours_sent_does_nothing(tmp_path: Path, what: str):
    async def act(school: Visit):
        await school.account("desk")
        browser, fields = school.browser(), {"name": "desk", "password": GOOD, "next": "/"}
        if what == "no token":
            await browser.get("/sign-in")
        elif what == "another browser's":
            await browser.get("/sign-in")
            fields |= hidden_fields((await school.browser().get("/sign-in")).text)
        elif what == "no cookie":
            fields["form_token"] = ""
        answer = await browser.http.post(
            "/sign-in", data={**fields, "more": "x" * (30_000 if what == "a huge form" else 0)}
        )
        assert answer.status_code == (413 if what == "a huge form" else 403)
        assert await status(browser) == 401

    visit(tmp_path, act)


def test_signing_out_from_elsewhere_does_nothing(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        browser = school.browser()
        await browser.sign_in("desk")
        assert (await browser.http.post("/sign-out", data={})).status_code == 403
        for told in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            answer = await browser.fill_in("/", {}, to="/sign-out", headers=told)
            assert answer.status_code == 403
        assert await status(browser) == 200

    visit(tmp_path, act)


def test_plain_http_sends_to_https_and_takes_no_secret(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        signed_in = school.browser()
        await signed_in.sign_in("desk")
        plain = school.browser(PLAIN)
        sent = await plain.get("/sign-in?next=/map")
        assert sent.status_code == 307
        assert sent.headers["location"] == f"{HTTPS}/sign-in?next=/map"
        plain.http.cookies.set("session", signed_in.http.cookies["__Host-session"])
        plain.http.cookies.set("__Host-session", signed_in.http.cookies["__Host-session"])
        assert await status(plain) == 401
        assert await status(plain, "/") == 200
        token = (await school.browser(PLAIN).get("/welcome")).status_code
        assert token == 403

    visit(tmp_path, act)


def test_this_machine_may_do_all_until_somebody_can_sign_in(tmp_path: Path):
    async def act(school: Visit):
        here = school.browser(HERE)
        assert await status(here) == 200
        await school.account("desk")
        assert await status(here) == 401
        assert (await here.sign_in("desk")).status_code == 303
        assert await status(here) == 200

    visit(tmp_path, act, tls_port=None)


def test_the_board_can_be_switched_off(tmp_path: Path):
    async def act(school: Visit):
        await school.account("wall", Role.TEACHER, "r101")
        browser = school.browser()
        assert await status(browser, "/api/v1/carts") == 401
        assert (await browser.get("/")).headers["location"].startswith("/sign-in")
        assert await status(browser, "/health/live") == 200
        await browser.sign_in("wall")
        assert await status(browser, "/api/v1/carts") == 200

    visit(tmp_path, act, board=False)


def test_a_one_time_link_lets_its_owner_choose_a_password_once(tmp_path: Path):
    async def act(school: Visit):
        await school.accounts.add("admin", Role.ADMIN, [], None, school.now)
        key = await school.door.invitations.make("admin", school.now)
        link = f"/welcome?key={key}"
        browser = school.browser()
        for first, again, status_ in (("short", "short", 422), (GOOD, GOOD + "x", 422)):
            answer = await browser.fill_in(link, {"password": first, "again": again})
            assert answer.status_code == status_
        answer = await browser.fill_in(link, {"password": GOOD, "again": GOOD})
        assert answer.status_code == 303
        assert await status(browser) == 200
        assert (await school.browser().get(link)).status_code == 404
        assert (await school.browser().sign_in("admin")).status_code == 303

    visit(tmp_path, act)


@pytest.mark.parametrize("how", ["too old", "made anew", "made up"])
def test_a_link_that_is_not_good_says_so(tmp_path: Path, how: str):
    async def act(school: Visit):
        await school.accounts.add("admin", Role.ADMIN, [], None, school.now)
        key = await school.door.invitations.make("admin", school.now)
        if how == "too old":
            school.now += 24 * 3600 + 1
        elif how == "made anew":
            await school.door.invitations.make("admin", school.now)
        else:
            key = key[::-1]
        answer = await school.browser().get(f"/welcome?key={key}")
        assert answer.status_code == 404 and "too old" in answer.text

    visit(tmp_path, act)


def test_guessing_is_slowed_down_and_ends_in_waiting(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        await school.account("tech", Role.TECH)
        browser = school.browser()
        for _ in range(5):
            assert (await browser.sign_in("desk", "wrong")).status_code == 403
        locked = await browser.sign_in("desk")
        assert locked.status_code == 429 and locked.headers["retry-after"] == "31"
        assert (await school.browser(client="192.0.2.77").sign_in("desk")).status_code == 429
        assert (await browser.sign_in("tech")).status_code == 303
        school.ticks += 31
        assert (await school.browser().sign_in("desk")).status_code == 303

    visit(tmp_path, act)


def test_signing_in_speaks_spanish_and_needs_no_script(tmp_path: Path):
    async def act(school: Visit):
        page = (await school.browser().get("/sign-in?lang=es")).text
        assert "Contraseña" in page and "<script" not in page and "http-equiv" not in page

    visit(tmp_path, act)


def test_a_restart_does_not_end_a_wait(tmp_path: Path):
    async def guess(school: Visit):
        await school.account("desk")
        browser = school.browser()
        for _ in range(5):
            assert (await browser.sign_in("desk", "wrong")).status_code == 403
        assert (await browser.sign_in("desk")).status_code == 429

    async def restarted(school: Visit):
        school.now += 20
        school.ticks = 3.0  # seconds that never jump begin anew
        browser = school.browser()
        assert (await browser.sign_in("desk")).status_code == 429
        school.ticks += 11
        school.now += 11
        assert (await browser.sign_in("desk")).status_code == 303

    async def again(school: Visit):
        assert (await school.browser().sign_in("desk", "wrong")).status_code == 403
        assert (await school.browser().sign_in("desk")).status_code == 303

    for act in (guess, restarted, again):
        visit(tmp_path, act)


def test_a_wrong_try_or_two_are_not_written(tmp_path: Path):
    async def act(school: Visit):
        await school.account("desk")
        for _ in range(2):
            await school.browser().sign_in("desk", "wrong")
        async with school.accounts.connection.execute("SELECT * FROM locked_out") as cursor:
            assert list(await cursor.fetchall()) == []

    visit(tmp_path, act)
