"""What the page says of a list of devices before it is taken in."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from edge.agent.tags.device_changes import DeviceChanges, Unknown
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext as _n
from edge.api.words.refusals import told
from edge.contracts.csv_lines import LineProblem

SHOWN = 50  # lines that are wrong


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences on what is changed, what to look at, and the lines that are wrong."""

    counts: list[str]
    remarks: list[str]
    wrong: list[str]
    more_wrong: int
    to_take: int


def preview(changes: DeviceChanges, unknown: Unknown, problems: Sequence[LineProblem]) -> Preview:
    """Say what a list would do."""
    wrong = [problem for problem in problems if problem.refused]
    remarks = [told(problem.reason) for problem in problems if not problem.refused]
    return Preview(
        counts=list(_counts(changes, len(wrong))),
        remarks=[*remarks, *_remarks(changes, unknown)],
        wrong=[line(problem) for problem in wrong[:SHOWN]],
        more_wrong=max(0, len(wrong) - SHOWN),
        to_take=len(changes.added) + len(changes.changed),
    )


def taken(count: int) -> str:
    """Say that a list was taken in."""
    said = _n("{n} record was taken in.", "{n} records were taken in.", count).format(n=count)
    return f"{said} " + _("The lists show them within seconds; a large list takes a minute.")


def forgotten() -> str:
    """Say that what was shown is not kept any more."""
    return _("This list is not kept any more. Nothing was taken in; choose the file again.")


def no_file() -> str:
    """Say that no file came."""
    return _("Choose a file first.")


def not_a_list(reason: str) -> str:
    """Say that a file is none."""
    return _("Nothing was taken in: {reason}.").format(reason=told(reason))


def line(problem: LineProblem) -> str:
    """Say what is wrong with a line."""
    return _("Line {line}: {reason}").format(line=problem.line, reason=told(problem.reason))


def column_name(column: str) -> str:
    """What a column is called."""
    names = {
        "asset_tag": _("asset tag"),
        "serial": _("serial number"),
        "model": _("model"),
        "home": _("room"),
        "cart": _("cart"),
        "number": _("number"),
    }
    return names.get(column, column)


def _counts(changes: DeviceChanges, wrong: int) -> Iterable[str]:
    added, changed = len(changes.added), len(changes.changed)
    yield _n("{n} new device", "{n} new devices", added).format(n=added)
    yield _n("{n} device changes", "{n} devices change", changed).format(n=changed)
    yield _n("{n} is there already", "{n} are there already", changes.same).format(n=changes.same)
    yield _n("{n} line is wrong", "{n} lines are wrong", wrong).format(n=wrong)


def _remarks(changes: DeviceChanges, unknown: Unknown) -> Iterable[str]:
    if changes.fields:
        yield _("What changes: {fields}.").format(fields=_fields(changes.fields))
    if changes.emptied:
        said = _("What the list leaves empty is taken out of the records: {fields}.")
        yield said.format(fields=_fields(changes.emptied))
    for cart, n in unknown.carts.items():
        said = _n(
            "There is no cart “{id}” in the school file ({n} device).",
            "There is no cart “{id}” in the school file ({n} devices).",
            n,
        )
        yield said.format(id=cart, n=n)
    for room, n in unknown.rooms.items():
        said = _n(
            "There is no room “{id}” in the school file ({n} device).",
            "There is no room “{id}” in the school file ({n} devices).",
            n,
        )
        yield said.format(id=room, n=n)
    if unknown.foreign:
        said = _n(
            "{n} tag does not begin as the school's do: no gateway will tell of it.",
            "{n} tags do not begin as the school's do: no gateway will tell of them.",
            unknown.foreign,
        )
        yield said.format(n=unknown.foreign)


def _fields(counted: Counter[str]) -> str:
    return ", ".join(f"{column_name(name)} {n}" for name, n in counted.most_common())
