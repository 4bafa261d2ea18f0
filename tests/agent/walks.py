"""Batches of devices at work: they lie in a cart, and some are carried through a doorway."""

from typing import Any

from tests.agent.schools import epc, payload

CART_TAGS = range(1, 13)
WALKERS = range(13, 19)
SECOND_MS = 1000


def cart(start_ms: int, seconds: int) -> list[dict[str, Any]]:
    """A cart's batches: each tag once a second on one antenna; half are taken out half-way."""
    batches = []
    for second in range(seconds):
        tags = [n for n in CART_TAGS if n % 2 or second < seconds // 2]
        reads = [[epc(n), 1 + n % 2, -50.0 - n % 5, n * 20, 5, 400, 200] for n in tags]
        batches.append(_batch(start_ms, second, reads))
    return batches


def doorway(start_ms: int, seconds: int) -> list[dict[str, Any]]:
    """A doorway's batches: a walker every ten seconds, from antenna 1's side to antenna 2's."""
    batches = []
    for second in range(seconds):
        phase, walk = second % 10, second // 10
        tag = WALKERS[walk % len(WALKERS)]
        reads = []
        if phase < 4:
            near = -45.0 - 6 * phase
            far = -63.0 + 6 * phase
            for part in range(4):
                at = part * 250
                reads.append([epc(tag), 1, near - part, at, 3, 200, 100])
                reads.append([epc(tag), 2, far + part, at + 20, 3, 200, 100])
        batches.append(_batch(start_ms, second, reads))
    return batches


def _batch(start_ms: int, second: int, reads: list[Any]) -> dict[str, Any]:
    at = second * SECOND_MS
    looks = {"1": [14, 480], "2": [13, 480]}
    return payload(reads, t=start_ms + at, up=5000 + at, sync=5, looks=looks)
