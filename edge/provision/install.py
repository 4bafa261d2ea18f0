"""Does what `machine.py` plans, under a root folder: files whole, owners where they are known."""

import grp
import os
import pwd
import subprocess
from collections.abc import Iterable
from pathlib import Path

from edge.provision.machine import Command, File
from edge.provision.private_file import write_whole

COMMAND_S = 300.0


class InstallError(Exception):
    """It cannot be installed; the text says why and what to do."""


def under(root: Path, path: Path) -> Path:
    """Where a path of the machine stands under a root."""
    return root / path.relative_to("/")


def is_due(root: Path, file: File) -> bool:
    """Whether writing a file would change something."""
    there = under(root, file.path)
    if not there.exists():
        return True
    return not file.keep and there.read_bytes() != file.content


def write_files(root: Path, files: Iterable[File]) -> list[Path]:
    """Write what is due, give each its owner and permissions; return what was written.

    Raises:
        InstallError: a file cannot be written.
    """
    written = []
    for file in files:
        there = under(root, file.path)
        try:
            if is_due(root, file):
                write_whole(there, file.content, file.mode)
                written.append(file.path)
            there.chmod(file.mode)
            give(there, file.owner)
        except OSError as error:
            raise InstallError(f"{there}: {error.strerror}; run it with sudo") from error
    return written


def give(path: Path, owner: str) -> None:
    """Give a path to `user` or `user:group`. Under another root its users are not known here."""
    user, _, group = owner.partition(":")
    if os.geteuid() != 0:
        return
    try:
        ids = pwd.getpwnam(user).pw_uid, grp.getgrnam(group or user).gr_gid
    except KeyError:
        return
    os.chown(path, *ids)


def give_tree(folder: Path, owner: str) -> None:
    """Give a folder and all in it."""
    for path in (folder, *folder.rglob("*")):
        give(path, owner)


def run(command: Command) -> None:
    """Run a command of the plan; raises `InstallError` with what it said."""
    try:
        done = subprocess.run(
            command.words, capture_output=True, text=True, timeout=COMMAND_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallError(f"{' '.join(command.words)}: {error}") from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise InstallError(f"{' '.join(command.words)}: {said}")
