"""How long each gateway has been looking: without looks a silence means nothing."""

from edge.contracts.readlog import LooksRow

# A gateway sends looks at least every 10 s; what a longer hole hides is not counted as looking.
_LONGEST_HOLE_S = 15.0


class Looking:
    """The looking of one gateway, in seconds that only ever grow.

    Where a log has no looks, every antenna is taken to look whenever its gateway is not known to
    be offline.
    """

    __slots__ = ("_since", "_sum", "_tells", "online")

    def __init__(self, now: float) -> None:
        self.online = True
        self._sum = 0.0
        self._tells = False  # it sends looks
        self._since = now  # the last looks, or when it came online

    def total(self, now: float) -> float:
        """Seconds of looking up to `now`, the latest arrival that the engine knows of."""
        if self._tells or not self.online:
            return self._sum
        return self._sum + max(0.0, now - self._since)

    def looked(self, row: LooksRow) -> None:
        """Take in a gateway's looks."""
        at = row.t if row.t is not None else row.rx
        if not self._tells:
            self._sum = self.total(row.rx)
            self._tells = True
            self._since = at
            return
        if at <= self._since:
            return
        if any(rounds for rounds, _ in row.looks.values()):
            self._sum += min(at - self._since, _LONGEST_HOLE_S)
        self._since = at

    def came(self, now: float, online: bool) -> None:
        """Take in that the gateway came online or went."""
        if online == self.online:
            return
        if not self._tells:
            self._sum = self.total(now)
            self._since = now
        self.online = online
