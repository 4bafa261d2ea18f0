"""What is joined to what in a harness: wires of one net, and signals that pass through a part."""

from typing import Any

Pin = tuple[str, str]  # part, label

# In a level shifter what comes in at the one goes out at the other.
PASSES = {"UP A": "UP Y", "DOWN A": "DOWN Y", "T1IN": "T1OUT", "R1IN": "R1OUT"}


class Nets:
    """The wiring of one harness."""

    def __init__(self, harness: dict[str, Any]) -> None:
        self.parts: dict[str, dict[str, Any]] = harness["connectors"]
        self._joined: dict[Pin, set[Pin]] = {}
        for first, _, second in harness["connections"]:
            for one, other in zip(self._pins(first), self._pins(second), strict=True):
                self._joined.setdefault(one, set()).add(other)
                self._joined.setdefault(other, set()).add(one)

    def wired(self, pin: Pin) -> bool:
        return pin in self._joined

    def net(self, pin: Pin) -> set[Pin]:
        """Every pin that wires join to this one, itself included."""
        found, ahead = {pin}, [pin]
        while ahead:
            new = self._joined.get(ahead.pop(), set()) - found
            found |= new
            ahead += new
        return found

    def receiver(self, pin: Pin) -> Pin:
        """Where a signal that leaves at this pin ends, through level shifters."""
        (end,) = self.net(pin) - {pin}
        part, label = end
        return self.receiver((part, PASSES[label])) if label in PASSES else end

    def _pins(self, end: dict[str, list[Any]]) -> list[Pin]:
        ((part, named),) = end.items()
        labels = self.parts[part]["pinlabels"]
        numbers = self.parts[part].get("pins", list(range(1, len(labels) + 1)))
        return [(part, n if n in labels else labels[numbers.index(n)]) for n in named]
