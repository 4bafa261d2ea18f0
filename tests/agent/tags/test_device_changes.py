"""What a list would change is told before it does."""

from edge.agent.tags.device_changes import compare, unknown
from edge.contracts.devices import Device
from tests.agent.schools import epc, school


def test_new_changed_and_unchanged_are_told_apart() -> None:
    known = {
        one.epc: one
        for one in [
            Device(epc(1), asset_tag="A1", number="1"),
            Device(epc(2), asset_tag="A2"),
            Device(epc(3), model="old"),
        ]
    }
    listed = [
        Device(epc(1), asset_tag="A1", number="1"),
        Device(epc(2), number="2"),
        Device(epc(3), model="new"),
        Device(epc(4)),
    ]
    found = compare(known, listed)
    assert found.added == [listed[3]] and found.changed == listed[1:3] and found.same == 1
    assert found.fields == {"number": 1, "model": 1} and found.emptied == {"asset_tag": 1}


def test_what_the_school_file_does_not_know_is_counted() -> None:
    listed = [Device(epc(1), cart="c1", home="r1"), Device(epc(2), cart="c9"), Device("E280")]
    found = unknown(school(), listed)
    assert (found.carts, found.rooms, found.foreign) == ({"c9": 1}, {}, 1)
