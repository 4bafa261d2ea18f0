"""The pages must not promise what is not there: make targets, commands, options, links."""

import re
from pathlib import Path

import click
import pytest
import typer

from edge.cli import app
from tests.support.files import ROOT, code_in, name, tracked

PAGES = tracked(".md")
# design.md also describes commands that are still to come.
DESIGN = ROOT / "docs" / "design.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        found
        for code in code_in(page.read_text("utf-8"))
        for found in re.findall(r"(?:^|[;&] *|\d )make ([a-z-]+)", code)
    }
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)|<img[^>]+src=\"([^\"]+)\"", page.read_text("utf-8"))
    local = [link or source for link, source in links if ":" not in (link or source)]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != DESIGN], ids=name)
def test_commands_and_their_options_exist(page: Path) -> None:
    wrong = []
    for code in code_in(page.read_text("utf-8")):
        for line in re.split(r"&&|;|\||^\$ ", code):
            words = line.split()
            if words and words[0] in ("rollcall", ".venv/bin/rollcall") and len(words) > 1:
                wrong += [f"{line.strip()}: {fault}" for fault in faults_in(words[1:])]
    assert wrong == []


def test_every_command_is_described_in_the_command_page() -> None:
    described = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert [path for path in leaves(tree()) if f"rollcall {path}" not in described] == []


def tree() -> click.Command:
    return typer.main.get_command(app)


def faults_in(words: list[str]) -> list[str]:
    """What of a command line the real command does not know."""
    command: click.Command = tree()
    faults = []
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            following = command.commands.get(word)
            if following is None:
                return [f"no command {word!r}"]
            command = following
        elif word.startswith("--"):
            options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
            if word.split("=")[0] not in options:
                faults.append(f"no option {word}")
    return faults


def leaves(command: click.Command, path: str = "") -> list[str]:
    """`simulate school` and so on, for every command that does something."""
    if not isinstance(command, click.Group):
        return [path]
    return [
        leaf
        for name_, child in sorted(command.commands.items())
        if not child.hidden
        for leaf in leaves(child, f"{path} {name_}".strip())
    ]
