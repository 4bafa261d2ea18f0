"""The files of the repository, as git knows them."""

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")


@cache
def tracked(*suffixes: str) -> tuple[Path, ...]:
    """Every file that is committed or about to be, by path; with suffixes only those."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    paths = sorted(ROOT / name for name in set(listed) if name)
    return tuple(p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str | None:
    """What stands in it, or None for a picture and other binary files."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def code_in(page: str) -> list[str]:
    """The lines of a Markdown page's code blocks, and its inline code."""
    blocks = [line.strip() for block in _FENCE.findall(page) for line in block.splitlines()]
    return blocks + _INLINE.findall(_FENCE.sub("", page))
