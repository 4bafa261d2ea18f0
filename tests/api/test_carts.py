"""`/api/v1/carts` is as the contract has it, for those who see all and for the board."""

from edge.api.app import create_app
from tests.api.asking import ELSEWHERE, ask
from tests.api.fake_agent import NOW, FakeAgent, a_cart, away, unreadable

MISSING = [away("14", "r204"), away("7", None)]


def carts_of(*carts, client="127.0.0.1"):
    app = create_app(FakeAgent(*carts), clock=lambda: NOW)
    answer = ask(app, "/api/v1/carts", client=client)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_a_cart_has_the_fields_of_the_contract_and_no_others():
    assert carts_of(a_cart(missing=MISSING)) == [
        {
            "id": "c3",
            "name": "Cart 3",
            "room": "r101",
            "state": "ok",
            "expected": 30,
            "present": 28,
            "capacity": 30,
            "missing": [
                {
                    "number": "14",
                    "asset_tag": "LIN-0014",
                    "last_room": "r204",
                    "last_seen": NOW - 300,
                },
                {"number": "7", "asset_tag": "LIN-0007", "last_room": None, "last_seen": NOW - 300},
            ],
            "confidence": 0.98,
            "updated": NOW - 4,
        }
    ]


def test_a_cart_that_cannot_be_read_has_no_count():
    (cart,) = carts_of(unreadable())
    assert cart["state"] == "unreadable"
    assert cart["present"] is None
    assert cart["expected"] == 30


def test_the_board_sees_counts_and_missing_numbers_but_no_places():
    (cart,) = carts_of(a_cart(missing=MISSING), client=ELSEWHERE)
    assert cart["present"] == 28
    assert [device["number"] for device in cart["missing"]] == ["14", "7"]
    for device in cart["missing"]:
        assert device["last_room"] is None and device["last_seen"] is None


def test_a_school_without_carts_is_an_empty_array():
    assert carts_of() == []


def test_one_cart_is_found_by_its_id():
    app = create_app(FakeAgent(a_cart("c1"), a_cart("c2")), clock=lambda: NOW)
    assert ask(app, "/api/v1/carts/c2").json()["id"] == "c2"
    assert ask(app, "/api/v1/carts/c9").status_code == 404
