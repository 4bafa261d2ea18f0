"""Where in time a batch belongs: by its own clock, else by when its boot's batches came. Pure."""

import msgspec

from edge.contracts.wire import Batch

# A batch cannot have begun after it came. Two clocks set by SNTP differ by less than this.
FUTURE_MS = 10_000
# A batch says when it was sent, and brokers hold nothing for long: one whose own time lies
# further before its sending than this has a clock that was set wrong.
PAST_MS = 3_600_000
# 2025-01-01: no gateway is older. A batch of an older boot says nothing else to judge it by.
EARLIEST_MS = 1_735_689_600_000


class Placement(msgspec.Struct, frozen=True):
    """Unix ms of the batch's zero, or None where nothing says it.

    `odd` is set when the gateway's own time could not be right and was not used.
    """

    at_ms: int | None
    odd: str | None = None


def boot_offset(batch: Batch, arrival_ms: int, offset_ms: int | None) -> int | None:
    """Return the smallest (arrival - `sent`) of a boot's batches, this one counted in."""
    if batch.sent is None:
        return offset_ms
    shown = arrival_ms - batch.sent
    return shown if offset_ms is None else min(offset_ms, shown)


def place(batch: Batch, arrival_ms: int, offset_ms: int | None) -> Placement:
    """Place a batch; `offset_ms` is what `boot_offset` gave for its boot.

    A batch of an older boot has no `sent`: without a `t` that can be right it stays unplaced.
    """
    odd = _odd(batch, arrival_ms)
    if batch.t is not None and odd is None:
        return Placement(batch.t)
    if batch.sent is None or offset_ms is None:
        return Placement(None, odd)
    return Placement(batch.up + offset_ms, odd)


def _odd(batch: Batch, arrival_ms: int) -> str | None:
    if batch.t is None:
        return None
    if batch.sent is None:
        if batch.t < EARLIEST_MS:
            return "before there were gateways"
        ahead = batch.t - arrival_ms
        return f"{ahead / 1000:.0f} s in the future" if ahead > FUTURE_MS else None
    expected = arrival_ms - (batch.sent - batch.up)
    off = batch.t - expected
    if off > FUTURE_MS:
        return f"{off / 1000:.0f} s in the future"
    if off < -PAST_MS:
        return f"{-off / 1000:.0f} s before it was sent"
    return None
