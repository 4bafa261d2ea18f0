"""A read log's rows as the journal would have taken them: repeats dropped, lying clocks put right.

A log that was not written by the journal may hold some batches twice, and lines as their gateways
told them, by clocks that are wrong. In the journal's own there is nothing to drop or to place.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from edge.agent.intake.names import Names
from edge.agent.intake.placing import BootOffset, Told, boot_offset, place
from edge.contracts.readlog import LooksRow, ReadRow, Row

# The lines of one batch come together. Whoever spreads them out stays within the lag that the
# engine bears: so long, in s of arrival, it is remembered what they said. Then a name is enough.
REMEMBER_S = 60.0

Part = ReadRow | LooksRow  # what the lines of a batch are


@dataclass(slots=True)
class _Batch:
    rx: float
    offset: BootOffset | None
    parts: list[Part] = field(default_factory=list)


class Arrivals:
    """Takes rows in order of arrival. `repeats` counts those it dropped."""

    def __init__(self) -> None:
        self.repeats = 0
        self._names = Names()
        self._lately: OrderedDict[tuple[str, str, int], _Batch] = OrderedDict()
        self._offsets: dict[tuple[str, str], BootOffset] = {}

    def take(self, row: Row) -> Row | None:
        """Return a row in its place in time; None if its batch told it before."""
        if not isinstance(row, ReadRow | LooksRow) or row.boot is None or row.seq is None:
            return row
        batch = self._lately.get((row.gateway, row.boot, row.seq))
        if batch is None:
            if self._names.has(row.gateway, row.boot, row.seq):
                self.repeats += 1
                return None
            batch = self._begin(row.gateway, row.boot, row.seq, row)
        elif row.rx != batch.rx and any(_say_the_same(row, part) for part in batch.parts):
            self.repeats += 1
            return None
        batch.parts.append(row)
        return row if row.sent is None else _placed(row, batch.offset)

    def _begin(self, gateway: str, boot: str, seq: int, row: Part) -> _Batch:
        self._names.add(gateway, boot, seq)
        while self._lately and next(iter(self._lately.values())).rx < row.rx - REMEMBER_S:
            self._lately.popitem(last=False)
        told = _told(row)
        offset = self._offsets.get((gateway, boot))
        if told is not None:
            offset = boot_offset(told, round(row.rx * 1000), offset)
            if offset is not None:
                self._offsets[gateway, boot] = offset
        batch = self._lately[gateway, boot, seq] = _Batch(row.rx, offset)
        return batch


def _told(row: Part) -> Told | None:
    """What the batch of a row said of time, None where the line does not tell."""
    if row.up is None or row.dt is None:
        return None
    return Told(None if row.t is None else round(row.t * 1000) - row.dt, row.up, row.sent)


def _placed(row: Part, offset: BootOffset | None) -> Part:
    told = _told(row)
    if told is None or row.dt is None:
        return row
    placed = place(told, round(row.rx * 1000), offset)
    if placed.at_ms == told.t:
        return row
    t = None if placed.at_ms is None else (placed.at_ms + row.dt) / 1000
    off = None if t is None or row.t is None else round(row.t - t, 3)
    return msgspec.structs.replace(row, t=t, off=off)


def _say_the_same(row: Part, earlier: Part) -> bool:
    """Whether two lines of one batch are the same. A time may be filled in later."""
    if isinstance(row, LooksRow) or isinstance(earlier, LooksRow):
        return type(row) is type(earlier)  # a batch has one
    return (
        row.epc == earlier.epc
        and row.antenna == earlier.antenna
        and (row.t == earlier.t or row.t is None or earlier.t is None)
        and (row.rssi, row.n, row.span, row.peak)
        == (earlier.rssi, earlier.n, earlier.span, earlier.peak)
    )
