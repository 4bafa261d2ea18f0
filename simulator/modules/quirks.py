"""Named oddities that real modules show, for tests of what talks to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class UnknownQuirk(ValueError):
    """A quirk's name or value that the family does not know."""


def parse_quirks(names: Iterable[str], known: Mapping[str, str], family: str) -> dict[str, float]:
    """Read `NAME` or `NAME=NUMBER` into a number for each quirk, 0 where none was given.

    `known` maps each quirk of the family to its one-line description.
    """
    quirks = {}
    for text in names:
        name, equals, value = text.partition("=")
        if name not in known:
            raise UnknownQuirk(f"{family} has no quirk {name!r}; known are {', '.join(known)}")
        try:
            quirks[name] = float(value) if equals else 0.0
        except ValueError:
            raise UnknownQuirk(f"quirk {name!r} takes a number, not {value!r}") from None
    return quirks
