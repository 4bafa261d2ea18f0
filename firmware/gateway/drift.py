"""How fast the board's counter runs, from the times it was told.

Each message is late by an unknown delay, so of each window only the largest offset counts: the
one that was delayed least. The slope between such points, hours apart, is the drift. A board's
crystal is off by 10 to 200 millionths: 36 to 720 ms an hour.
"""

WINDOW_MS = 600_000
_LEAST_MS = 3_600_000  # 50 ms of delay left in it are then 14 millionths
_MOST_POINTS = 13  # two hours of windows: a crystal follows the room's temperature
MOST_PPM = 500  # beyond it something else is wrong


class Drift:
    """`seen` for each time told; `ppm` is None until an hour of them is there."""

    def __init__(self):
        self.ppm = None
        self.restart()

    def restart(self):
        """The clock was set anew: what was seen before does not continue."""
        self._points = []  # [end of window, up, offset] with the largest offset of the window

    def seen(self, up_ms, offset_ms):
        """At `up_ms` since boot, Unix time less `up_ms` was said to be `offset_ms`."""
        points = self._points
        if not points or up_ms >= points[-1][0]:
            points.append([up_ms + WINDOW_MS, up_ms, offset_ms])
            if len(points) > _MOST_POINTS:
                points.pop(0)
        elif offset_ms > points[-1][2]:
            points[-1][1], points[-1][2] = up_ms, offset_ms
        else:
            return
        self._estimate()

    def _estimate(self):
        """Between the first window and the last complete one."""
        if len(self._points) < 3:
            return
        _, first_up, first_offset = self._points[0]
        _, last_up, last_offset = self._points[-2]
        if last_up - first_up >= _LEAST_MS:
            ppm = (last_offset - first_offset) * 1_000_000 // (last_up - first_up)
            self.ppm = ppm if abs(ppm) <= MOST_PPM else None
