"""A new gateway's place: what its form says as sections of the school file, or what it lacks."""

from collections.abc import Collection
from typing import Protocol, get_args

from edge.api.words.language import gettext as _
from edge.contracts import school_stanzas as stanzas
from edge.contracts.school import Family, School

MOST_ANTENNAS = 16


class NotPlaced(ValueError):
    """The form lacks something; the text says what."""


class Fields(Protocol):
    """A form's fields, "" where one is not there."""

    def __getitem__(self, name: str) -> str: ...


def sections(fields: Fields, gateway: str, school: School) -> list[str]:
    """Return what is to be added to the school file; the file's own rules are not asked here.

    Raises:
        NotPlaced: something is missing that the sections cannot do without.
    """
    id_, name = fields["id"].strip(), fields["name"].strip()
    if not id_:
        raise NotPlaced(_("Give it an id: small letters, digits and “-”."))
    made, antennas = _PLACES.get(fields["as"], _doorway)(fields, gateway, id_, name)
    if id_ in _taken(fields["as"], school):
        raise NotPlaced(_("The id “{id}” is taken; choose another.").format(id=id_))
    family = fields["family"]
    if family in get_args(Family) and gateway not in school.gateways:
        return [made, stanzas.gateway(gateway, family, antennas)]  # type: ignore[arg-type]
    return [made]


def kinds() -> dict[str, str]:
    """Where a gateway can stand, and how the page calls it."""
    return {"doorway": _("At a doorway"), "cart": _("In a cart"), "desk": _("At a desk")}


def look_it_over() -> str:
    """Say that nothing is saved yet."""
    return _("This is what is added. Look it over, then save it: it is in force at once.")


def free_id(gateway: str, kind: str, school: School) -> str:
    """Propose an id for the place of a gateway: "gw-d101" stands at "d101"."""
    taken = _taken(kind, school)
    wanted = gateway.removeprefix("gw-")
    tries = [wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in tries if one not in taken)


def _taken(kind: str, school: School) -> Collection[str]:
    others: dict[str, Collection[str]] = {"cart": school.carts, "desk": school.desks}
    return others.get(kind, school.doorways)


def _doorway(fields: Fields, gateway: str, id_: str, name: str) -> tuple[str, list[int]]:
    between = fields["one"], fields["other"]
    sides = {
        number: between[0] if faces == "one" else between[1]
        for number in range(1, MOST_ANTENNAS + 1)
        if (faces := fields[f"antenna{number}"]) in ("one", "other")
    }
    if not all(between):
        raise NotPlaced(_("Choose the two rooms that the doorway joins."))
    if not sides:
        raise NotPlaced(_("Say which side at least one antenna faces."))
    return stanzas.doorway(id_, between, gateway, sides, name), sorted(sides)


def _cart(fields: Fields, gateway: str, id_: str, name: str) -> tuple[str, list[int]]:
    antennas, capacity = _antennas(fields), fields["capacity"].strip() or "30"
    if not fields["room"]:
        raise NotPlaced(_("Choose the room."))
    if not capacity.isdecimal():
        raise NotPlaced(_("Say how many devices the cart holds."))
    made = stanzas.cart(id_, fields["room"], gateway, antennas, int(capacity), name)
    return made, antennas


def _desk(fields: Fields, gateway: str, id_: str, name: str) -> tuple[str, list[int]]:
    antennas = _antennas(fields)
    if not fields["room"]:
        raise NotPlaced(_("Choose the room."))
    return stanzas.desk(id_, fields["room"], gateway, antennas, name), antennas


def _antennas(fields: Fields) -> list[int]:
    chosen = [n for n in range(1, MOST_ANTENNAS + 1) if fields[f"antenna{n}"] == "yes"]
    if not chosen:
        raise NotPlaced(_("Choose at least one antenna."))
    return chosen


_PLACES = {"doorway": _doorway, "cart": _cart, "desk": _desk}
