"""Which EPC a school's tag gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.agent.tags.tagging import NoNumbering, choose_epc, numbering_of, uri_of

SCHOOL = numbering_of(["3414257BF4"])


@pytest.mark.parametrize(
    ("prefix", "reference", "epc", "uri"),
    [  # made with epcpy and with an encoder of its own, as the reference has them
        ("3414257BF4", 12345400, "3414257BF400000000BC6038", "0614141.12345400"),
        ("3414257BF4", 900017, "3414257BF4000000000DBBB1", "0614141.900017"),
        ("341BA1CB80", 1, "341BA1CB8000000000000001", "952110.1"),
        ("340376B8BFEA64", 1422, "340376B8BFEA64000000058E", "952110152345.1422"),
    ],
)
def test_the_known_numbers_give_the_known_epcs(
    prefix: str, reference: int, epc: str, uri: str
) -> None:
    numbering = numbering_of([prefix])
    assert numbering.epc(reference) == epc
    assert numbering.reference(epc) == reference
    assert uri_of(epc) == f"urn:epc:id:giai:{uri}"


def test_an_epc_of_an_unknown_scheme_is_its_bits() -> None:
    assert uri_of("E28011606000020000000001") == "urn:epc:raw:96.xE28011606000020000000001"
    assert uri_of("3032") == "urn:epc:raw:16.x3032"


@pytest.mark.parametrize("prefixes", [[], ["E280"], ["34"], ["3414257B"], ["341F00"], ["30" * 12]])
def test_prefixes_that_hold_no_company_prefix_are_refused(prefixes: list[str]) -> None:
    with pytest.raises(NoNumbering, match="give --epc"):
        numbering_of(prefixes)


def test_the_first_prefix_that_holds_one_is_taken() -> None:
    assert numbering_of(["E280", "3414257BF4", "341BA1CB80"]).company_prefix == "0614141"


def test_a_numeric_asset_tag_is_the_reference() -> None:
    assert choose_epc(SCHOOL, "900017", []) == "3414257BF4000000000DBBB1"


@pytest.mark.parametrize("asset_tag", ["CB-7", "0042", "", "-3", "7.5", "٣", None, "9" * 30])
def test_any_other_asset_tag_gets_the_next_number(asset_tag: str | None) -> None:
    taken = [SCHOOL.epc(3), SCHOOL.epc(41), "E28011606000020000000001", "3414257BF40000AB"]
    assert choose_epc(SCHOOL, asset_tag, taken) == SCHOOL.epc(42)
    assert choose_epc(SCHOOL, asset_tag, []) == SCHOOL.epc(1)


def test_a_number_that_is_given_is_not_given_again() -> None:
    assert choose_epc(SCHOOL, "41", [SCHOOL.epc(41)]) == SCHOOL.epc(42)
    assert choose_epc(SCHOOL, "41", [SCHOOL.epc(41)], own=SCHOOL.epc(41)) == SCHOOL.epc(41)
    assert choose_epc(SCHOOL, "CB-7", [SCHOOL.epc(41)], own=SCHOOL.epc(41)) == SCHOOL.epc(42)


def test_a_longer_prefix_keeps_its_own_numbers() -> None:
    second = numbering_of(["3414257BF400000000BC"])  # BC0000 to BCFFFF
    assert choose_epc(second, "7", []) == second.epc(0xBC0000)
    assert choose_epc(second, str(0xBC1234), []) == second.epc(0xBC1234)
    assert choose_epc(second, "x", [second.epc(0xBCFFFF)]) == second.epc(0xBC0000)
    whole = numbering_of(["3414257BF400000000BC6038"])
    with pytest.raises(NoNumbering, match="no number is left"):
        choose_epc(whole, "x", [whole.epc(0xBC6038)])


@given(st.integers(1, 1 << 56), st.lists(st.integers(1, 1 << 56), max_size=20))
def test_what_is_chosen_is_the_schools_and_new(number: int, given_before: list[int]) -> None:
    taken = [SCHOOL.epc(n) for n in given_before if n < 1 << 56]
    for asset_tag in (str(number), f"X{number}"):
        epc = choose_epc(SCHOOL, asset_tag, taken)
        assert epc.startswith("3414257BF4") and len(epc) == 24
        assert epc not in taken
        assert SCHOOL.reference(epc) is not None
