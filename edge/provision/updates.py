"""What updates need in the data folder: each gateway's key, and what is served to be fetched."""

import hashlib
import re
import secrets
from pathlib import Path

from edge.contracts.ids import id_problem
from edge.provision.application import Application
from edge.provision.private_file import write_private, write_whole
from edge.provision.web import FOLDER

KEY_BYTES = 32
SERVED = "updates"  # in the data folder
NAMES = ("manifest", "bundle")
_KEPT = 20  # updates; an older one is asked for by nobody
_DIGEST = re.compile(r"[0-9a-f]{64}")


class NoKey(Exception):
    """This gateway was not provisioned here; the text says what to do."""


def update_key(data: Path, gateway: str, make: bool = False) -> bytes:
    """Return a gateway's own key; with `make` a new one where there is none.

    Raises:
        NoKey: there is none, or its file is damaged.
        OSError: it cannot be read or written.
    """
    if problem := id_problem(gateway):
        raise NoKey(problem)
    path = data / FOLDER / "update-keys" / gateway
    if not path.exists():
        if not make:
            raise NoKey(f"{gateway} has no update key: `rollcall gateway provision` makes one")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        write_private(path, f"{secrets.token_hex(KEY_BYTES)}\n".encode())
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError as error:
        raise NoKey(f"{path}: not a key") from error
    if len(key) != KEY_BYTES:
        raise NoKey(f"{path}: not a key")
    return key


def put_update(data: Path, application: Application, key: bytes) -> str:
    """Lay an update out to be fetched; return its manifest's SHA-256, which names it."""
    manifest = application.manifest(key)
    digest = hashlib.sha256(manifest).hexdigest()
    folder = data / SERVED / digest
    write_whole(folder / "bundle", application.bundle(), 0o644)
    write_whole(folder / "manifest", manifest, 0o644)
    _drop_old(data / SERVED)
    return digest


def served_file(data: Path, digest: str, name: str) -> Path | None:
    """Return the file of an update, or None where there is none of this name."""
    if not _DIGEST.fullmatch(digest) or name not in NAMES:
        return None
    path = data / SERVED / digest / name
    return path if path.is_file() else None


def _drop_old(folder: Path) -> None:
    """Remove all but the newest."""
    found = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime)
    for each in found[:-_KEPT]:
        for name in NAMES:
            (each / name).unlink(missing_ok=True)
        each.rmdir()
