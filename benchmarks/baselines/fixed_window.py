"""A window of fixed length: a tag is where most of its reads of the last seconds were.

Out of a cart it is when the window has been empty: since its gateway reported the end of its
answers, or since a still tag's next record should have come.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from benchmarks.baselines.statements import REPORT_GAP_S, Statements
from edge.contracts.events import Event
from edge.contracts.readlog import ReadRow, Row
from edge.contracts.school import Place, School

_WEAKEST_DBM = -90.0  # stands for a read without a level


class _Seen(NamedTuple):
    place: Place
    end_s: float
    reads: float
    rssi_dbm: float


class FixedWindow(msgspec.Struct, frozen=True):
    """`window_s` its length; by `vote` of the reads, or by the strongest one."""

    window_s: float = 3.0
    vote: Literal["count", "strongest"] = "count"

    def events(self, school: School, rows: Iterable[Row]) -> list[Event]:
        """Say what the rule makes of a log."""
        said = Statements(school)
        windows: dict[str, deque[_Seen]] = defaultdict(deque)
        last_s: dict[str, float] = {}
        gone_at_s: dict[str, float] = {}
        second = 0.0
        for row in rows:
            if row.rx >= second + 1.0:
                second = row.rx
                for epc in said.docked():
                    if gone_at_s[epc] < second:
                        said.away(epc, last_s[epc], second)
            if not isinstance(row, ReadRow):
                said.learn(row)
                continue
            place = said.place(row.gateway, row.antenna)
            if place is None or row.t is None:
                continue
            epc, end_s = row.epc, row.t + row.span
            if not row.n:
                if row.t >= last_s.get(epc, row.t):
                    gone_at_s[epc] = row.t + self.window_s
                continue
            last_s[epc] = max(end_s, last_s.get(epc, 0.0))
            gone_at_s[epc] = last_s[epc] + REPORT_GAP_S + self.window_s
            window = windows[epc]
            # A record of half a minute has only a part of its reads within the window.
            share = min(1.0, self.window_s / row.span) if row.span else 1.0
            rssi_dbm = _WEAKEST_DBM if row.rssi is None else row.rssi
            window.append(_Seen(place, end_s, row.n * share, rssi_dbm))
            while window[0].end_s < end_s - self.window_s:
                window.popleft()
            said.at(epc, self._winner(window), row.t, row.rx)
        return said.events

    def _winner(self, window: deque[_Seen]) -> Place:
        """Return the place with the most votes; of equal ones that which was heard last."""
        votes: dict[Place, float] = {}
        for seen in window:
            before = votes.pop(seen.place, float("-inf"))
            if self.vote == "strongest":
                votes[seen.place] = max(before, seen.rssi_dbm)
            else:
                votes[seen.place] = max(before, 0.0) + seen.reads
        return max(reversed(votes), key=votes.__getitem__)
