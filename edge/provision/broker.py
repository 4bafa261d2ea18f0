"""Everything a school's broker needs, in one folder: authority, certificate, users, rights.

Asked again it keeps what is there: no gateway has to be told a new password because another came.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from edge.contracts.school import School
from edge.provision.authority import Authority, AuthorityError
from edge.provision.mosquitto import (
    AGENT,
    HOME_ASSISTANT,
    BrokerFiles,
    Listeners,
    access_list,
    configuration,
    is_line_of,
    password_file,
    password_line,
)
from edge.provision.private_file import write_private

_SALT_BYTES = 12  # as mosquitto_passwd makes them
_PASSWORD_BYTES = 20
EVERYWHERE = Listeners()
_ALWAYS = ("localhost", "127.0.0.1")


class Provisioned(msgspec.Struct, frozen=True, kw_only=True):
    """What was made and kept; `hosts` is what the broker may be called."""

    configuration: Path
    authority: Path
    hosts: tuple[str, ...]
    good_until: datetime
    new_certificate: bool
    new_users: list[str]
    dropped_users: list[str]


def password_of(folder: Path, user: str) -> Path:
    """Where a user's password stands in the broker's folder."""
    return folder / "users" / user


def provision_broker(
    school: School,
    folder: Path,
    hosts: Sequence[str] = (),
    *,
    at: Listeners = EVERYWHERE,
    renew: bool = False,
    home_assistant: bool = False,
) -> Provisioned:
    """Bring the folder up to the school file. Mosquitto must be told afterwards (SIGHUP, restart).

    A gateway that the school file no longer names loses its password.

    Raises:
        AuthorityError: a file cannot be read or written; the text says which.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        authority = Authority(folder, school.name)
        kept = authority.issued("broker")
        known = kept.hosts if kept is not None else _ALWAYS
        wanted = tuple(dict.fromkeys([*known, *hosts]))
        fresh = kept is None or renew or wanted != kept.hosts or kept.worn(datetime.now(UTC))
        certificate = authority.issue("broker", wanted) if kept is None or fresh else kept
        files = BrokerFiles(
            folder / "passwords",
            folder / "acl",
            authority.certificate,
            certificate.certificate,
            certificate.key,
        )
        besides = [HOME_ASSISTANT] if home_assistant else []
        users = {AGENT, *school.gateway_ids, *besides}
        new, dropped = _users(users, folder, files.passwords)
        write_private(files.acl, access_list(school.site).encode())
        conf = folder / "mosquitto.conf"
        write_private(conf, configuration(files, at).encode())
    except OSError as error:
        raise AuthorityError(f"{error.filename or folder}: {error.strerror}") from error
    return Provisioned(
        configuration=conf,
        authority=authority.certificate,
        hosts=certificate.hosts,
        good_until=certificate.good_until,
        new_certificate=fresh,
        new_users=new,
        dropped_users=dropped,
    )


def _users(wanted: set[str], folder: Path, listed: Path) -> tuple[list[str], list[str]]:
    """Give each user a password, hashed in `listed`; return who is new and who is gone."""
    before = _lines(listed)
    lines = {}
    new = []
    for user in sorted(wanted):
        file = password_of(folder, user)
        password = file.read_text(encoding="utf-8").strip() if file.exists() else ""
        if not password:
            new.append(user)
            password = secrets.token_urlsafe(_PASSWORD_BYTES)
            write_private(file, f"{password}\n".encode())
        line = before.get(user, "")
        good = is_line_of(line, password)
        lines[user] = (
            line if good else password_line(user, password, secrets.token_bytes(_SALT_BYTES))
        )
    dropped = sorted(set(before) - wanted)
    for user in dropped:
        password_of(folder, user).unlink(missing_ok=True)
    (folder / "users").chmod(0o700)
    write_private(listed, password_file(lines).encode())
    return new, dropped


def _lines(listed: Path) -> dict[str, str]:
    if not listed.exists():
        return {}
    text = listed.read_text(encoding="utf-8")
    return {line.partition(":")[0]: line for line in text.splitlines() if line}
