"""What the page of the notices says."""

from datetime import time

from edge.api.words.commanding import Told
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext


def test_sent(count: int) -> Told:
    """Every target took the test."""
    said = ngettext(
        "The test was sent to {n} address: see whether it arrived.",
        "The test was sent to {n} addresses: see whether it arrived at each.",
        count,
    )
    return Told(said.format(n=count))


def not_sent(reason: str) -> Told:
    """A target did not take it."""
    said = _("The test did not arrive everywhere; the other addresses have it.")
    return Told(said, [(_("Reason"), reason)], well=False)


def tried_again(count: int) -> Told:
    """What failed is sent once more."""
    if not count:
        return Told(_("Nothing waits to be sent again."))
    said = _("It is sent again within {n} seconds; look here then.")
    return Told(said.format(n=15))


def quiet_hours(quiet: tuple[time, time] | None) -> str:
    """When nobody is told."""
    if quiet is None or quiet[0] == quiet[1]:
        return _("None: people are told at any hour.")
    said = _("From {start} to {end}; what comes then waits for their end.")
    return said.format(start=f"{quiet[0]:%H:%M}", end=f"{quiet[1]:%H:%M}")
