"""The rules that the engine is compared with, by name, each with the settings to try."""

from collections.abc import Iterable
from itertools import product
from typing import Protocol

from benchmarks.baselines.edgex import EdgeX
from benchmarks.baselines.fixed_window import FixedWindow
from benchmarks.baselines.last_read import LastRead
from benchmarks.baselines.smurf import Smurf
from edge.contracts.events import Event
from edge.contracts.readlog import Row
from edge.contracts.school import School


class Baseline(Protocol):
    """A rule with its settings."""

    def events(self, school: School, rows: Iterable[Row]) -> list[Event]:
        """Say what the rule makes of a log."""
        ...


# EdgeX's two documented profiles (default, retail garment) and one between them.
_PROFILES = ((-0.008, 500.0), (-0.002, 5_000.0), (-0.0005, 60_000.0))

BASELINES: dict[str, list[Baseline]] = {
    "last-read": [LastRead()],
    "window": [
        *(FixedWindow(window_s, "count") for window_s in (0.5, 1.0, 3.0, 10.0, 30.0)),
        *(FixedWindow(window_s, "strongest") for window_s in (1.0, 3.0)),
    ],
    "SMURF": [Smurf(epoch_s) for epoch_s in (0.25, 0.5, 1.0)],
    "EdgeX": [
        EdgeX(threshold, holdoff, slope, departed)
        for (slope, holdoff), threshold, departed in product(
            _PROFILES, (3.0, 6.0, 12.0), (45.0, 600.0)
        )
    ],
}
