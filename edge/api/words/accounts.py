"""What the pages of the accounts say."""

from edge.accounts.roles import Role
from edge.accounts.store import (
    Account,
    AccountError,
    LastAdmin,
    NameTaken,
    NoSuchAccount,
    NotAName,
)
from edge.accounts.tokens import NoScope
from edge.api.words.commanding import Told
from edge.api.words.language import gettext as _


def roles() -> list[tuple[str, str]]:
    """Each role an account can have, with what it is for."""
    return [
        (Role.TEACHER.value, _("Teacher: places of the own rooms")),
        (Role.OFFICE.value, _("Office: every place; lends devices")),
        (Role.TECH.value, _("Tech: every place; gateways and tags")),
        (Role.AUDITOR.value, _("Auditor: every place; changes nothing")),
        (Role.ADMIN.value, _("Admin: everything, and the accounts")),
    ]


def role_name(role: Role) -> str:
    """What a role is called."""
    return dict(roles()).get(role.value, role.value).partition(":")[0]


def state(account: Account) -> str:
    """Whether one may come in with it."""
    if account.disabled is not None:
        return _("Locked")
    return _("May come in") if account.has_password else _("No password yet")


def link_made(account: str, link: str) -> Told:
    """A one-time link, which is not shown again."""
    said = _("Give {name} this link. It is shown now only, works once, and for 24 hours:")
    return Told(said.format(name=account), [(_("Link"), link)])


def token_made(token: str, account: str, secret: str) -> Told:
    """A token, which is not shown again."""
    said = _("This is token {id} of {name}. It is shown now only; what has it acts as {name}:")
    return Told(said.format(id=token, name=account), [(_("Token"), secret)])


def done(what: str, account: str) -> Told:
    """Say that something was done."""
    said = {
        "role": _("{name} has this role now."),
        "lock": _("{name} is locked: nobody comes in with it, sessions and tokens have ended."),
        "unlock": _("{name} may come in again."),
        "end": _("{name} is signed out everywhere."),
        "revoke": _("The token is void."),
    }[what]
    return Told(said.format(name=account))


def refused(error: AccountError, name: str) -> Told:
    """Say why something was not done."""
    if isinstance(error, NotAName):
        said = _(
            "A name has 1 to 64 letters, digits and . _ @ + -, and begins with a letter or digit."
        )
    elif isinstance(error, NameTaken):
        said = _("There is an account {name} already.")
    elif isinstance(error, NoSuchAccount):
        said = _("There is no account {name}.")
    elif isinstance(error, LastAdmin):
        said = _("{name} is the last admin that may come in. Make another one first.")
    elif isinstance(error, NoScope):
        said = _("Tick at least one scope: what the token is for.")
    else:
        said = _("That does not go together: {reason}.").format(reason=str(error))
    return Told(said.format(name=name), well=False)


def password_changed() -> Told:
    """The own password is another now."""
    said = _("Your password is changed. You are signed out everywhere else, and tokens are void.")
    return Told(said)


def wrong_password() -> str:
    """The password given as the present one is not it."""
    return _("That is not your present password.")


def no_password() -> str:
    """The account has none: it signs in elsewhere."""
    return _("This account has no password here: its owner signs in with the school's account.")
