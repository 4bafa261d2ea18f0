"""The roles, and which of them see every place."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the school. `board` is whoever is not signed in."""

    BOARD = "board"  # counts and missing numbers; no account has it
    TEACHER = "teacher"  # besides: places, for carts homed in or now in the account's own rooms
    OFFICE = "office"  # every place; loans and holders
    TECH = "tech"  # every place; gateways and tags
    AUDITOR = "auditor"  # every place; changes nothing
    ADMIN = "admin"  # all, and the accounts


ALL = tuple(Role)
SIGNED_IN = tuple(role for role in Role if role is not Role.BOARD)
SEE_ALL_PLACES = (Role.OFFICE, Role.TECH, Role.AUDITOR, Role.ADMIN)
