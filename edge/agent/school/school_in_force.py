"""The school file in force: read at start and again when asked; a bad one changes nothing."""

from pathlib import Path

import structlog

from edge.contracts.readlog import SchoolRow
from edge.contracts.school import School
from edge.contracts.school_file import SchoolError, parse_school

log = structlog.get_logger()


class SchoolInForce:
    """The school and the text that it was read from.

    Raises:
        SchoolError: when made from a file that is wrong; all its problems at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = self.on_disk()
        self.school = parse_school(self.text)

    def on_disk(self) -> str:
        """Read the file as it is now; raises `SchoolError` where that cannot be done."""
        try:
            return self.path.read_text(encoding="utf-8")
        except OSError as error:
            raise SchoolError([f"{self.path}: {error.strerror}"]) from error
        except UnicodeDecodeError as error:
            raise SchoolError([f"{self.path}: not UTF-8 text"]) from error

    def checked(self, text: str) -> School:
        """Return the school that a text describes; raises `SchoolError` if it cannot follow."""
        school = parse_school(text)
        if school.site != self.school.site:
            raise SchoolError(["site: cannot change while the agent runs; start it again"])
        return school

    def row(self, rx: float) -> SchoolRow:
        """The row by which the journal learns of it at `rx`, Unix seconds."""
        return SchoolRow(rx=rx, text=self.text)

    def reload(self) -> bool:
        """Read the file again; True when another school is in force now."""
        try:
            text = self.on_disk()
            school = self.checked(text)
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
