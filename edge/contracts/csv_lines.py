"""What is wrong with a line of a CSV that a school gives: devices, loans."""

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
