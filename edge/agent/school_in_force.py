"""The school file in force: read at start and again when asked; a bad one changes nothing."""

from pathlib import Path

import structlog

from edge.contracts.school_file import SchoolError, parse_school

log = structlog.get_logger()


class SchoolInForce:
    """The school and the text that it was read from.

    Raises:
        SchoolError: when made from a file that is wrong; all its problems at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.text = _read(path)
        self.school = parse_school(self.text)

    def reload(self) -> bool:
        """Read the file again; True when another school is in force now."""
        try:
            text = _read(self._path)
            school = parse_school(text)
            if school.site != self.school.site:
                raise SchoolError(["site: cannot change while the agent runs; start it again"])
        except SchoolError as error:
            for problem in error.problems:
                log.error("school file refused; the old one stays", problem=problem)
            return False
        if text == self.text:
            log.info("school file unchanged")
            return False
        self.text, self.school = text, school
        log.info("school file accepted", school=school.name)
        return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SchoolError([f"{path}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise SchoolError([f"{path}: not UTF-8 text"]) from error
