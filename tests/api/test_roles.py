"""Every route names its roles: code, description, page of docs and answers agree."""

import re

import pytest
from fastapi import APIRouter, Depends

from edge.accounts.roles import ALL, Role
from edge.api.access import signed_in
from edge.api.app import create_app
from edge.api.guards import guarded_routes, refuse_unguarded
from edge.contracts.school import Room, School
from tests.api.fake_agent import FakeAgent, a_cart, a_device
from tests.api.who import a_viewer, always, status_of
from tests.support.files import ROOT

WITH_ROOMS = School(
    name="Lincoln Elementary",
    site="lincoln",
    timezone="America/Denver",
    rooms={
        room: Room(id=room, name=room, kind="classroom", floor=1, polygon=None)
        for room in ("r101", "r204")
    },
)
FILLED = {
    "cart": "c3",
    "desk": "front",
    "epc": "3414257BF40000000000000E",
    "room": "r101",
    "loan": "1",
    "holder": "cust_7f3a91c2",
    "alert": "640.0",
    "gateway": "gw-c3",
    "digest": "0" * 64,
    "name": "bundle",
    "account": "desk",
    "pos": "7",
}


def app_for(role: Role | None):
    agent = FakeAgent(a_cart("c3"))
    agent.school = WITH_ROOMS
    agent.queries.all_devices = [a_device(14)]
    return create_app(agent, who=always(a_viewer(role)))


def in_code():
    return {
        (method, context.path): set(roles)
        for context, roles in guarded_routes(create_app(FakeAgent()).routes)
        for method in context.methods
    }


def on_the_page():
    """What docs/security.md says: method and path to roles; None is nobody, the board being off."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z]+) ([^`]+)` \|(.+)\|$", text, re.MULTILINE)
    marks = {
        (method, path): [mark.strip() for mark in cells.split("|")] for method, path, cells in rows
    }
    return {
        route: {role for role, mark in zip((None, *ALL), said, strict=True) if mark != "–"}
        for route, said in marks.items()
    }


def test_the_page_says_who_may_see_what():
    assert on_the_page() == in_code()


@pytest.mark.parametrize("role", [None, *ALL])
def test_each_route_lets_in_whom_it_names_and_nobody_else(role):
    app = app_for(role)
    for (method, path), roles in in_code().items():
        status = status_of(app, method, path.format(**FILLED))
        assert (status not in (401, 403)) == (role in roles), (method, path, status)


def test_the_description_names_the_roles_of_each_operation():
    document = create_app(FakeAgent()).openapi()
    said = {
        (method.upper(), path): set(operation["x-roles"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert said == {
        route: {role.value for role in roles if role is not None}
        for route, roles in in_code().items()
        if route in said
    }
    assert said


def test_a_route_without_a_role_does_not_start():
    router = APIRouter()

    @router.get("/open-to-all")
    async def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="/open-to-all names no role"):
        refuse_unguarded(router.routes)


def test_a_form_without_a_token_does_not_start():
    router = APIRouter(include_in_schema=False, dependencies=[Depends(signed_in)])

    @router.post("/forget-all")
    async def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="/forget-all has no token"):
        refuse_unguarded(router.routes)


def test_a_teacher_sees_a_room_of_the_account_and_no_other():
    app = app_for(Role.TEACHER)
    assert status_of(app, "GET", "/rooms/r101") == 200
    assert status_of(app, "GET", "/rooms/r204") == 403


def test_who_is_not_signed_in_is_told_to_and_who_is_is_told_that_it_does_not_help():
    assert status_of(app_for(Role.BOARD), "GET", "/api/v1/devices") == 401
    assert status_of(app_for(Role.TEACHER), "GET", "/api/v1/devices") == 403
