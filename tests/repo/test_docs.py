"""The pages must not promise what is not there: make targets, commands, options, links."""

import re
from pathlib import Path

import pytest

from tests.support.cli_page import PAGE, expected_page, tree
from tests.support.files import ROOT, code_in, name, tracked

PAGES = tracked(".md")
# The contracts also name commands that are still to come.
AHEAD = [ROOT / "docs" / "design.md", ROOT / "docs" / "contracts.md"]


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


@pytest.mark.parametrize("page", [page for page in PAGES if page not in AHEAD], ids=name)
def test_commands_and_their_options_exist(page: Path) -> None:
    wrong = []
    for code in code_in(page.read_text("utf-8")):
        for line in re.split(r"&&|;|\||^\$ ", code):
            words = line.split()
            if words and words[0] in ("rollcall", ".venv/bin/rollcall") and len(words) > 1:
                wrong += [f"{line.strip()}: {fault}" for fault in faults_in(words[1:])]
    assert wrong == []


def test_the_command_page_says_what_the_commands_say() -> None:
    assert PAGE.read_text("utf-8") == expected_page(), "run: make docs"


def faults_in(words: list[str]) -> list[str]:
    """What of a command line the real command does not know."""
    command = tree()
    faults = []
    for word in words:
        children = getattr(command, "commands", None)
        if children is not None and not word.startswith("-"):
            if word not in children:
                return [f"no command {word!r}"]
            command = children[word]
        elif word.startswith("--"):
            options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
            if word.split("=")[0] not in options:
                faults.append(f"no option {word}")
    return faults
