"""The reader on a desk of the demo: what lies on it was put there by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence

from simulator.modules.field import TagAnswer
from simulator.modules.tag import Tag

LEVEL_DBM = -42.0  # a tag flat on a small antenna
FADING_DB = 1.5  # deviation of a still tag while hopping


class DeskField:
    """A `TagField`: tags lie on it from a moment on (s of the emulators' clock) until taken off."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._since_s: dict[int, tuple[Tag, float]] = {}

    def lay(self, tag: Tag, at_s: float) -> None:
        """Let a tag lie here from `at_s` on."""
        self._since_s[id(tag)] = tag, at_s

    def take_off(self, tag: Tag) -> bool:
        """Take a tag away now; whether it lay here or was on its way."""
        return self._since_s.pop(id(tag), None) is not None

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        """Return the tags that lie here at `at_s`."""
        return [
            TagAnswer(tag, self._rng.gauss(LEVEL_DBM, FADING_DB))
            for tag, since_s in self._since_s.values()
            if since_s <= at_s
        ]


def blank_tag(rng: random.Random) -> Tag:
    """A tag as it comes from the factory: nobody's."""
    maker = bytes.fromhex("E2801170")
    return Tag(maker + rng.randbytes(8), tid=maker + rng.randbytes(8))
