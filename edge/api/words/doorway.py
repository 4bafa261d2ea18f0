"""What the doorway wizard's page says of a trial: what to do now, and what came of it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext
from edge.api.words.places import doorway_name, room_name
from edge.commissioning.power import ENOUGH, Tried
from edge.commissioning.sides import verdict
from edge.commissioning.trial import Trial
from edge.commissioning.walks import Walk, reads_in
from edge.contracts.school import Doorway, School

MOST_HEARD = 12  # to choose from; the tag in the hand is among the strongest


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A trial told: `now` is what to do, `step` how far it is, `walks` those of this step.

    `sides` and `powers` are sentences of what was found, `result` the one that counts.
    """

    now: str
    step: str
    walks: list[str]
    sides: list[str]
    powers: list[str]
    result: str


def shown(trial: Trial, school: School) -> Shown:
    """Tell a trial."""
    return Shown(
        now=_now(trial, school),
        step=_step(trial),
        walks=[_walk(trial, walk, school) for walk in trial.walks],
        sides=_sides(trial, school),
        powers=[_tried(one) for one in trial.tried],
        result=_result(trial),
    )


def name(doorway: Doorway, school: School) -> str:
    """Name a doorway at the beginning of a line."""
    called = doorway_name(school, doorway.id)
    return called[:1].upper() + called[1:]


def outside_warning() -> str:
    """Say what walking out does where the doorway leads out of the building."""
    return _(
        "This doorway leads outside: the walks may raise an alert. "
        "It closes when the tag is back inside."
    )


def no_power() -> str:
    """Say why there is no search for the lowest power."""
    return _(
        "To look for the lowest power, give these antennas a power in the school file first: "
        "it is the most that is tried, and what the gateway goes back to."
    )


def _now(trial: Trial, school: School) -> str:
    here, there = room_name(school, trial.at), room_name(school, trial.goal)
    if trial.phase == "over":
        return _over(trial)
    if trial.phase == "told":
        return _("That is all for the sides.")
    if trial.is_ready:
        said = _(
            "Walk with the tag from {here} to {there}, until four steps beyond the door. "
            "Then press."
        )
        return said.format(here=here, there=there)
    if trial.walks:
        return _("Wait: the gateway has not yet reported on all walks.")
    said = _("Wait until the antennas send with {dbm} dBm. Stay in {here}, four steps away.")
    return said.format(dbm=trial.wants_dbm, here=here)


def _over(trial: Trial) -> str:
    if trial.end == "trouble":
        return _("It ended, because: {reason}").format(reason=trial.trouble)
    if trial.end == "idle":
        return _("It ended: nobody walked for five minutes. The gateway goes back to its power.")
    if trial.end == "left":
        return _("It was ended. The gateway goes back to its power.")
    return _("Done. The gateway goes back to its power.")


def _step(trial: Trial) -> str:
    if trial.phase not in ("sides", "power"):
        return ""
    at = min(len(trial.walks) + 1, trial.wanted)
    if trial.wants_dbm is None:
        return _("Walk {n} of {of}").format(n=at, of=trial.wanted)
    said = _("{dbm} dBm, walk {n} of {of}")
    return said.format(dbm=trial.wants_dbm, n=at, of=trial.wanted)


def _walk(trial: Trial, walk: Walk, school: School) -> str:
    reads = reads_in(walk, trial.heard)
    heard = [
        ngettext("antenna {antenna}: {n} read", "antenna {antenna}: {n} reads", n).format(
            antenna=antenna, n=n
        )
        for antenna in sorted(trial.doorway.antennas)
        for n in [reads.get(antenna, 0)]
    ]
    found = {True: _("read"), False: _("missed"), None: _("nothing yet")}[trial.read(walk)]
    if trial.read(walk) and not trial.read_from_every_side(walk):
        found = _("read from one side")
    way = _("To {room}").format(room=room_name(school, walk.goal))
    return f"{way}: {', '.join(heard)} – {found}"


