"""One agent for one data folder, kept by a lock that ends with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.agent.storage.database import DatabaseError


class AlreadyRunning(Exception):
    """Another agent uses this data folder."""


@contextmanager
def data_folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's lock.

    Raises:
        AlreadyRunning: another process holds it.
        DatabaseError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise DatabaseError(
            f"{folder}: cannot keep data there: {error.strerror}; set another `data` folder"
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"another agent runs on {folder}; stop it, or set another `data` folder"
            ) from error
        yield
    finally:
        os.close(handle)
