"""A set of whole numbers kept as sorted ranges: batch numbers come nearly without gaps."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator


class Ranges:
    """Disjoint, non-adjacent `(first, last)` ranges, both ends included."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in ranges:
            self.add(first, last)

    def add(self, first: int, last: int | None = None) -> None:
        """Put in `first` to `last` (one number when `last` is left out)."""
        last = first if last is None else last
        if self._lasts and first == self._lasts[-1] + 1:  # the usual case: the next batch
            self._lasts[-1] = last
            return
        low = bisect_right(self._lasts, first - 2)  # ranges before this one end apart from it
        high = low
        while high < len(self._firsts) and self._firsts[high] <= last + 1:
            high += 1
        if low < high:
            first = min(first, self._firsts[low])
            last = max(last, self._lasts[high - 1])
        self._firsts[low:high] = [first]
        self._lasts[low:high] = [last]

    def __contains__(self, number: int) -> bool:
        index = bisect_right(self._firsts, number) - 1
        return index >= 0 and number <= self._lasts[index]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._firsts, self._lasts, strict=True)

    def __len__(self) -> int:
        """How many numbers are in."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"Ranges({list(self)})"

    __hash__ = None  # type: ignore[assignment]  # it changes

    def union(self, other: "Ranges") -> "Ranges":
        """Return the numbers in either."""
        return Ranges([*self, *other])

    def overlap(self, other: "Ranges") -> int:
        """How many numbers are in both."""
        mine, theirs = list(self), list(other)
        count = at = 0
        for first, last in mine:
            while at < len(theirs) and theirs[at][1] < first:
                at += 1
            reach = at
            while reach < len(theirs) and theirs[reach][0] <= last:
                count += min(last, theirs[reach][1]) - max(first, theirs[reach][0]) + 1
                reach += 1
        return count
