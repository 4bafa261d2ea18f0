"""A list of rooms: the good lines become rooms, the others are named."""

import pytest

from edge.contracts.rooms_csv import NewRoom, RoomsError, parse_rooms


def test_a_name_is_enough_and_columns_stand_in_any_order() -> None:
    rooms, problems = parse_rooms(
        "Floor,Name,KIND,id\n1,Salón 101,,\n,Front hall,Hall,hall-a\n\n-1,Cellar,storage,\n", ()
    )
    assert problems == []
    assert rooms == [
        NewRoom("salon-101", "classroom", "Salón 101", 1),
        NewRoom("hall-a", "hall", "Front hall"),
        NewRoom("cellar", "storage", "Cellar", -1),
    ]


def test_wrong_lines_are_named_and_the_others_go_in() -> None:
    text = "name,kind,floor,colour\nA,,,red\nB,attic,,\nC,,one,\n***,,,\nA,,,\nD,,,\n"
    rooms, problems = parse_rooms(text, {"d"})
    assert [room.id for room in rooms] == ["a"]
    assert [(problem.line, problem.refused) for problem in problems] == [
        *((1, False), (3, True), (4, True), (5, True), (6, True), (7, True))
    ]
    assert "one of classroom, hall" in problems[1].reason
    assert problems[-1].reason == 'there is a room "d" already'


@pytest.mark.parametrize("text", ["", "floor\n1\n", 'name\n"' + "x" * 200_000])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(RoomsError):
        parse_rooms(text, ())
