"""How guessing ends: after some wrong passwords each further try has to wait, longer and longer.

Pure: time comes in, as seconds that never jump. Counted for the account, whoever asks, and for the
address, whatever it asks for; of both the longer wait holds. lockout_book.py keeps it over a
restart.
"""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Literal

import msgspec

AT_MOST = 10_000  # accounts, and addresses; past it those that failed longest ago are forgotten
FORGOTTEN_AFTER_S = 3600.0


class Rule(msgspec.Struct, frozen=True):
    """`free` tries, then a wait that doubles from `first_s` to `longest_s`."""

    free: int
    first_s: float = 30.0
    longest_s: float = 900.0
    forgotten_after_s: float = FORGOTTEN_AFTER_S

    def wait_s(self, failures: int) -> float:
        """How long to wait after so many failures."""
        over = failures - self.free
        if over < 0:
            return 0.0
        return min(self.first_s * 2.0 ** min(over, 16), self.longest_s)


ACCOUNT = Rule(free=5)
ADDRESS = Rule(free=30)  # a whole school may come from one address


class Locked(msgspec.Struct, frozen=True):
    """How an account or an address stands; `last` is when it failed last, where that is kept."""

    kind: Literal["account", "address"]
    who: str
    failures: int
    last: float = 0.0
    waits: bool = True


class Lockout:
    """The failures of late, and how long to wait because of them."""

    def __init__(self) -> None:
        self._accounts = _Failures(ACCOUNT)
        self._addresses = _Failures(ADDRESS)

    def wait_s(self, account: str, address: str, now: float) -> float:
        """How long this account is not to be tried from this address; 0: it may be now."""
        address = _network(address)
        return max(self._accounts.wait_s(account, now), self._addresses.wait_s(address, now))

    def failed(self, account: str, address: str, now: float) -> None:
        """Count a try. Count it before it is judged: many at once must not all be free."""
        self._accounts.count(account, now)
        self._addresses.count(_network(address), now)

    def succeeded(self, account: str, address: str) -> None:
        """Forget the account's failures, and the one try of the address that was counted."""
        self._accounts.forget(account)
        self._addresses.take_back(_network(address))

    def recall(self, one: Locked, last: float) -> None:
        """Take up what an earlier run knew; `last` as a time of this one."""
        (self._accounts if one.kind == "account" else self._addresses).recall(one, last)

    def standing(self, account: str, address: str) -> list[Locked]:
        """How both stand now."""
        network = _network(address)
        return [
            Locked("account", account, *self._accounts.standing(account)),
            Locked("address", network, *self._addresses.standing(network)),
        ]


class _Failures:
    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._of: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, who: str, now: float) -> float:
        failures, last = self._of.get(who, (0, now))
        return max(0.0, last + self._rule.wait_s(failures) - now)

    def count(self, who: str, now: float) -> None:
        failures, last = self._of.pop(who, (0, now))
        if now - last > self._rule.forgotten_after_s:
            failures = 0
        self._of[who] = (failures + 1, now)
        if len(self._of) > AT_MOST:
            self._of.popitem(last=False)

    def recall(self, one: Locked, last: float) -> None:
        self._of[one.who] = (one.failures, last)

    def standing(self, who: str) -> tuple[int, float, bool]:
        failures, last = self._of.get(who, (0, 0.0))
        return failures, last, failures >= self._rule.free

    def take_back(self, who: str) -> None:
        failures, last = self._of.get(who, (0, 0.0))
        if failures:
            self._of[who] = (failures - 1, last)

    def forget(self, who: str) -> None:
        self._of.pop(who, None)


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6 the /64 that one household or phone has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(IPv6Address(int(ip) >> 64 << 64))
