"""An A0 reader's Select masks (command 98): sent on the air before every round while they are set.

Set: number, target, action, bank, first bit, bits, mask, truncate. Clear: number, 0 for all. Query:
20, answered by a frame for each mask. Source: newer Rodinbell demo programs.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.modules.a0.frames import Code, demand
from simulator.modules.select import Select

QUERY = 0x20
NUMBERS = range(1, 6)
HEAD = 6  # bytes of a set command before its mask


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask: `fields` are the bytes of its set command behind the number."""

    fields: bytes

    @property
    def select(self) -> Select:
        """Return the command that the air carries."""
        target, action, bank, first, bits = self.fields[:5]
        mask = self.fields[5:-1]
        value = int.from_bytes(mask, "big") >> (len(mask) * 8 - bits)
        return Select(target, action, bank, first, bits, value)


class Masks:
    """The masks that are set, by number."""

    def __init__(self) -> None:
        self._set: dict[int, Mask] = {}

    @property
    def selects(self) -> tuple[Select, ...]:
        """Return the Selects that come before a round, in the order of their numbers."""
        return tuple(self._set[number].select for number in sorted(self._set))

    def command(self, data: bytes) -> list[bytes]:
        """Carry out a 98; return the data of each frame that answers it.

        Raises `CommandError` 43 for a bank there is not, 41 for what else is wrong.
        """
        demand(len(data) >= 1)
        number = data[0]
        if data == bytes((QUERY,)):
            return self._listing()
        if len(data) == 1:
            demand(number == 0 or number in NUMBERS)
            for cleared in list(NUMBERS) if number == 0 else [number]:
                self._set.pop(cleared, None)
            return [bytes((Code.SUCCESS,))]
        demand(number in NUMBERS and len(data) > HEAD)
        _, target, action, bank, _, bits = data[:HEAD]
        demand(target <= 4 and action <= 7)
        demand(bank <= 3, Code.BANK)
        demand(len(data) == HEAD + (bits + 7) // 8 + 1 and data[-1] <= 1)
        self._set[number] = Mask(data[1:])
        return [bytes((Code.SUCCESS,))]

    def _listing(self) -> list[bytes]:
        count = len(self._set)
        if not count:
            return [b"\x00"]
        return [bytes((number, count)) + self._set[number].fields for number in sorted(self._set)]
