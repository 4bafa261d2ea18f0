"""A school file is taken whole, or refused with all that is wrong in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.contracts.school import Place
from edge.contracts.school_file import SchoolError, load_school, parse_school

LINCOLN = Path(__file__).with_name("lincoln.toml")


def problems_of(text: str) -> list[str]:
    with pytest.raises(SchoolError) as refused:
        parse_school(text)
    return refused.value.problems


def changed(*changes: tuple[str, str]) -> str:
    text = LINCOLN.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_full_file_is_taken_with_every_antenna_in_its_place() -> None:
    school = load_school(LINCOLN)
    assert school.places == {
        ("gw-d101", 1): Place("doorway", "d101", "hall-a"),
        ("gw-d101", 2): Place("doorway", "d101", "r101"),
        ("gw-c3", 1): Place("cart", "c3", "r101"),
        ("gw-c3", 2): Place("cart", "c3", "r101"),
        ("gw-desk", 1): Place("desk", "office", "office"),
    }
    assert school.rooms["outside"].name == "outside"
    assert school.accepts("3414257BF4000000000DBBB1")
    assert not school.accepts("E28011700000020000000001")


def test_without_prefixes_every_tag_is_accepted() -> None:
    school = parse_school('name = "S"\nsite = "s"\ntimezone = "UTC"\n')
    assert school.accepts("E2801170")


def test_lessons_are_told_in_school_time_and_not_on_closed_days() -> None:
    school = load_school(LINCOLN)
    monday = datetime(2026, 11, 23, 15, 10, tzinfo=UTC).timestamp()  # 08:10 in Denver
    thursday_closed = datetime(2026, 11, 26, 15, 10, tzinfo=UTC).timestamp()
    assert school.is_lesson(monday)
    assert not school.is_lesson(monday - 3600)
    assert not school.is_lesson(thursday_closed)


def test_without_bells_it_is_always_lesson() -> None:
    school = parse_school('name = "S"\nsite = "s"\ntimezone = "UTC"\n')
    assert school.is_lesson(0.0)


def test_all_errors_are_told_at_once_each_with_table_and_key() -> None:
    text = changed(
        ('1 = "hall-a"', '1 = "office"'),
        ("capacity = 30", 'capacity = "many"\nwheels = 4'),
        ('home = "r101"', 'home = "r999"'),
        ('kind = "office"', 'kind = "nurse"'),
        ("America/Denver", "Mars/Base"),
        ('"08:50"', '"half past"'),
    )
    told = {problem.split(": ")[0] for problem in problems_of(text)}
    assert told == {
        "timezone",
        "bells.lessons",
        "doorways.d101.antennas.1",
        "carts.c3.capacity",
        "carts.c3.wheels",
        "carts.c3.home",
        "desks.office.room",
    }


@pytest.mark.parametrize("kind", ["toilet", "nurse", "counsellor"])
@pytest.mark.parametrize(
    ("old", "where"),
    [
        ('between = ["hall-a", "r101"]', "doorways.d101.between"),
        ('home = "r101"', "carts.c3.home"),
        ('room = "office"', "desks.office.room"),
    ],
)
def test_no_reader_may_stand_in_a_private_room(kind: str, old: str, where: str) -> None:
    new = old.replace('"r101"', '"quiet"').replace('"office"', '"quiet"')
    text = changed((old, new), ('2 = "r101"', f'2 = "{"quiet" if "between" in old else "r101"}"'))
    told = problems_of(text + f'\n[rooms.quiet]\nkind = "{kind}"\n')
    assert [problem for problem in told if problem.startswith(where) and kind in problem]


def test_an_antenna_of_a_gateway_serves_one_place_only() -> None:
    told = problems_of(changed(('gateway = "gw-desk"', 'gateway = "gw-c3"')))
    assert told == [
        "desks.office.antennas: antenna 1 of gw-c3 is used by carts.c3.antennas already"
    ]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('site = "lincoln"', 'site = "Lincoln!"', "site"),
        ('site = "lincoln"', 'site = "agent"', "site"),
        ("[carts.c3]", "[carts.agent]", "carts.agent"),
        ('gateway = "gw-desk"', 'gateway = "agent"', "desks.office.gateway"),
        ('region = "US"', 'region = "MOON"', "region"),
        ('["3414257BF4"]', '["34 nope"]', "epc_prefixes"),
        ('["hall-a", "r101"]', '["hall-a", "hall-z"]', "doorways.d101.between"),
        ('epc = "3414257BF400000000000C03"', 'epc = "c03"', "carts.c3.epc"),
        ('family = "m100", antennas = [1]', 'family = "abc", antennas = [1]', "gateways"),
    ],
)
def test_a_wrong_value_is_told_where_it_stands(old: str, new: str, where: str) -> None:
    assert any(problem.startswith(where) for problem in problems_of(changed((old, new))))


def test_text_that_is_not_toml_is_refused_in_one_sentence() -> None:
    assert problems_of("name = ") and "not TOML" in problems_of("name = ")[0]


def test_the_simulators_table_is_kept_untouched_and_unchecked() -> None:
    assert load_school(LINCOLN).raw_simulator == {"x": 1}


@pytest.mark.parametrize(
    ("old", "where"),
    [
        ('"America/Denver"', "timezone"),
        ('site = "lincoln"', "site"),
        ('gateway = "gw-c3"', "carts.c3.gateway"),
        ('home = "r101"', "carts.c3.home"),
    ],
)
def test_nothing_that_is_needed_may_be_empty(old: str, where: str) -> None:
    name, _, _ = old.rpartition('"')[0].rpartition('"')
    assert f"{where}: must not be empty" in problems_of(changed((old, f'{name}""')))
