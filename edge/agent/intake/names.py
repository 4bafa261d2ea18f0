"""Which batches came already: a gateway, a boot and a seq name one for ever."""

from collections.abc import Mapping

from edge.agent.intake.ranges import Ranges


class Names:
    """The names of all batches that were taken over, in little memory."""

    def __init__(self, known: Mapping[tuple[str, str], Ranges] | None = None) -> None:
        self._seqs = dict(known or {})

    def has(self, gateway: str, boot: str, seq: int) -> bool:
        """Whether a batch of this name came."""
        seqs = self._seqs.get((gateway, boot))
        return seqs is not None and seq in seqs

    def add(self, gateway: str, boot: str, seq: int) -> None:
        """A batch of this name came."""
        key = (gateway, boot)
        if key not in self._seqs:
            self._seqs[key] = Ranges()
        self._seqs[key].add(seq)
