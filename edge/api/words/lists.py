"""Numbers and names in a row, as a person says them."""

from collections.abc import Iterable

from markupsafe import Markup

from edge.api.words.language import gettext as _


def runs(labels: Iterable[str]) -> list[str]:
    """Sort numbers as people do, and draw three or more in a row together: "3 to 9"."""
    out: list[list[str]] = []
    for label in sorted(labels, key=counting_order):
        if out and _follows(out[-1][-1], label):
            out[-1].append(label)
        else:
            out.append([label])
    said: list[str] = []
    for run in out:
        if len(run) > 2:
            said.append(_("{first} to {last}").format(first=run[0], last=run[-1]))
        else:
            said.extend(run)
    return said


def listed(items: list[str]) -> Markup:
    """Join as in "14, 22 and 7"."""
    each = [strong(item) for item in items]
    if len(each) < 2:
        return each[0] if each else Markup("")
    return Markup(_("{most} and {last}")).format(most=Markup(", ").join(each[:-1]), last=each[-1])


def strong(text: str) -> Markup:
    """Make a text stand out."""
    return Markup("<b>{}</b>").format(text)


def counting_order(label: str) -> tuple[bool, int, str]:
    """Order labels as people count: 2 before 10, names after numbers."""
    return (False, int(label), label) if label.isdecimal() else (True, 0, label)


def _follows(before: str, label: str) -> bool:
    return before.isdecimal() and label.isdecimal() and int(label) == int(before) + 1
