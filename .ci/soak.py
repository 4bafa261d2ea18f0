"""Runs the long proofs with their full counts and writes what came of it to docs/soak.md.

    make soak                       every file of tests/ that counts higher in a soak
    make soak ARGS="tests/faults"   a part of it: its rows are renewed, the others stay

A test tells a figure of its own with pytest's `record_property("agent kills", 200)`. What is
known of each file lies in docs/soak.json, from which the page is written.
"""

import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from edge.micropython import find_micropython  # noqa: E402  (the path above comes first)

PAGE = ROOT / "docs" / "soak.md"
KNOWN = ROOT / "docs" / "soak.json"
# Most of the time is waiting; a test alone need not wait for the others of its file.
AT_ONCE = ["--numprocesses", "3", "--dist", "worksteal"]


@dataclass
class Row:
    """What came of one file of tests: counts of tests, seconds of work, the run they are of."""

    tests: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    day: str = ""
    seed: str = ""
    commit: str = ""
    figures: list[tuple[str, str, str]] = field(default_factory=list)  # test, figure, value


def main() -> int:
    seed = os.environ.get("ROLLCALL_SEED") or str(random.SystemRandom().randrange(1_000_000_000))
    run = Row("", day=time.strftime("%Y-%m-%d"), seed=seed, commit=commit())
    environ = os.environ | {"ROLLCALL_SOAK": "1", "ROLLCALL_SEED": seed}
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "soak.xml"
        command = [sys.executable, "-m", "pytest", *AT_ONCE, *(sys.argv[1:] or growing())]
        command += [f"--junitxml={results}", "-o", "junit_family=xunit1"]  # which names files
        status = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
        suite = next(ElementTree.parse(results).iter("testsuite")) if results.exists() else None
    if suite is not None:
        rows = {row.tests: row for row in known() if (ROOT / row.tests).exists()}
        rows |= {row.tests: row for row in by_file(suite, run)}
        ordered = [rows[name] for name in sorted(rows)]
        KNOWN.write_text(json.dumps([asdict(row) for row in ordered], indent=1) + "\n")
        PAGE.write_text(page(ordered), encoding="utf-8")
        print(f"soak: written to {PAGE.relative_to(ROOT)}")
    return status


def growing() -> list[str]:
    """The files with tests that count higher in a soak, or are for it alone.

    `make test` proves the others whole.
    """
    wanted = re.compile(
        r"^from tests\.support\.counts import .*\bcount\b|^@pytest\.mark\.soak\b", re.MULTILINE
    )
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(path.relative_to(ROOT)) for path in files if wanted.search(path.read_text())]


def known() -> list[Row]:
    return [Row(**each) for each in json.loads(KNOWN.read_text())] if KNOWN.exists() else []


def by_file(suite: ElementTree.Element, run: Row) -> list[Row]:
    """A row for each file of the results, `run` telling day, seed and commit."""
    rows: dict[str, Row] = {}
    for case in suite.iter("testcase"):
        name = case.get("file", "")
        row = rows.setdefault(name, Row(name, day=run.day, seed=run.seed, commit=run.commit))
        if case.find("failure") is not None or case.find("error") is not None:
            row.failed += 1
        elif case.find("skipped") is not None:
            row.skipped += 1
        else:
            row.passed += 1
        row.seconds = round(row.seconds + float(case.get("time", 0)), 1)
        row.figures += [
            (case.get("name", ""), figure.get("name", ""), figure.get("value", ""))
            for figure in case.iter("property")
        ]
    return list(rows.values())


def page(rows: list[Row]) -> str:
    passed, failed = sum(row.passed for row in rows), sum(row.failed for row in rows)
    lines = [
        "# Soak",
        "",
        "The long proofs of `make test` with their full counts; `make soak` writes this page, and",
        "`ROLLCALL_SEED=N make soak ARGS=TESTS` runs one line of it again.",
        "",
        f"- machine: {machine()}",
        f"- {passed} passed, {failed} failed, {sum(row.skipped for row in rows)} skipped in "
        f"{sum(row.seconds for row in rows) / 60:.0f} minutes of tests, three at once",
        "",
        "| tests | passed | failed | skipped | seconds | day | seed | commit |",
        "|---|---:|---:|---:|---:|---|---|---|",
    ]
    lines += [
        f"| {row.tests} | {row.passed} | {row.failed} | {row.skipped} | {row.seconds:.1f} "
        f"| {row.day} | {row.seed} | {row.commit} |"
        for row in rows
    ]
    figures = [figure for row in rows for figure in row.figures]
    if figures:
        lines += ["", "| test | figure | value |", "|---|---|---:|"]
        lines += [f"| {test} | {name} | {value} |" for test, name, value in figures]
    return "\n".join(lines) + "\n"


def machine() -> str:
    interpreter = find_micropython()
    micropython = "no MicroPython"
    if interpreter:
        said = subprocess.run(
            [*interpreter, "-c", "import sys; print(sys.version)"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found = re.search(r"MicroPython v[\d.]+", said)
        micropython = found.group() if found else "MicroPython"
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, {micropython}"
    )


def commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
