"""A PC as the board tells how the gateway before it ended."""

from pathlib import Path

from board.host import Board


def test_an_end_that_was_not_in_order_is_told_by_the_next_boot(tmp_path: Path) -> None:
    def reset_of_next(ends_in_order: bool) -> str:
        board = Board(str(tmp_path))
        board.began()
        if ends_in_order:
            board.ended()
        return board.reset

    assert [reset_of_next(ends) for ends in (True, False, True, True)] == [
        "start",
        "start",
        "unclean",
        "start",
    ]
