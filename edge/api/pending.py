"""What somebody was shown and has not confirmed yet: kept in memory, for a while, a few at a time.

Nothing of it is written: an agent that starts again has forgotten it, and it is sent again.
"""

import secrets
from collections.abc import Callable, Sequence

import msgspec

from edge.contracts.devices import Device

KEPT_S = 1800.0
AT_MOST = 4  # lists of 40,000 devices take some 20 MB each


class _Kept(msgspec.Struct, frozen=True):
    at: float
    account: str | None
    devices: Sequence[Device]


class PendingLists:
    """Lists of devices by a key that only the page knows which showed them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def keep(self, account: str | None, devices: Sequence[Device]) -> str:
        """Keep a list for its account; the oldest goes where there are too many."""
        key = secrets.token_hex(16)
        self._kept[key] = _Kept(self._clock(), account, devices)
        for old in list(self._kept)[:-AT_MOST]:
            del self._kept[old]
        return key

    def take(self, key: str, account: str | None) -> Sequence[Device] | None:
        """Give a list out, once; None where it is not kept, or not for this account."""
        kept = self._kept.get(key)
        if kept is None or kept.account != account:
            return None
        del self._kept[key]
        return kept.devices if self._clock() - kept.at <= KEPT_S else None
