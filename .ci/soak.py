"""Runs the tests with their full counts and writes what came of it to docs/soak.md.

    make soak                       everything
    make soak ARGS="tests/chain"    a part of it

A test tells a figure of its own with pytest's `record_property("agent kills", 200)`.
"""

import os
import platform
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from edge.micropython import find_micropython  # noqa: E402  (the path above comes first)

REPORT = ROOT / "docs" / "soak.md"
RESULTS = ROOT / ".cache" / "soak.xml"


def main() -> int:
    seed = os.environ.get("ROLLCALL_SEED") or str(random.SystemRandom().randrange(1_000_000_000))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junitxml={RESULTS}", *sys.argv[1:]]
    environ = os.environ | {"ROLLCALL_SOAK": "1", "ROLLCALL_SEED": seed}
    started = time.strftime("%Y-%m-%d")
    status = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
    if RESULTS.exists():
        suite = next(ElementTree.parse(RESULTS).iter("testsuite"))
        REPORT.write_text(write_report(suite, seed, started, sys.argv[1:]), encoding="utf-8")
        print(f"soak: written to {REPORT.relative_to(ROOT)}")
    return status


def write_report(suite: ElementTree.Element, seed: str, day: str, part: list[str]) -> str:
    """The page: how to repeat the run, its total, each file's time, each figure told."""
    again = f"ROLLCALL_SEED={seed} make soak" + (f' ARGS="{" ".join(part)}"' if part else "")
    lines = [
        "# Soak",
        "",
        "The tests of `make test` with their full counts. `make soak` writes this page.",
        "",
        f"- run on {day} by `{again}`",
        f"- machine: {machine()}",
        f"- result: {total(suite)}",
        "",
        "| tests | passed | failed | skipped | seconds |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in by_file(suite)]
    figures = list(told(suite))
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


def total(suite: ElementTree.Element) -> str:
    tests = int(suite.get("tests", 0))
    bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = int(suite.get("skipped", 0))
    seconds = float(suite.get("time", 0))
    return f"{tests - bad - skipped} passed, {bad} failed, {skipped} skipped in {seconds:.0f} s"


def by_file(suite: ElementTree.Element) -> list[tuple[str, list[str]]]:
    sums: dict[str, list[float]] = {}
    for case in suite.iter("testcase"):
        cells = sums.setdefault(case.get("classname", ""), [0, 0, 0, 0.0])
        if case.find("failure") is not None or case.find("error") is not None:
            cells[1] += 1
        elif case.find("skipped") is not None:
            cells[2] += 1
        else:
            cells[0] += 1
        cells[3] += float(case.get("time", 0))
    return [
        (
            name.replace(".", "/") + ".py",
            [*(f"{cell:.0f}" for cell in cells[:3]), f"{cells[3]:.1f}"],
        )
        for name, cells in sorted(sums.items())
    ]


def told(suite: ElementTree.Element) -> list[tuple[str, str, str]]:
    return [
        (case.get("name", ""), figure.get("name", ""), figure.get("value", ""))
        for case in suite.iter("testcase")
        for figure in case.iter("property")
    ]


if __name__ == "__main__":
    sys.exit(main())
