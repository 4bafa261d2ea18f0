"""SMURF (Jeffery, Garofalakis, Franklin, VLDB 2006): a window that fits itself to each tag.

A tag's reads at one antenna are a sample of its epochs: the window is as long as it takes to read
a present tag at least once with probability 1 - delta, and is halved when fewer epochs had a read
than chance explains, for then the tag has left. It is present while the window holds a read. The
method says nothing of two antennas that both have the tag: the higher share of read epochs wins.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from benchmarks.baselines.statements import REPORT_GAP_S, Statements
from edge.contracts.events import Event
from edge.contracts.readlog import LooksRow, ReadRow, Row
from edge.contracts.school import Place, School

_SHORTEST = 3  # epochs
_LONGEST = 128  # epochs: what went on for longer changes nothing more
_ROUNDS_A_SECOND = 10.0  # until an antenna has said how many it makes


@dataclass
class _Window:
    """A tag at one antenna: of each epoch whether it was read, and at what rate, as running sums.

    The sums begin with that of no epoch at all; a window is a difference of two of them.
    """

    place: Place
    known_until_s: float
    size: int = _SHORTEST
    last_s: float = 0.0
    _reads: list[int] = field(default_factory=lambda: [0])
    _rates: list[float] = field(default_factory=lambda: [0.0])

    @property
    def share(self) -> float:
        """Share of the window's epochs in which the tag was read."""
        epochs = min(self.size, len(self._reads) - 1)
        return (self._reads[-1] - self._reads[-1 - epochs]) / self.size

    def add(self, rate: float, epochs: int, delta: float) -> None:
        """Go on by some epochs of one read rate."""
        for done in range(min(epochs, _LONGEST)):
            before = self.size
            self._reads.append(self._reads[-1] + (rate > 0))
            self._rates.append(self._rates[-1] + rate)
            self._fit(delta)
            if done >= self.size == before:
                break  # the window holds nothing else any more: it stays as it is
        if len(self._reads) > 16 * _LONGEST:
            del self._reads[: -_LONGEST - 1], self._rates[: -_LONGEST - 1]

    def _fit(self, delta: float) -> None:
        epochs = min(self.size, len(self._reads) - 1)
        reads = self._reads[-1] - self._reads[-1 - epochs]
        if not reads:
            self.size = _SHORTEST
            return
        mean = min(1.0, (self._rates[-1] - self._rates[-1 - epochs]) / reads)
        needed = math.ceil(2.0 / mean * math.log(1.0 / delta))
        expected = epochs * mean
        if expected - reads > 2.0 * math.sqrt(expected * (1.0 - mean)):
            self.size = max(_SHORTEST, min(self.size // 2, needed))
        elif needed > self.size:
            self.size = max(_SHORTEST, min(self.size + 2, needed, _LONGEST))


class Smurf(msgspec.Struct, frozen=True):
    """`epoch_s` the length of an epoch, `delta` the chance to miss a tag that is there."""

    epoch_s: float = 0.5
    delta: float = 0.05

    def events(self, school: School, rows: Iterable[Row]) -> list[Event]:
        """Say what the rule makes of a log."""
        return _Smurf(self, school).run(rows)


class _Smurf:
    def __init__(self, settings: Smurf, school: School) -> None:
        self._settings = settings
        self._said = Statements(school)
        self._windows: dict[str, dict[tuple[str, int], _Window]] = defaultdict(dict)
        self._rounds: dict[tuple[str, int], float] = {}
        self._looked_s: dict[str, float] = {}

    def run(self, rows: Iterable[Row]) -> list[Event]:
        second = 0.0
        for row in rows:
            if row.rx >= second + 1.0:
                second = row.rx
                self._pass_time(second)
            if isinstance(row, ReadRow):
                self._read(row)
            elif isinstance(row, LooksRow):
                self._look(row)
            else:
                self._said.learn(row)
        return self._said.events

    def _look(self, row: LooksRow) -> None:
        """Follow how many rounds each antenna makes a second, over some ten batches."""
        before = self._looked_s.get(row.gateway, row.rx - 1.0)
        self._looked_s[row.gateway] = row.rx
        if row.rx <= before:
            return
        for antenna, (rounds, _) in row.looks.items():
            at = (row.gateway, antenna)
            now = rounds / (row.rx - before)
            self._rounds[at] = 0.9 * self._rounds.get(at, now) + 0.1 * now

    def _read(self, row: ReadRow) -> None:
        place = self._said.place(row.gateway, row.antenna)
        if place is None or row.t is None:
            return
        at = (row.gateway, row.antenna)
        windows = self._windows[row.epc]
        window = windows.get(at)
        if window is None:
            window = windows[at] = _Window(place, row.t)
        if not row.n:
            self._silent_until(window, row.t + row.span)
            return
        self._silent_until(window, row.t)
        epochs = max(1, round(row.span / self._settings.epoch_s))
        tries = epochs * self._settings.epoch_s * self._rounds.get(at, _ROUNDS_A_SECOND)
        rate = min(1.0, row.n / max(1.0, tries))
        if window.known_until_s <= row.t + row.span:
            window.add(rate, epochs, self._settings.delta)
            window.known_until_s = row.t + max(row.span, self._settings.epoch_s)
        window.last_s = max(window.last_s, row.t + row.span)
        for other in windows.values():
            if other.place != place:  # it moves, so it is reported at once: not there means not
                self._silent_until(other, row.t)
        best = max(windows.values(), key=lambda w: (w.share, w.last_s))
        self._said.at(row.epc, best.place, row.t, row.rx)

    def _pass_time(self, now: float) -> None:
        for epc in self._said.docked():
            windows = self._windows[epc].values()
            for window in windows:
                self._silent_until(window, now - REPORT_GAP_S)
            if not any(window.share for window in windows):
                self._said.away(epc, max(window.last_s for window in windows), now)

    def _silent_until(self, window: _Window, until_s: float) -> None:
        epochs = int((until_s - window.known_until_s) / self._settings.epoch_s)
        if epochs > 0:
            window.add(0.0, epochs, self._settings.delta)
            window.known_until_s += epochs * self._settings.epoch_s
