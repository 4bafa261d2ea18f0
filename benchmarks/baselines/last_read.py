"""The simplest rule: a tag is where the antenna that read it last is."""

from collections.abc import Iterable

import msgspec

from benchmarks.baselines.statements import Statements
from edge.contracts.events import Event
from edge.contracts.readlog import ReadRow, Row
from edge.contracts.school import School


class LastRead(msgspec.Struct, frozen=True):
    """Nothing can be set."""

    def events(self, school: School, rows: Iterable[Row]) -> list[Event]:
        """Say what the rule makes of a log."""
        said = Statements(school)
        for row in rows:
            if not isinstance(row, ReadRow):
                said.learn(row)
            elif row.n and row.t is not None:
                place = said.place(row.gateway, row.antenna)
                if place is not None:
                    said.at(row.epc, place, row.t, row.rx)
        return said.events
