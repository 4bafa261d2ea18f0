"""The board this runs on: the one place that asks which platform that is."""

import sys

if sys.platform == "esp32":
    from board.esp32_board import TICKS_PERIOD, Board
else:
    from board.host import TICKS_PERIOD, Board

__all__ = ("TICKS_PERIOD", "Board")
