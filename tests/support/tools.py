"""Finds the programs that `make tools` installs; a missing one skips its tests, never in CI."""

import os
import shutil
from typing import TypeVar

import pytest

T = TypeVar("T")

IN_CI = os.environ.get("CI") == "true"
# Daemons live in sbin, which an ordinary user's PATH leaves out.
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def find_program(*names: str) -> str | None:
    """The first of these names that is installed, as an absolute path."""
    for name in names:
        found = shutil.which(name, path=_PATH)
        if found:
            return found
    return None


def required(name: str, found: T | None) -> T:
    """What was found; else the test skips, or fails where CI=true."""
    if found is not None:
        return found
    sentence = f"{name} is not installed; run `make tools`"
    if IN_CI:
        pytest.fail(sentence)
    pytest.skip(sentence)
