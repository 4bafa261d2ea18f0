"""What the pages of signing in say."""

from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext as _n


def wrong() -> str:
    """Name or password is wrong; which of them is nobody's business."""
    return _("That name and password do not fit together, or the account is shut.")


def locked(wait_s: float) -> str:
    """Too many tries."""
    minutes = max(1, -(-int(wait_s) // 60))
    text = _n(
        "Too many wrong tries. Wait {n} minute, then try again.",
        "Too many wrong tries. Wait {n} minutes, then try again.",
        minutes,
    )
    return text.format(n=minutes)


def differ() -> str:
    """The password and its repetition are not the same."""
    return _("The two passwords are not the same.")


def weak(shortest: int, longest: int) -> str:
    """What a password must be."""
    text = _("Choose {shortest} to {longest} characters, hard to guess, without the account name.")
    return text.format(shortest=shortest, longest=longest)
