"""What holds for every file of the repository."""

import re
import tomllib

from tests.support.files import ROOT, name, text, tracked

FOLDERS = {"firmware", "edge", "hardware", "simulator", "tests", "docs", "benchmarks"}
USUAL_FOLDERS = {".ci", "requirements"}
LONGEST = 450
# Written apart, so that this file does not hold what it forbids.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "pi" + "wheels",
    "npmjs" + ".",
    "registry" + ".npm",
    "deb." + "debian",
    "security." + "debian",
    "archive." + "raspberrypi",
    "index-" + "url",
    "find-" + "links",
]
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wor" + r"k|ro" + r"ot|home|Users)/\w")
UNFINISHED = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + r"X)\b")
CODE = (".py", ".sh", ".js", ".css", ".html", ".sql")


def test_top_level_folders_are_the_agreed_ones() -> None:
    folders = {name(path).split("/")[0] for path in tracked() if "/" in name(path)}
    assert folders <= FOLDERS | USUAL_FOLDERS


def test_no_file_holds_a_download_address() -> None:
    allowed = {"LICENSE", ".ci/pins.sh"}  # the latter tells pip-compile to leave addresses out
    found = [
        f"{name(path)}: {address}"
        for path in tracked()
        if name(path) not in allowed
        for address in REGISTRIES
        if address in (text(path) or "")
    ]
    assert found == []


def test_no_file_names_a_place_on_one_machine() -> None:
    found = [
        f"{name(path)}: {hit.group()}"
        for path in tracked()
        if (hit := MACHINE_PATHS.search(text(path) or ""))
    ]
    assert found == []


def test_no_file_of_code_is_too_long_to_read() -> None:
    lengths = {name(path): len((text(path) or "").splitlines()) for path in tracked(*CODE)}
    assert {where: lines for where, lines in lengths.items() if lines > LONGEST} == {}


def test_nothing_is_left_to_be_done_in_code() -> None:
    found = [name(path) for path in tracked(*CODE) if UNFINISHED.search(text(path) or "")]
    assert found == []


def test_every_requirement_is_pinned_and_hashed() -> None:
    for listed in ("run", "dev", "clients", "drawings"):
        requirements = read_requirements(listed)
        assert requirements
        assert [n for n, (_, hashes) in requirements.items() if hashes == 0] == []


def test_the_dev_list_holds_the_run_list_at_the_same_versions() -> None:
    run, dev = read_requirements("run"), read_requirements("dev")
    assert {n: dev.get(n) for n in run} == run


def test_every_dependency_of_the_project_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    bare = {re.split(r"[\[<>=~! ;]", word)[0].lower() for word in wanted}
    assert bare - set(read_requirements("run")) == set()


def read_requirements(listed: str) -> dict[str, tuple[str, int]]:
    """Name to version and count of hashes."""
    page = (ROOT / "requirements" / f"{listed}.txt").read_text(encoding="utf-8")
    page = re.sub(r"(?m)^#.*\n", "", page)
    found: dict[str, tuple[str, int]] = {}
    for entry in re.split(r"\n(?=[a-zA-Z0-9])", page):
        head = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", entry)
        assert head, f"requirements/{listed}.txt: not pinned: {entry[:60]}"
        found[head[1].lower()] = (head[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}", entry)))
    return found
