"""The application is compiled whole, and laid out so that only its gateway's firmware takes it."""

from pathlib import Path

import pytest

from edge.provision.application import FOLDER, FREEZE, ONLY_ON, ROOT_FILES, Application, sources
from edge.provision.updates import NoKey, put_update, served_file, update_key
from firmware.gateway import manifest as on_the_board

SMALL = Application("0.2.0", [("main.mpy", b"M\x06" * 20), ("gateway/mqtt.mpy", b"")])


def lines(manifest: bytes) -> list[bytes]:
    return manifest.splitlines(keepends=True)


def test_the_firmware_reads_what_is_made_here(tmp_path: Path) -> None:
    key = update_key(tmp_path, "gw-d1", make=True)
    read = on_the_board.Manifest(key)
    files = list(read.files(lines(SMALL.manifest(key))))
    assert (read.version, read.size) == ("0.2.0", 40)
    assert [(file.path, file.size) for file in files] == [("main.mpy", 40), ("gateway/mqtt.mpy", 0)]
    other = update_key(tmp_path, "gw-c1", make=True)
    with pytest.raises(on_the_board.BadManifest):
        on_the_board.Manifest(other).check(lines(SMALL.manifest(key)))


def test_each_gateway_keeps_its_key_and_nobody_else_reads_it(tmp_path: Path) -> None:
    key = update_key(tmp_path, "gw-d1", make=True)
    assert update_key(tmp_path, "gw-d1") == update_key(tmp_path, "gw-d1", make=True) == key
    (file,) = (tmp_path / "broker" / "update-keys").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(NoKey, match="provision"):
        update_key(tmp_path, "gw-c1")
    with pytest.raises(NoKey):
        update_key(tmp_path, "../passwords")


def test_all_of_the_firmware_is_in_it_but_what_the_platform_lacks() -> None:
    every = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py")}
    board, pc = set(sources("esp32")), set(sources("host"))
    assert board | pc | {*ROOT_FILES, FREEZE} == every
    assert board - pc == set(ONLY_ON["esp32"]) and pc - board == set(ONLY_ON["host"])


def test_only_what_was_laid_out_is_served(tmp_path: Path) -> None:
    digest = put_update(tmp_path, SMALL, bytes(32))
    for name in ("manifest", "bundle"):
        assert served_file(tmp_path, digest, name) is not None
    for folder, name in ((digest, "../bundle"), ("..", "bundle"), ("0" * 64, "bundle")):
        assert served_file(tmp_path, folder, name) is None


def test_old_updates_go(tmp_path: Path) -> None:
    digests = [put_update(tmp_path, SMALL, bytes([at] * 32)) for at in range(23)]
    assert len(list((tmp_path / "updates").iterdir())) == 20
    assert served_file(tmp_path, digests[-1], "bundle") is not None
