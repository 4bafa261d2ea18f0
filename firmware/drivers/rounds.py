"""Inventory rounds of modules that do not say where one ends."""

from array import array


class RoundCounter:
    """Counts rounds from the tags heard: one ends where a tag answers that already has in it.

    An estimate, a little low where the tags of two rounds in a row do not overlap. `heard` tells
    tags apart by a 16-bit number, their CRC, and allocates nothing.
    """

    def __init__(self):
        self.rounds = 0
        self._round = 1  # number of the current round, stamped on the tags heard in it
        self._open = False
        self._tag = array("H", (0 for _ in range(256)))
        self._heard_in = array("H", (0 for _ in range(256)))

    def heard(self, number):
        """A tag answered; `number` is its CRC."""
        slot = number & 0xFF
        if self._heard_in[slot] == self._round and self._tag[slot] == number:
            self.end()
        self._tag[slot] = number
        self._heard_in[slot] = self._round
        self._open = True

    def empty(self):
        """The module said that a round ended in which nothing answered."""
        self.end()
        self.rounds += 1

    def end(self):
        """Whatever round was under way has ended."""
        if self._open:
            self._open = False
            self.rounds += 1
            self._round = self._round % 0xFFFF + 1

    def take(self):
        """The rounds since the last call; the one under way counts as ended."""
        self.end()
        rounds, self.rounds = self.rounds, 0
        return rounds
