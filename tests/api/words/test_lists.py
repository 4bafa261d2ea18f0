"""Numbers in a row, in words."""

from edge.api.words.lists import runs


def test_labels_that_are_no_numbers_stand_after_them():
    assert runs(["LIN-7", "10", "9", "8"]) == ["8 to 10", "LIN-7"]
