"""What the school file's page says."""

import difflib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from edge.agent.school.school_book import Version
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext as _n
from edge.api.words.times import moment
from edge.contracts.school import School

AROUND = 2  # lines shown before and after a change


class Change(msgspec.Struct, frozen=True):
    """A line of a comparison: "+" came, "-" went, " " stayed, "…" stands for those between."""

    mark: str
    text: str

    @property
    def name(self) -> str:
        """Its kind as a word, for who does not see the mark."""
        return {"+": _("added"), "-": _("taken out")}.get(self.mark, "")


class Entry(msgspec.Struct, frozen=True):
    """A line of the history."""

    pos: int
    when: str
    who: str


def counts(school: School) -> str:
    """Say what a school file describes: "12 rooms, 9 doorways, 2 carts"."""
    said = [
        _n("{n} room", "{n} rooms", len(school.rooms)).format(n=len(school.rooms)),
        _n("{n} doorway", "{n} doorways", len(school.doorways)).format(n=len(school.doorways)),
        _n("{n} cart", "{n} carts", len(school.carts)).format(n=len(school.carts)),
        _n("{n} desk", "{n} desks", len(school.desks)).format(n=len(school.desks)),
        _n("{n} gateway", "{n} gateways", len(school.gateway_ids)).format(
            n=len(school.gateway_ids)
        ),
    ]
    return ", ".join(said)


def entry(version: Version, school: School, now: float) -> Entry:
    """Say when a version came, and from whom."""
    when = moment(version.at, now, school.zone)
    if not version.by_page:
        return Entry(version.pos, when, _("changed in the file itself"))
    return Entry(version.pos, when, version.account or _("from this machine"))


def changes(before: str, after: str) -> list[Change]:
    """Compare two texts line by line; what stays is shown around changes only."""
    return list(_changes(before.splitlines(), after.splitlines()))


def _changes(before: list[str], after: list[str]) -> Iterator[Change]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number:
            yield Change("…", "")
        for kind, first, last, first_after, last_after in group:
            if kind == "equal":
                yield from (Change(" ", line) for line in before[first:last])
                continue
            yield from (Change("-", line) for line in before[first:last])
            yield from (Change("+", line) for line in after[first_after:last_after])


def nothing_wrong() -> str:
    """Say that a text that was checked is good."""
    return _("Nothing is wrong with it.")


def saved() -> str:
    """Say that a text was saved."""
    return _("Saved. It is in force from now on.")


def unchanged() -> str:
    """Say that there was nothing to save."""
    return _("The file reads like this already.")


def wrong(count: int) -> str:
    """Say that it cannot be saved."""
    said = _n("One thing is wrong.", "{n} things are wrong.", count).format(n=count)
    return f"{said} " + _("Nothing was changed; put it right and check it again.")


def changed_meanwhile() -> str:
    """Say that somebody else changed the file."""
    return _(
        "The file was changed meanwhile, and nothing was saved. Below is what your text would"
        " change in the file as it is now. Save again only if that is what you want."
    )


def not_writable(path: Path, reason: str) -> str:
    """Say that the file could not be replaced, and what to do."""
    said = _("It was not saved: {path} cannot be replaced ({reason}).")
    return f"{said.format(path=path, reason=reason)} {_make_writable()}"


def cannot_be_saved(path: Path) -> str:
    """Say before anything is written that it cannot be saved here, and what to do."""
    said = _("Nothing can be saved from here: {path} cannot be replaced.").format(path=path)
    return f"{said} {_make_writable()}"


def _make_writable() -> str:
    return _(
        "Let the user that Rollcall runs as write in its folder, or move the file into the data"
        " folder and name it in rollcall.toml as “school”; then start the agent again."
    )


def rooms_added(count: int) -> str:
    """Say that nothing is saved yet of a list of rooms."""
    said = _n("{n} new room.", "{n} new rooms.", count).format(n=count)
    return f"{said} " + _("Look over what is added, then save it.") if count else said


def too_long() -> str:
    """Say that it is larger than any school's."""
    return _("This is too long for a school file. Nothing was changed.")
