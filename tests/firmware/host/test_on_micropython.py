"""Every test file of tests/firmware and its drivers must also pass under MicroPython."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
PORTABLE = sorted(
    ".".join(path.relative_to(HERE).with_suffix("").parts)
    for folder in (HERE, HERE / "drivers")
    for path in folder.glob("test_*.py")
)


@pytest.mark.parametrize("name", PORTABLE)
def test_passes_under_micropython(name: str, micropython_binary: list[str]) -> None:
    words = [*micropython_binary, str(HERE / "run_portable.py"), str(HERE.parent.parent), name]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
