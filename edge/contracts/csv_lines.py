"""A CSV that a school gives (devices, loans, rooms): its text, and what is wrong with a line."""

import msgspec

from edge.contracts.plain import plain


class LineProblem(msgspec.Struct, frozen=True):
    """A line that was not taken, or a remark on the whole file (line 1)."""

    line: int
    reason: str
    refused: bool = True

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "reason", plain(self.reason))

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def csv_text(content: bytes) -> str:
    """Return the text of a file that a spreadsheet wrote; raises `UnicodeDecodeError`."""
    text = content.decode("utf-8-sig")  # it may begin with a byte order mark
    return text.replace("\r\n", "\n").replace("\r", "\n")
