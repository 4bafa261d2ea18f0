"""What chosen gateways report, row by row, to whoever listens for a while."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from edge.contracts.readlog import Row

Take = Callable[[Sequence[Row]], None]  # called on the event loop; must not wait


class Listening:
    """Who listens to which gateway. Nobody costs a batch one look into an empty dict."""

    def __init__(self) -> None:
        self._by_gateway: dict[str, list[Take]] = {}

    @contextmanager
    def to(self, gateway: str, take: Take) -> Iterator[None]:
        """Give `take` the rows of each batch of a gateway that is journaled meanwhile."""
        takes = self._by_gateway.setdefault(gateway, [])
        takes.append(take)
        try:
            yield
        finally:
            takes.remove(take)
            if not takes:
                del self._by_gateway[gateway]

    def tell(self, gateway: str, rows: Sequence[Row]) -> None:
        """Pass on what a gateway's batch said."""
        for take in self._by_gateway.get(gateway, ()):
            take(rows)
