"""Every test file of tests/firmware must also pass under the MicroPython binary."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
PORTABLE = sorted(path.stem for path in HERE.glob("test_*.py"))


@pytest.mark.parametrize("name", PORTABLE)
def test_passes_under_micropython(name: str, micropython_binary: list[str]) -> None:
    words = [*micropython_binary, str(HERE / "run_portable.py"), str(HERE.parent.parent), name]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
