"""Read a school file that a command was given, or fail with everything that is wrong in it."""

from pathlib import Path

from edge.commands.failure import Failure
from edge.contracts.school import School
from edge.contracts.school_file import SchoolError, load_school


def school_or_failure(path: Path) -> School:
    """Return the checked school.

    Raises:
        Failure: all its problems in one line, each with table and key.
    """
    try:
        return load_school(path)
    except SchoolError as error:
        raise Failure(f"{path}: {error}") from error
