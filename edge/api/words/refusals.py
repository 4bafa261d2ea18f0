"""Why a text is refused, in the reader's language.

Files are checked where the page is not known (edge/contracts), and told in English: `told` finds
the sentence among those here, and says the same in the language spoken now. One that is not here,
as what the TOML reader says, stays as it is; a test holds the list against the contracts.
"""

import re
from functools import cache

from edge.api.words.language import DEFAULT, gettext, language


def _(english: str) -> str:
    """Mark a sentence for the catalogues; in which language it is said, `told` decides."""
    return english


# As the contracts write them.
SENTENCES = (
    _("missing"),
    _("must not be empty"),
    _("must be a table"),
    _("must be a table of tables, as in [{table}]"),
    _('unknown key "{key}"; known here: {known}'),
    _('unknown key "{key}"'),
    _('"{zone}" is not known; write e.g. "America/Denver"'),
    _('"{epc}" is not hex of whole 16-bit words'),
    _('"{prefix}" is not hex'),
    _('"{start}" to "{end}" is not a time; write "08:00"'),
    _("{start} to {end} ends before it begins"),
    _('"{day}" is not a date; write "2026-11-26"'),
    _('"{time}" is not a time; write "08:30"'),
    _('no room "{room}" in [rooms]'),
    _('both sides are "{room}"'),
    _('faces "{side}"; it can face "{one}" or "{other}"'),
    _('"{room}" is a {kind} room; no reader may stand there'),
    _("antenna {antenna} of {gateway} is used by {place} already"),
    _("antenna {antenna} stands at two readers"),
    _('"{id}" is reserved; choose another id'),
    _('"{id}" is not an id: use 1 to 32 of a-z, 0-9 and "-"'),
    _("cannot change while the agent runs; start it again"),
    _("not TOML from column {column} on: {what}"),
    _("not TOML: {what}"),
    _("not UTF-8 text; save it as CSV UTF-8"),
    _("not UTF-8 text"),
    _("columns ignored: {columns}"),
    _("no epc column; a header of any of {columns} is needed"),
    _("no name column; a header of any of {columns} is needed"),
    _('epc "{epc}" is not hex of whole 16-bit words'),
    _("epc {epc} stands in an earlier line too"),
    _('there is a room "{room}" already'),
    _('kind "{kind}" is not known; it is one of {kinds}'),
    _('floor "{floor}" is not a whole number'),
    _("Invalid enum value {value}"),
    _("Expected `{wanted}`, got `{got}`"),
    _("Expected {wanted}"),
)


def told(sentence: str) -> str:
    """Say a sentence of the contracts, which may begin with a place in the file and a colon."""
    if language() == DEFAULT:
        return sentence
    where, colon, rest = sentence.partition(": ")
    if colon and (said := _translated(rest)) is not None:
        return f"{where}: {said}"
    return _translated(sentence) or sentence


def _translated(sentence: str) -> str | None:
    for pattern, english in _patterns():
        if found := pattern.fullmatch(sentence):
            return gettext(english).format(**found.groupdict())
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(_pattern(english), english) for english in SENTENCES]


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    texts, names = parts[::2], parts[1::2]
    made = re.escape(texts[0])
    for name, text in zip(names, texts[1:], strict=True):
        made += f"(?P<{name}>.*?){re.escape(text)}"
    return re.compile(made, re.DOTALL)
