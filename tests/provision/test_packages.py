"""mip and a frozen image get what `gateway flash` installs: every file of a board, no other."""

import json
from typing import Any

import mpremote.mip

from edge.provision.application import FOLDER, ROOT_FILES, compile_application, sources

SHIPPED = {*sources("esp32"), *ROOT_FILES}
PACKAGE = FOLDER / "package.json"


def test_mip_is_told_every_file_and_no_other() -> None:
    package = json.loads(PACKAGE.read_text(encoding="utf-8"))
    assert [target for target, _ in package["urls"]] == sorted(SHIPPED)
    assert all(target == source for target, source in package["urls"])
    assert package["version"] == compile_application().version


def test_mpremote_installs_them(monkeypatch: Any) -> None:
    put: dict[str, bytes] = {}

    def write(_transport: object, path: str, data: bytes, *_: object) -> None:
        put[path] = data

    monkeypatch.setattr(mpremote.mip, "_ensure_path_exists", lambda *_: None)
    monkeypatch.setattr(mpremote.mip, "_check_exists", lambda *_: False)

    class Transport:
        def fs_writefile(self, path: str, data: bytes, **_: object) -> None:
            put[path] = data

    mpremote.mip._install_package(Transport(), str(PACKAGE), "", "", None, False)
    assert {path.removeprefix("/") for path in put} == SHIPPED
    assert put["/boot.py"] == (FOLDER / "boot.py").read_bytes()


def test_a_build_freezes_every_file_and_no_other() -> None:
    frozen: list[str] = []

    def package(name: str, files: tuple[str, ...] | None = None) -> None:
        inside = files or [
            path.relative_to(FOLDER / name).as_posix() for path in (FOLDER / name).rglob("*.py")
        ]
        frozen.extend(f"{name}/{file}" for file in inside)

    versions: list[str] = []
    words = {
        "include": lambda _: None,
        "metadata": lambda version: versions.append(version),
        "module": frozen.append,
        "package": package,
    }
    exec((FOLDER / "manifest.py").read_text(encoding="utf-8"), words)
    assert sorted(frozen) == sorted(SHIPPED)
    assert versions == [compile_application().version]
