"""What a scenario is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from simulator.faults.faults import FaultMaker, no_faults
from simulator.people.acts import Act
from simulator.settings import SimulatorSettings


class Scenario(msgspec.Struct, frozen=True):
    """How a run differs from an ordinary day.

    `line` says it; `changes` replaces values of the `[simulator]` table, `acts` make what people
    do besides in each lesson; `faults` are what is broken. With `rolls_carts` the carts' own tags
    are on the air, with `clothes` foreign ones. `school_text`, where given, makes the file of the
    school it plays in; the others take any school.
    """

    line: str
    changes: Mapping[str, float] = MappingProxyType({})
    acts: tuple[Callable[[], Act], ...] = ()
    faults: FaultMaker = no_faults
    rolls_carts: bool = False
    clothes: bool = False
    school_text: Callable[[], str] | None = None

    def settings(self, own: SimulatorSettings) -> SimulatorSettings:
        """Return a school's settings as they are in this scenario."""
        return msgspec.structs.replace(own, **self.changes)
