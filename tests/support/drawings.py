"""The harness drawings in hardware/harness/, made by WireViz from their sources: `make drawings`.

Each plan is drawn with each board, so the board's pins stand in one place. A drawing ends with the
digest of what it was made from, and a test holds the two together; what Graphviz makes of it
differs from release to release and is not compared.
"""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.files import ROOT

HARNESS = ROOT / "hardware" / "harness"


@dataclass(frozen=True)
class Drawing:
    """One plan on one board."""

    plan: Path
    board: Path

    @property
    def name(self) -> str:
        return f"{self.plan.stem}-{self.board.stem}"

    @property
    def svg(self) -> Path:
        return HARNESS / f"{self.name}.svg"

    @property
    def mark(self) -> str:
        """The last line of a drawing that was made from these sources."""
        return f"<!-- sources: {hashlib.sha256(self._sources().encode()).hexdigest()} -->\n"

    def harness(self) -> dict[str, Any]:
        """What WireViz reads."""
        read: dict[str, Any] = yaml.safe_load(self._sources())
        return read

    def _sources(self) -> str:
        return self.board.read_text("utf-8") + self.plan.read_text("utf-8")


def drawings() -> list[Drawing]:
    boards = sorted((HARNESS / "boards").glob("*.yml"))
    plans = sorted(HARNESS.glob("*.yml"), key=lambda plan: plan.stem)
    return [Drawing(plan, board) for plan in plans for board in boards]


def draw(drawing: Drawing, wireviz: str) -> None:
    words = [wireviz, "--format", "s", "--prepend", drawing.board, "--output-dir", HARNESS]
    words += ["--output-name", drawing.name, drawing.plan]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    made = [line.rstrip() for line in drawing.svg.read_text("utf-8").splitlines()]
    drawing.svg.write_text("\n".join(made) + "\n" + drawing.mark, encoding="utf-8")


if __name__ == "__main__":
    for each in drawings():
        draw(each, sys.argv[1])
