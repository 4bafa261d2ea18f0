"""Which batches of one gateway are unconfirmed, and when each is sent again. Pure: time passed in.

The rules of the wire: at most 16 batches on the wire, a batch not confirmed 10 s after it was
sent goes again, then after 20, 40 and 60 s; all of them at once when link or agent are new.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from simulator.gateways.batching import SentBatch

ON_WIRE = 16
RESEND_S, RESEND_MAX_S = 10.0, 60.0
HELD = 5_000  # batches: an hour of a busy doorway; past it the oldest not on the wire goes


@dataclass
class _Held:
    batch: SentBatch
    due_s: float = 0.0
    tries: int = 0


class Window:
    """The batches of one boot of one gateway that nobody has confirmed yet."""

    def __init__(self) -> None:
        self.dropped = 0
        self.resent = 0
        self._held: OrderedDict[int, _Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def put(self, batch: SentBatch) -> None:
        """Take a new batch."""
        if len(self._held) >= HELD:
            oldest = next((seq for seq, held in self._held.items() if not held.tries), None)
            if oldest is not None:
                del self._held[oldest]
                self.dropped += 1
        self._held[batch.seq] = _Held(batch)

    def base(self) -> int | None:
        """Return the lowest seq still held."""
        return min(self._held, default=None)  # a network in disorder brings them out of order

    def due(self, now_s: float) -> list[SentBatch]:
        """Return what is to be sent now, and count it as sent."""
        on_wire = sum(held.tries > 0 for held in self._held.values())
        batches = []
        for held in self._held.values():
            if held.tries:
                if held.due_s > now_s:
                    continue
                self.resent += 1
            elif on_wire >= ON_WIRE:
                break  # those behind it are not on the wire either
            else:
                on_wire += 1
            held.due_s = now_s + min(RESEND_S * 2**held.tries, RESEND_MAX_S)
            held.tries = min(held.tries + 1, 8)
            batches.append(held.batch)
        return batches

    def confirm(self, first: int, last: int) -> None:
        """Forget the batches `first..last`: the agent has them."""
        for seq in [seq for seq in self._held if first <= seq <= last]:
            del self._held[seq]

    def send_again(self) -> None:
        """Make all that is on the wire due: the link or the agent is another."""
        for held in self._held.values():
            held.due_s = 0.0
