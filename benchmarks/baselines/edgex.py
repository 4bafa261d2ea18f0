"""The rule of EdgeX's RFID LLRP inventory service, written anew from what it does.

A tag stays at its antenna until another one hears it louder, on the mean of each one's last 20
reads, by an offset that shrinks with the time since its own antenna last read it. One read a
report, so that a read's time is its arrival; whole dBm, towards zero.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from benchmarks.baselines.statements import Statements
from edge.contracts.events import Event
from edge.contracts.readlog import ReadRow, Row
from edge.contracts.school import Place, School

_RING = 20
_FEWEST = 2
_SWEEP_S = 30.0


@dataclass
class _Ring:
    """The last levels of a tag at one antenna."""

    place: Place
    last_read_ms: float = 0.0
    levels: deque[int] = field(default_factory=lambda: deque(maxlen=_RING))

    def mean(self) -> float:
        return sum(self.levels) / len(self.levels)


@dataclass
class _Tag:
    rings: dict[tuple[str, int], _Ring] = field(default_factory=dict)
    here: _Ring | None = None
    last_read_ms: float = 0.0
    present: bool = False


class EdgeX(msgspec.Struct, frozen=True):
    """Its settings, and its defaults for them."""

    threshold_db: float = 6.0
    holdoff_ms: float = 500.0
    slope_db_per_ms: float = -0.008
    departed_s: float = 600.0

    def events(self, school: School, rows: Iterable[Row]) -> list[Event]:
        """Say what the rule makes of a log."""
        said = Statements(school)
        tags: dict[str, _Tag] = {}
        swept_s = 0.0
        for row in rows:
            if row.rx >= swept_s + _SWEEP_S:
                swept_s = row.rx
                self._depart(tags, said, swept_s)
            if not isinstance(row, ReadRow):
                said.learn(row)
                continue
            place = said.place(row.gateway, row.antenna)
            if place is None or row.t is None or not row.n:
                continue
            tag = tags.get(row.epc)
            if tag is None:
                tag = tags[row.epc] = _Tag()
            here = self._heard(tag, row, place)
            said.at(row.epc, here.place, row.t, row.rx)
        return said.events

    def _heard(self, tag: _Tag, row: ReadRow, place: Place) -> _Ring:
        """Take in a read; return where the tag is after it."""
        at, now_ms = (row.gateway, row.antenna), row.rx * 1000
        ring = tag.rings.get(at)
        if ring is None:
            ring = tag.rings[at] = _Ring(place)
        ring.levels.append(int(row.rssi or 0))
        ring.last_read_ms = tag.last_read_ms = now_ms
        tag.present = True
        if tag.here is None or not tag.here.levels:
            tag.here = ring
        elif ring is not tag.here and len(ring.levels) >= _FEWEST:
            slope = self.slope_db_per_ms
            waited = slope * (now_ms - tag.here.last_read_ms - self.holdoff_ms)
            if ring.mean() > tag.here.mean() + min(self.threshold_db, waited + self.threshold_db):
                tag.here = ring
        return tag.here

    def _depart(self, tags: dict[str, _Tag], said: Statements, now: float) -> None:
        for epc, tag in tags.items():
            if tag.present and tag.last_read_ms < (now - self.departed_s) * 1000:
                tag.present = False
                for ring in tag.rings.values():
                    ring.levels.clear()
                said.away(epc, tag.last_read_ms / 1000, now)
