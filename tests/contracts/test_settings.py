"""Settings have defaults that serve a school; the environment goes before the file."""

from pathlib import Path

import pytest

from edge.contracts.settings import SettingsError, load_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "rollcall.toml"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, 'school = "a.toml"\n[mqtt]\nca = "ca.pem"\n'))
    assert settings.school == tmp_path / "a.toml"
    assert settings.data == tmp_path / "data"
    assert settings.mqtt.ca == tmp_path / "ca.pem"
    assert settings.http.port == 8000


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROLLCALL_MQTT__URL", "mqtts://broker:8883")
    settings = load_settings(written(tmp_path, '[mqtt]\nurl = "mqtt://other:1"\nusername = "a"\n'))
    assert settings.mqtt.url == "mqtts://broker:8883"
    assert settings.mqtt.username == "a"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 1", "colour"),
        ('[mqtt]\nurl = "http://x"', "mqtt.url"),
        ('[mqtt]\nurl = "mqtt://me:secret@x"', "mqtt.url"),
        ("[http]\nport = 70000", "http.port"),
        ("[http", "not TOML"),
    ],
)
def test_a_wrong_setting_is_told_with_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(SettingsError, match=r"rollcall\.toml") as refused:
        load_settings(written(tmp_path, text))
    assert key in refused.value.problems[0]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml")


def test_a_section_of_the_environment_that_is_no_json_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROLLCALL_HTTP", "8000")
    monkeypatch.setenv("ROLLCALL_MQTT", "nonsense")
    with pytest.raises(SettingsError) as refused:
        load_settings(written(tmp_path, ""))
    assert str(refused.value).startswith("environment: ")
