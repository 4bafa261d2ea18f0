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


def away(provider: str) -> str:
    """The provider cannot be reached."""
    text = _("{provider} cannot be reached now. An account with a password of its own still works.")
    return text.format(provider=provider)


def not_believed(provider: str, domain: str) -> str:
    """Who came back is not of the school, or came back wrongly."""
    text = _("{provider} did not confirm an account of {domain}. Try again with that one.")
    return text.format(provider=provider, domain=domain)


def no_account(name: str) -> str:
    """Who came back has no account here."""
    text = _("{name} has no account here. Ask whoever looks after Rollcall at your school.")
    return text.format(name=name)
