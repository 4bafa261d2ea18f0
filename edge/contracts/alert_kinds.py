"""Every kind of alert by its name: why it closes, and the one sentence that page and notices say.

A sentence says what is the matter, where, and what to do; of persons it knows nothing. It is a
template, so that a catalogue is all another language needs. What stands in its braces are `device`,
`doorway`, `gateway`, `at` (when it began), and the fields of the alert's `why`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """One kind: its sentence, the words for a `why` that tells more, the reasons that close it."""

    says: str
    closed_by: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "left-building": Kind(
        "Device {device} left by {doorway} at {at}, and nothing allows it: see who has it, "
        "or lend it if it may go.",
        ("returned", "allowed"),
    ),
    "not-back": Kind(
        "Device {device} was to be back by {due} and was not seen since: ask who has it, "
        "or make its loan longer.",
        ("returned", "allowed"),
    ),
    "missing": Kind(
        "Nothing was heard of device {device} for {school_days} school days: look for it first "
        "at {place}, where it answered last.",
        ("seen again", "lent", "removed"),
    ),
    "unexpected-room": Kind(
        "Device {device} has stood in {room} since {at}, which is not its room: bring it home, "
        "or make {room} its home.",
        ("home", "moved", "removed"),
    ),
    "clone": Kind(
        "Two tags seem to answer with the number of device {device}, one of them at {place}: find "
        "both, and write one anew.",
        ("tag replaced", "no more", "readers overlap", "removed"),
    ),
    "gateway-offline": Kind(
        "{gateway} is offline since {since}, and nobody reads {blind}: check its power and "
        "its network.",
        ("back online", "removed"),
    ),
    "gateway-silent": Kind(
        "{gateway} is online but has sent nothing since {since}, and nobody reads {blind}: switch "
        "it off and on.",
        ("sends again", "offline", "removed"),
    ),
    "not-looking": Kind(
        "{gateway} has not looked with antenna {antenna} since {since}: check its reader module, "
        "the module's cable, and whether it is hot.",
        ("looks again", "offline", "removed"),
    ),
    "deaf-antenna": Kind(
        "Antenna {antenna} of {gateway} at {doorway} hears nothing that the others hear, since "
        "{last_heard}: check its cable and what stands before it.",
        ("reads again", "removed"),
    ),
    "exchanged-antennas": Kind(
        "The antennas of {gateway} at {doorway} seem to be plugged in the wrong way round: "
        "{devices} devices were heard next on the side that they had left. Exchange their plugs, "
        "or what the school file says of them; until then crossings are read the other way.",
        ("wired as the school file says", "removed"),
    ),
    "read-rate": Kind(
        "{place} heard tags in only {minutes} minutes of the school day, where {usual_minutes} are "
        "usual, for {days} days now: check its antennas, their cables and what stands before them.",
        ("as usual again", "removed"),
    ),
    "level-drift": Kind(
        "Antenna {antenna} of {gateway} at {doorway} hears everything {drift_db} dB louder (below "
        "0: weaker) than it used to: check its plug and cable, and what stands before it.",
        ("as usual again", "removed"),
    ),
    "swapped-gateways": Kind(
        "{gateway} and {other} seem to stand at each other's places: exchange them, or their names "
        "in the school file.",
        ("put right",),
    ),
    "clock-wrong": Kind(
        "The clock of {gateway} is wrong by {off} s since {since}, and its reads are placed by "
        "when they come: check that it reaches its time server.",
        ("right again", "removed"),
    ),
    "two-boards": Kind(
        "Two boards call themselves {gateway}: give one of them another id.",
        (),
    ),
    "set-aside": Kind(
        "Row {row} of the journal could not be worked out and was set aside ({reason}); all else "
        "goes on. This is a fault of Rollcall: report it with the agent's log.",
        (),
    ),
}
# An alert of a kind that this version does not know, from a newer agent's ledger.
UNKNOWN = Kind("Something needs a look ({rule}, {gateway} {doorway} {device}).", ())


class Told(Protocol):
    """What an alert has, as an event or as the ledger keeps it."""

    @property
    def rule(self) -> str:
        """Its kind."""

    @property
    def t(self) -> float:
        """When it began, Unix s."""

    @property
    def epc(self) -> str | None:
        """The device it is about."""

    @property
    def doorway(self) -> str | None:
        """The doorway."""

    @property
    def gateway(self) -> str | None:
        """The gateway."""

    @property
    def why(self) -> dict[str, Any]:
        """Its evidence."""


class Names(Protocol):
    """How people call things."""

    def device(self, epc: str) -> str:
        """What stands on the lid."""

    def place(self, kind: str, id_: str) -> str:
        """Name a "room", "doorway", "cart", "desk" or "gateway"."""

    def moment(self, at: float) -> str:
        """Say a time (Unix s) in the school's time."""


def sentence(alert: Told, names: Names, translate: Callable[[str], str] = str) -> str:
    """Say an alert in one sentence."""
    said: dict[str, str] = {"rule": alert.rule, "at": names.moment(alert.t)}
    said["device"] = names.device(alert.epc) if alert.epc else ""
    said["doorway"] = names.place("doorway", alert.doorway) if alert.doorway else ""
    said["gateway"] = names.place("gateway", alert.gateway) if alert.gateway else ""
    said |= {key: _word(key, value, names) for key, value in alert.why.items()}
    kind = KINDS.get(alert.rule, UNKNOWN)
    return translate(kind.says).format_map(_Known(said))


class _Known(dict[str, str]):
    """Of what an older engine did not tell the sentence says "?"."""

    def __missing__(self, key: str) -> str:
        return "?"


_MOMENTS = frozenset({"since", "due", "left", "last_heard"})
_GATEWAYS = frozenset({"other"})


def _word(key: str, value: Any, names: Names) -> str:
    if isinstance(value, list):
        return ", ".join(_word(key, item, names) for item in value)
    if key in _MOMENTS and isinstance(value, int | float):
        return names.moment(value)
    if isinstance(value, str):
        if key in ("room", "own"):
            return names.place("room", value)
        if key in _GATEWAYS:
            return names.place("gateway", value)
        kind, slash, id_ = value.partition("/")
        if slash:
            return names.place(kind, id_)
    return str(value)
