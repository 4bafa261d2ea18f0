"""A device list in any column order; wrong lines are named and cost only themselves."""

import pytest

from edge.contracts.devices import Device, DevicesError, parse_devices, write_devices


def test_columns_may_stand_in_any_order_and_be_absent() -> None:
    devices, problems = parse_devices("number,epc\n17,3414 25ab\n,34142500\n")
    assert devices == [Device("341425AB", number="17"), Device("34142500")]
    assert problems == []


def test_a_device_is_called_by_its_number_else_its_tag_else_its_epc() -> None:
    assert Device("341425AB", asset_tag="A1", number="17").label == "17"
    assert Device("341425AB", asset_tag="A1").label == "A1"
    assert Device("341425AB").label == "25AB"


def test_wrong_lines_are_named_and_the_others_go_in() -> None:
    devices, problems = parse_devices("epc\nxyz\n34AB\n34AB\n\n34AC\n")
    assert [device.epc for device in devices] == ["34AB", "34AC"]
    assert [problem.line for problem in problems] == [2, 4]


def test_unknown_columns_are_ignored_and_named_once() -> None:
    devices, problems = parse_devices("epc,colour,mood\n34AB,red,fine\n34AC,blue,\n")
    assert len(devices) == 2
    assert [(str(p), p.refused) for p in problems] == [
        ("line 1: columns ignored: colour, mood", False)
    ]


@pytest.mark.parametrize("text", ["", "name\nx\n"])
def test_a_list_without_an_epc_column_is_refused(text: str) -> None:
    with pytest.raises(DevicesError, match="epc column"):
        parse_devices(text)


def test_what_is_written_is_read_again() -> None:
    devices = [Device("34AB", "A,1", None, 'The "one"', "r101", "c3", "7"), Device("34AC")]
    assert parse_devices(write_devices(devices)) == (devices, [])
