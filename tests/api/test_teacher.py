"""What a teacher is told: places of carts homed in or now in the account's own rooms, no others."""

from fastapi import FastAPI

from edge.accounts.roles import Role
from edge.api.app import create_app
from edge.api.words.slots import slots
from edge.contracts.school import Room, School
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_cart, a_device, away
from tests.api.who import a_viewer, always

MINE = a_cart("c1", missing=[away("14", "r204")])
VISITING = a_cart("c2", home="r999", room="r101", missing=[away("15", "r204")])
LENT = a_cart("c3", home="r101", room="r204", missing=[away("16", "r204")])
OTHERS = a_cart("c4", home="r204", room="r204", missing=[away("17", "r204")])


def app_for(role: Role, *rooms: str) -> FastAPI:
    agent = FakeAgent(MINE, VISITING, LENT, OTHERS)
    return create_app(agent, clock=lambda: NOW, who=always(a_viewer(role, *rooms)))


def carts_with_places(app: FastAPI) -> list[str]:
    carts = ask(app, "/api/v1/carts").json()
    assert all(len(cart["missing"]) == 1 for cart in carts)
    return [cart["id"] for cart in carts if cart["missing"][0]["last_room"]]


def test_a_teacher_sees_places_of_carts_homed_in_or_now_in_the_own_rooms():
    assert carts_with_places(app_for(Role.TEACHER, "r101")) == ["c1", "c2", "c3"]
    assert carts_with_places(app_for(Role.TEACHER, "r999")) == ["c2"]


def test_the_board_sees_no_place_and_the_office_every_one():
    assert carts_with_places(app_for(Role.BOARD)) == []
    for role in (Role.OFFICE, Role.TECH, Role.AUDITOR, Role.ADMIN):
        assert carts_with_places(app_for(role)) == ["c1", "c2", "c3", "c4"]


def test_the_page_says_to_a_teacher_what_the_api_says():
    html = ask(app_for(Role.TEACHER, "r101"), "/").text
    cards = zip(("c1", "c2", "c3", "c4"), html.split('data-cart="')[1:], strict=True)
    said = {name: card.split('class="sentence">')[1].split("</p>")[0] for name, card in cards}
    assert [name for name in said if "Room 204" in said[name]] == ["c1", "c2", "c3"]


def test_that_a_device_left_the_building_is_a_place_too():
    school = School(
        name="Lincoln",
        site="lincoln",
        timezone="America/Denver",
        rooms={"outside": Room(id="outside", kind="outside")},
    )
    gone = [a_device(14, room="outside", room_name="Outside")]
    assert [s.look for s in slots(MINE, gone, school, with_places=True)] == ["left"]
    assert [s.look for s in slots(MINE, gone, school, with_places=False)] == ["gone"]
