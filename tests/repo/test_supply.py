"""Nothing is fetched but pinned and hashed, and nothing at all once Rollcall is installed."""

import ast
import re

import pytest

from tests.support.files import ROOT, name, text, tracked

# What can fetch something. Each use is named with what it is for.
FETCHERS = {
    "urllib.request",
    "urllib3",
    "http.client",
    "requests",
    "httpx",
    "httpx2",
    "aiohttp",
    "ftplib",
}
INSTALLERS = {"pip", "ensurepip", "setuptools", "pkg_resources", "upip", "mip"}
ALLOWED = {"edge/accounts/single_sign_on.py": {"httpx2"}}  # the school's own identity provider
ELSEWHERE = re.compile(r"""(?:src|href|url|import|from|fetch)\s*[=(]?\s*["'(]?(?:https?:)?//""")


def imported(path: str) -> set[str]:
    """Each module that a file imports anywhere in it, the packages it stands in too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for each in names:
            parts = each.split(".")
            found |= {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
    return found


def running_code() -> list[str]:
    return [
        name(path)
        for path in tracked(".py")
        if name(path).split("/")[0] in ("edge", "firmware", "simulator")
    ]


def test_what_runs_fetches_nothing_but_what_is_named_here() -> None:
    found = {path: imported(path) & FETCHERS for path in running_code()}
    unnamed = {path: uses - ALLOWED.get(path, set()) for path, uses in found.items()}
    assert {path: uses for path, uses in unnamed.items() if uses} == {}


def test_what_runs_installs_nothing() -> None:
    assert [path for path in running_code() if imported(path) & INSTALLERS] == []
    calls = re.compile(r"""["'](?:-m["'],\s*["'])?(?:pip|pip3|apt|apt-get|npm|curl|wget)["']""")
    assert [path for path in running_code() if calls.search((ROOT / path).read_text())] == []


@pytest.mark.parametrize(
    ("line", "fetches"),
    [
        ('<script src="https://cdn.example/x.js">', True),
        ("@import url(//fonts.example/a.css)", True),
        ('import x from "https://cdn.example/x.js"', True),
        ('<a href="/devices">', False),
        ("// what a comment says", False),
        ('<svg xmlns="http://www.w3.org/2000/svg">', False),
    ],
)
def test_the_next_test_knows_a_page_that_fetches_from_elsewhere(line: str, fetches: bool) -> None:
    assert bool(ELSEWHERE.search(line)) == fetches


def test_no_page_fetches_anything_from_elsewhere() -> None:
    pages = [
        path
        for path in tracked(".html", ".js", ".css", ".svg")
        if name(path).startswith("edge/api/")
    ]
    assert len(pages) > 20
    assert [name(path) for path in pages if ELSEWHERE.search(text(path) or "")] == []


def test_whatever_is_installed_is_checked_against_its_hash() -> None:
    script = (ROOT / ".ci" / "venv.sh").read_text(encoding="utf-8")
    calls = [line.strip() for line in script.splitlines() if re.match(r"\s+pip_install ", line)]
    assert len(calls) >= 3
    for call in calls:  # the project itself, with no dependencies, is what is installed else
        assert "--require-hashes" in call or "--no-deps --no-build-isolation --editable" in call
