"""What every fault on the way from gateway to agent has in common."""

from __future__ import annotations

from simulator.gateways.batching import Notice, SentBatch


class WayFault:
    """Changes what a gateway says, or when the agent has it; this one changes nothing."""

    def carry(self, batch: SentBatch) -> list[SentBatch]:
        """Return what becomes of a batch; none of it arrives before the batch would have."""
        return [batch]

    def notice(self, notice: Notice) -> Notice:
        """Return what becomes of word that a gateway came or went."""
        return notice

    def notices(self, begin_ms: int, end_ms: int) -> list[Notice]:
        """Return the comings and goings that the fault itself brings about in a stretch."""
        return []
