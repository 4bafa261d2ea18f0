"""What is wrong with a school file is told at its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contracts.school_file import SchoolError, parse_school
from edge.contracts.school_lines import Wrong, wrongs

HEAD = 'name = "Lincoln"\nsite = "lincoln"\ntimezone = "America/Denver"\n'


def found_in(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(SchoolError) as refused:
        parse_school(text)
    return [(one.line, one.says) for one in wrongs(text, refused.value.problems)]


def test_each_is_told_at_its_line_in_their_order() -> None:
    text = (
        HEAD
        + '# the hall\n[rooms.hall-a]\nkind = "corridor"\n\n[ carts . "c3" ]\ncapacity = 30\n'
        + 'home = "r999"\ngateway = "gw-c3"\nantennas = [1]\ncolour = "red"\n'
    )
    found = found_in(text)
    assert [line for line, _ in found] == [6, 10, 13]
    assert found[1][1] == 'carts.c3.home: no room "r999" in [rooms]'


def test_what_is_missing_is_told_where_its_table_begins() -> None:
    text = HEAD + '[rooms.r1]\nkind = "classroom"\n[doorways.d1]\ngateway = "gw-d1"\n'
    found = found_in(text)
    assert {line for line, _ in found} == {6}
    assert "doorways.d1.between: missing" in [says for _, says in found]


def test_an_inline_table_is_told_at_its_key() -> None:
    text = HEAD + 'rooms.r1 = { kind = "classroom" }\nrooms.r2 = { kind = "attic" }\n'
    assert [line for line, _ in found_in(text)] == [5]


def test_what_is_no_toml_names_line_and_column() -> None:
    ((line, says),) = found_in(HEAD + "[rooms.r1\n")
    assert line == 4 and says.startswith("not TOML from column")
    ((line, says),) = found_in(HEAD + 'note = "')
    assert line == 4 and says.startswith("not TOML")


def test_what_no_line_has_is_told_without_one() -> None:
    assert wrongs("", ["name: missing"]) == [Wrong(None, "name: missing")]
    assert found_in("")[0] == (None, "name: missing")


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "x = 2026-13-45"])
def test_a_text_that_its_reader_cannot_bear_is_refused_like_another(text: str) -> None:
    assert found_in(text)[0][1].startswith("not TOML")


@given(text=st.text(alphabet="[]ab.=\"\n #1'", max_size=60))
def test_no_text_has_a_line_that_is_not_there(text: str) -> None:
    for one in wrongs(text, ["a.b: wrong", "b: wrong", "not TOML: x (at line 1, column 1)"]):
        assert one.line is None or 1 <= one.line <= text.count("\n") + 1
