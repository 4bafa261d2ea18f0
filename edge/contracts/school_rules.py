"""What must hold between the tables of a school file. Pure: a school in, sentences out."""

from collections.abc import Iterator

from edge.contracts.ids import id_problem
from edge.contracts.school import PRIVATE_KINDS, School


def cross_problems(school: School) -> list[str]:
    """Say all that is wrong between the tables, each sentence with table and key.

    An empty string stands for a value that was refused before and is passed over.
    """
    return [
        *_gateway_ids(school),
        *_unknown_rooms(school),
        *_doorway_problems(school),
        *_private_rooms(school),
        *_antennas_used_twice(school),
        *_reader_problems(school),
    ]


def _rooms_named(school: School) -> Iterator[tuple[str, str]]:
    for doorway in school.doorways.values():
        for room in dict.fromkeys(doorway.between):
            yield f"doorways.{doorway.id}.between", room
    for cart in school.carts.values():
        yield f"carts.{cart.id}.home", cart.home
    for desk in school.desks.values():
        yield f"desks.{desk.id}.room", desk.room


def _unknown_rooms(school: School) -> Iterator[str]:
    for where, room in _rooms_named(school):
        if room and room not in school.rooms:
            yield f'{where}: no room "{room}" in [rooms]'


def _gateway_ids(school: School) -> Iterator[str]:
    for name, table in (
        ("doorways", school.doorways),
        ("carts", school.carts),
        ("desks", school.desks),
    ):
        for entry in table.values():
            if entry.gateway and (wrong := id_problem(entry.gateway)):
                yield f"{name}.{entry.id}.gateway: {wrong}"


def _doorway_problems(school: School) -> Iterator[str]:
    for doorway in school.doorways.values():
        where = f"doorways.{doorway.id}"
        if not all(doorway.between):
            continue
        if doorway.between[0] == doorway.between[1]:
            yield f'{where}.between: both sides are "{doorway.between[0]}"'
        for antenna, side in doorway.antennas.items():
            if side not in doorway.between:
                one, other = doorway.between
                at = f"{where}.antennas.{antenna}"
                yield f'{at}: faces "{side}"; it can face "{one}" or "{other}"'


def _private_rooms(school: School) -> Iterator[str]:
    for where, room in _rooms_named(school):
        known = school.rooms.get(room)
        if known is not None and known.kind in PRIVATE_KINDS:
            yield f'{where}: "{room}" is a {known.kind} room; no reader may stand there'


def _antennas_used_twice(school: School) -> Iterator[str]:
    used: dict[tuple[str, int], str] = {}
    for where, gateway, antennas in _antenna_lists(school):
        for antenna in antennas if gateway else []:
            first = used.setdefault((gateway, antenna), where)
            if first != where or antennas.count(antenna) > 1:
                yield f"{where}: antenna {antenna} of {gateway} is used by {first} already"


def _antenna_lists(school: School) -> Iterator[tuple[str, str, list[int]]]:
    for doorway in school.doorways.values():
        yield f"doorways.{doorway.id}.antennas", doorway.gateway, list(doorway.antennas)
    for cart in school.carts.values():
        yield f"carts.{cart.id}.antennas", cart.gateway, cart.antennas
    for desk in school.desks.values():
        yield f"desks.{desk.id}.antennas", desk.gateway, desk.antennas


def _reader_problems(school: School) -> Iterator[str]:
    for gateway in school.gateways.values():
        antennas = [antenna for reader in gateway.readers or [] for antenna in reader.antennas]
        for antenna in sorted({a for a in antennas if antennas.count(a) > 1}):
            yield f"gateways.{gateway.id}.readers: antenna {antenna} stands at two readers"
