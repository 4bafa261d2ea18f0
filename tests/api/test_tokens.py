"""Tokens: for programs, within their scopes and their account's role, shown once."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from edge.accounts.roles import Role
from edge.accounts.store import AccountError
from edge.accounts.tokens import ABOUT, DAY_S, SCOPES
from edge.agent.storage.database import FILE_NAME
from edge.api.app import create_app
from tests.api.fake_agent import FakeAgent
from tests.api.visiting import HERE, HTTPS, PLAIN, Visit, visit


async def ask_with(school: Visit, secret: str, path: str, at: str = HTTPS) -> httpx.Response:
    return await school.browser(at).get(path, headers={"authorization": f"Bearer {secret}"})


async def a_token(school: Visit, *scopes: str, role: Role = Role.TECH) -> str:
    await school.account("program", role)
    _, secret = await school.door.tokens.make("program", list(scopes), 30, school.now)
    return secret


def test_a_token_opens_its_scopes_and_no_more(tmp_path: Path):
    async def act(school: Visit):
        secret = await a_token(school, "devices:read")
        assert (await ask_with(school, secret, "/api/v1/devices")).status_code == 200
        refused = await ask_with(school, secret, "/api/v1/gateways")
        assert refused.status_code == 403 and "scopes" in refused.json()["detail"]
        assert (await ask_with(school, secret, "/devices")).status_code == 403
        changed = await school.browser().http.post(
            "/api/v1/alerts/1.0/acknowledge",
            headers={"authorization": f"Bearer {secret}"},
            json={"note": ""},
        )
        assert changed.status_code == 403

    visit(tmp_path, act)


def test_a_scope_gives_nothing_that_the_account_may_not(tmp_path: Path):
    async def act(school: Visit):
        secret = await a_token(school, "devices:read", "carts:read", role=Role.TEACHER)
        assert (await ask_with(school, secret, "/api/v1/devices")).status_code == 403
        assert (await ask_with(school, secret, "/api/v1/carts")).status_code == 200

    visit(tmp_path, act)


@pytest.mark.parametrize("how", ["made up", "too old", "revoked", "disabled", "sent openly"])
def test_a_token_that_is_not_good_is_told_so_even_where_the_board_may_look(
    tmp_path: Path, how: str
):
    async def act(school: Visit):
        secret = await a_token(school, "carts:read")
        if how == "made up":
            secret = secret[:-4] + "aaaa"
        elif how == "too old":
            school.now += 30 * DAY_S + 1
        elif how == "revoked":
            (token,) = await school.door.tokens.all()
            await school.door.tokens.revoke(token.id)
        elif how == "disabled":
            await school.accounts.disable("program", school.now)
        at = PLAIN if how == "sent openly" else HTTPS
        refused = await ask_with(school, secret, "/api/v1/carts", at)
        assert refused.status_code == 401
        assert "invalid_token" in refused.headers["www-authenticate"]

    visit(tmp_path, act)


def test_a_program_on_this_machine_may_use_plain_http(tmp_path: Path):
    async def act(school: Visit):
        secret = await a_token(school, "devices:read")
        assert (await ask_with(school, secret, "/api/v1/devices", HERE)).status_code == 200
        assert (await ask_with(school, secret, "/api/v1/gateways", HERE)).status_code == 403

    visit(tmp_path, act)


def test_what_is_kept_is_a_hash(tmp_path: Path):
    secrets: list[str] = []

    async def act(school: Visit):
        secrets.append(await a_token(school, "devices:read"))

    visit(tmp_path, act)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        dump = "\n".join(connection.iterdump())
    assert secrets[0].startswith("rollcall_") and len(secrets[0]) > 50
    assert secrets[0] not in dump and secrets[0].encode().hex() not in dump.lower()


def test_scopes_are_what_the_routes_are_about(tmp_path: Path):
    document = create_app(FakeAgent()).openapi()
    tags = {
        tag
        for operations in document["paths"].values()
        for operation in operations.values()
        for tag in operation["tags"]
    }
    assert tags == set(ABOUT)
    assert "devices:read" in SCOPES

    async def act(school: Visit):
        await school.account("program")
        for scopes, days, why in (
            (["everything"], 30, "no scope everything"),
            ([], 30, "needs a scope"),
            (["devices:read"], 0, "1 to 3660 days"),
        ):
            with pytest.raises(AccountError, match=why):
                await school.door.tokens.make("program", scopes, days, school.now)
        with pytest.raises(AccountError, match="no account"):
            await school.door.tokens.make("nobody", ["devices:read"], 30, school.now)

    visit(tmp_path, act)