def _sides(trial: Trial, school: School) -> list[str]:
    filed = _filed(trial, school)
    if len(set(filed.values())) < 2:
        return [_("All antennas face one room: walks cannot tell a side.")]
    if not trial.told or trial.phase == "sides":
        return []
    said = []
    never = filed.keys() - {one.antenna for one in trial.heard}
    for antenna, room in sorted(trial.told.items()):
        if antenna in never:
            words = _(
                "Antenna {antenna} never heard the tag: is it plugged in, is its power enough?"
            )
        elif room is None:
            words = _("Antenna {antenna}: the walks do not tell its side.")
        elif room == filed[antenna]:
            words = _("Antenna {antenna} faces {room}, as in the school file.")
        else:
            words = _("Antenna {antenna} faces {room}. The school file says {filed}.")
        there = "" if room is None else room_name(school, room)
        stands = room_name(school, filed[antenna])
        said.append(words.format(antenna=antenna, room=there, filed=stands))
    if verdict(trial.told, filed) == "exchanged":
        said.append(_("They are the other way round: change the plugs, or the school file."))
    return said


def _filed(trial: Trial, school: School) -> dict[int, str]:
    """The sides of the school file in force: it may have been changed since."""
    now = school.doorways.get(trial.doorway.id)
    same = now is not None and now.antennas.keys() == trial.doorway.antennas.keys()
    return now.antennas if now is not None and same else trial.doorway.antennas


def _tried(one: Tried) -> str:
    if one.silent:
        said = _("{dbm} dBm: not every antenna sends at this power.")
        return said.format(dbm=one.dbm)
    said = ngettext(
        "{dbm} dBm: {read} of {n} walk read", "{dbm} dBm: {read} of {n} walks read", one.walks
    )
    return said.format(dbm=one.dbm, read=one.read, n=one.walks)


def _result(trial: Trial) -> str:
    if trial.found is None:
        return ""
    if trial.found.dbm is None:
        said = _(
            "Not even {dbm} dBm was enough for {n} walks of {n}. Move or turn the antennas; "
            "more power has to stand in the school file first."
        )
        return said.format(dbm=trial.most_dbm, n=ENOUGH)
    said = _("{dbm} dBm is the lowest power at which {n} walks of {n} were read.")
    said = said.format(dbm=trial.found.dbm, n=ENOUGH)
    both = sum(one.every_side for one in trial.tried if one.dbm == trial.found.dbm)
    if both == ENOUGH:
        return said
    words = _(
        "Every side heard {n} of them: where only one does, the way through is less sure. "
        "A little more power, or another place for the weaker antenna, may help."
    )
    return f"{said} {words.format(n=both)}"


class HeardTag(msgspec.Struct, frozen=True):
    """A tag that the gateway hears, to choose from."""

    epc: str
    says: str


def strongest_first(reply: Mapping[str, Any]) -> list[str]:
    """Return the tags that a sweep heard, the strongest, then the most read first."""
    best: dict[str, tuple[float, int]] = {}
    for epc, _antenna, reads, level in reply.get("tags", []):
        rank = (-999.0 if level is None else float(level), int(reads))
        best[epc] = max(rank, best.get(epc, rank))
    return sorted(best, key=lambda epc: best[epc], reverse=True)


def heard(reply: Mapping[str, Any], labels: Mapping[str, str]) -> list[HeardTag]:
    """Name what a sweep heard: tags without a record (`labels` has the others') come first."""
    order = strongest_first(reply)
    levels = {epc: [lv for e, _a, _n, lv in reply["tags"] if e == epc] for epc in order}
    found = []
    for epc in sorted(order, key=lambda epc: epc in labels):
        called = _("device {label}").format(label=labels[epc]) if epc in labels else _("new tag")
        known = [level for level in levels[epc] if level is not None]
        level = f", {max(known):g} dBm" if known else ""
        found.append(HeardTag(epc, f"{epc[-8:]} ({called}{level})"))
    return found[:MOST_HEARD]


def wrong_tag() -> str:
    """Say what a test tag has to be."""
    return _(
        "This is no tag that the gateway would report: "
        "hexadecimal digits in groups of four, beginning as the school's tags do."
    )


def by_hand() -> str:
    """Say that the school file has to be changed by a person."""
    return _("The school file is laid out in another way: change it by hand.")
