"""Finds the MicroPython binary that runs the gateway firmware on this machine.

Order: the environment's `ROLLCALL_MICROPYTHON` (a path; nothing else is tried then), `PATH`, and
`.cache/bin/micropython` at the root of the checkout, where `make tools` puts one on machines whose
Debian does not package it.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

OVERRIDE = "ROLLCALL_MICROPYTHON"
FETCHED = Path(__file__).resolve().parent.parent / ".cache" / "bin" / "micropython"
# The firmware's oldest MicroPython; an older one on PATH (Ubuntu 24.04 has 1.22) is passed over.
OLDEST = (1, 25, 0)
_PROBE = f"import sys; sys.exit(0 if sys.implementation.version >= {OLDEST} else 1)"
_PROBE_SECONDS = 10.0


def find_micropython(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The words that start MicroPython 1.25 or newer, or None where there is none."""
    override = environ.get(OVERRIDE)
    if override:
        candidates = [override]
    else:
        on_path = shutil.which("micropython", path=environ.get("PATH"))
        candidates = [on_path] if on_path else []
        candidates.append(str(FETCHED))
    for candidate in candidates:
        if _is_new_enough(candidate):
            return [candidate]
    return None


@cache
def _is_new_enough(binary: str) -> bool:
    try:
        probe = subprocess.run(
            [binary, "-c", _PROBE], capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0
