"""Writes the command reference in docs/cli.md from the commands themselves: `make docs`.

What stands above the marker is written by hand; below it each command has its help and its
options. A test holds the page to what this gives.
"""

from collections.abc import Iterator
from typing import Any

import typer

from edge.cli import app
from tests.support.files import ROOT

PAGE = ROOT / "docs" / "cli.md"
MARKER = "<!-- from here on written by `make docs` -->\n"


def main() -> None:
    PAGE.write_text(expected_page(), encoding="utf-8")


def expected_page() -> str:
    by_hand = PAGE.read_text(encoding="utf-8").split(MARKER)[0]
    return by_hand + MARKER + "".join(section(path, command) for path, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something: its words, as `rollcall simulate school`, and itself."""
    yield from _leaves("rollcall", tree())


def tree() -> Any:
    """The command as typer builds it (its classes are typer's own and not public)."""
    return typer.main.get_command(app)


def section(path: str, command: Any) -> str:
    lines = ["", f"## {path}", "", _one_line_paragraphs(command.help or ""), ""]
    rows = [_row(parameter) for parameter in command.params if not parameter.hidden]
    if rows:
        lines += ["| | meaning | unless given |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _row(parameter: Any) -> str:
    names = [parameter.name.upper()] if parameter.param_type_name == "argument" else parameter.opts
    named = ", ".join(f"`{name}`" for name in [*names, *parameter.secondary_opts])
    if parameter.required:
        default = "required"
    elif parameter.default in (None, "", [], (), False) or callable(parameter.default):
        default = ""
    elif parameter.default is True and parameter.secondary_opts:
        default = f"`{parameter.opts[0]}`"
    else:
        default = f"`{parameter.default}`"
    meaning = " ".join((parameter.help or "").split()).replace("|", "\\|")
    return f"| {named} | {meaning} | {default} |"


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in sorted(children.items()):
        if not child.hidden:
            yield from _leaves(f"{path} {name}", child)


def _one_line_paragraphs(text: str) -> str:
    """Typer's help keeps the source's line ends; `\\b` and `\\f` are marks for its own layout."""
    paragraphs = text.replace("\b", "").split("\f")[0].strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


if __name__ == "__main__":
    main()
