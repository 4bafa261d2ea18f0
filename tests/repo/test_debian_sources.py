"""How the machine's own apt sources become those of another release."""

import subprocess
import sys
from pathlib import Path

from tests.support.files import ROOT

ONE_LINE = """\
# a comment
deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main contrib # x
deb http://mirror.example/debian-security bookworm-security main
deb-src http://mirror.example/debian bookworm main
deb http://third.example/pg bookworm-pgdg main
deb http://third.example/docker bookworm stable
"""
DEB822 = """\
Types: deb deb-src
# a comment within
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main non-free-firmware
Signed-By:
 -----BEGIN KEY-----
 .
 -----END KEY-----

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


def moved(etc: Path, *options: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / ".ci" / "debian_sources.py"
    return subprocess.run(
        [sys.executable, str(script), "bookworm", "trixie", "--etc", str(etc), *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_line_sources_keep_mirror_and_key_and_leave_third_parties_out(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(ONE_LINE, encoding="utf-8")
    assert moved(tmp_path).stdout == (
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n"
        "Signed-By: /keys/debian.gpg\n\n"
        "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: trixie-security\n"
        "Components: main\n"
    )


def test_deb822_sources_keep_inline_keys_and_leave_disabled_ones_out(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822, encoding="utf-8")
    assert moved(tmp_path).stdout == (
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie trixie-updates\n"
        "Components: main\nSigned-By: \n -----BEGIN KEY-----\n .\n -----END KEY-----\n"
    )


def test_another_keyring_takes_the_place_of_each_sources_own(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(ONE_LINE, encoding="utf-8")
    assert moved(tmp_path, "--keyring", "/new.gpg").stdout.count("Signed-By: /new.gpg\n") == 2


def test_a_machine_without_such_a_release_is_told_by_the_exit_status(tmp_path: Path) -> None:
    assert moved(tmp_path).returncode == 1
