"""The confirmations of one commit: which batches it took over, for each gateway. Pure."""

from collections.abc import Iterable

from edge.agent.intake.decode import Name
from edge.agent.intake.ranges import Ranges
from edge.contracts.wire import VERSION, Ack, AckRange

# A range is at most 56 bytes of JSON, and a payload at most 6 KiB.
RANGES_IN_ONE = 100


def confirmations(names: Iterable[Name], agent: str, now_ms: int | None) -> list[tuple[str, Ack]]:
    """Return each gateway concerned with its `ack`; a long one is cut into several."""
    taken: dict[str, dict[str, Ranges]] = {}
    for name in names:
        taken.setdefault(name.gateway, {}).setdefault(name.boot, Ranges()).add(name.seq)
    acks = []
    for gateway, boots in taken.items():
        got = [AckRange(boot, first, last) for boot, seqs in boots.items() for first, last in seqs]
        for start in range(0, len(got), RANGES_IN_ONE):
            part = got[start : start + RANGES_IN_ONE]
            acks.append((gateway, Ack(v=VERSION, agent=agent, now=now_ms, got=part)))
    return acks
