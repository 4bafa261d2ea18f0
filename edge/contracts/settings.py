"""The agent's settings: `rollcall.toml`, each also from the environment (`ROLLCALL_MQTT__URL`)."""

import tomllib
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableVariable

from edge.contracts.broker_url import parse_broker_url
from edge.contracts.plain import plain


class SettingsError(ValueError):
    """Settings that are refused; `problems` are sentences, each with its key."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = [plain(problem) for problem in problems]
        super().__init__("; ".join(self.problems))


class MqttSettings(BaseModel):
    """Where the broker is. A password comes from a file or ROLLCALL_MQTT_PASSWORD."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = "mqtt://127.0.0.1:1883"
    ca: Path | None = None
    username: str | None = None
    password_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _is_broker_url(cls, url: str) -> str:
        parse_broker_url(url)
        return url


class HttpSettings(BaseModel):
    """Where the page is served; `tls_port` and `public_url` serve sign-in.

    HTTPS is served where others than this machine are, or where `tls_port` is set; 0 is never.
    Without `board` nothing is shown to those who are not signed in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    tls_port: int = Field(default=8443, ge=0, le=65535)
    public_url: str = ""
    board: bool = True

    @property
    def on_loopback(self) -> bool:
        """Whether this machine alone can ask."""
        return self.host == "localhost" or self.host.startswith("127.") or self.host == "::1"

    @property
    def serves_tls(self) -> bool:
        """Whether HTTPS is served."""
        asked_for = "tls_port" in self.model_fields_set
        return self.tls_port != 0 and (asked_for or not self.on_loopback)

    @field_validator("public_url")
    @classmethod
    def _is_https(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme != "https" or not parts.hostname or parts.path.strip("/")):
            raise ValueError("must be https:// and a name, and nothing behind it")
        return url


class HomeAssistantSettings(BaseModel):
    """Whether Home Assistant finds gateways, carts and alerts on the broker by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    discovery: bool = False


class NotifySettings(BaseModel):
    """Whom to tell of alerts: `addresses` is a file of apprise's, one a line; without it nobody.

    `quiet`: school time in which nobody is told, as ["18:00", "06:30"]; what came waits.
    `contact`: who should look at a gateway, as words for people.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    addresses: Path | None = None
    quiet: tuple[time, time] | None = None
    contact: str = Field(default="", max_length=200)


class RetentionSettings(BaseModel):
    """For how many days what is kept: docs/privacy.md says of each table which of them holds.

    `reads_days`: reads as they came; `places_days`: where devices were, events, closed alerts;
    `holders_days`: who had a device, after it came back; `logs_days`: who looked at names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reads_days: int = Field(default=14, ge=2, le=400)  # the engine looks back over a day
    places_days: int = Field(default=150, ge=2, le=4000)  # a term
    holders_days: int = Field(default=30, ge=1, le=4000)
    logs_days: int = Field(default=730, ge=30, le=4000)


class BackupSettings(BaseModel):
    """How often the database is copied by itself (0: never), and how many copies are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_hours: int = Field(default=24, ge=0, le=24 * 31)
    keep: int = Field(default=7, ge=1, le=400)


class SingleSignOnSettings(BaseModel):
    """The school's Google or Microsoft account, or another issuer of OpenID Connect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str  # google, microsoft, or an issuer's address
    client_id: str
    client_secret_file: Path
    domain: str
    tenant: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "SingleSignOnSettings":
        if self.provider == "microsoft" and not self.tenant:
            raise ValueError("microsoft needs the school's tenant, its id in Entra")
        named = self.provider in ("google", "microsoft")
        parts = urlsplit(self.provider)
        if not named and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1"):
            raise ValueError("provider is google, microsoft or an issuer's https address")
        return self


class AgentSettings(BaseSettings):
    """All settings of one agent; paths are absolute once loaded."""

    model_config = SettingsConfigDict(
        extra="forbid", env_prefix="ROLLCALL_", env_nested_delimiter="__"
    )

    school: Path = Path("school.toml")
    devices: Path | None = None
    data: Path = Path("data")
    mqtt: MqttSettings = MqttSettings()
    http: HttpSettings = HttpSettings()
    home_assistant: HomeAssistantSettings = HomeAssistantSettings()
    retention: RetentionSettings = RetentionSettings()
    notify: NotifySettings = NotifySettings()
    backup: BackupSettings = BackupSettings()
    single_sign_on: SingleSignOnSettings | None = None

    @model_validator(mode="after")
    def _has_public_url(self) -> "AgentSettings":
        if self.single_sign_on is not None and not self.http.public_url:
            raise ValueError("single_sign_on needs http.public_url: people are sent back there")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment go before the file (which comes in as `init_settings`)."""
        return (env_settings, init_settings)


def load_settings(path: Path) -> AgentSettings:
    """Read `rollcall.toml`; relative paths are taken from the file's folder.

    Raises:
        SettingsError: the file cannot be read, or holds an unknown key or a wrong value.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}"]) from error
    except (ValueError, RecursionError) as error:  # also a number or a nesting without end
        raise SettingsError([f"{path}: not TOML: {error}"]) from error
    try:
        settings = AgentSettings(**raw)
    except ValidationError as error:
        raise SettingsError([_sentence(path, problem) for problem in error.errors()]) from error
    except UnreadableVariable as error:  # a section as a whole, ROLLCALL_HTTP, that is no JSON
        raise SettingsError(
            [f"environment: {error}; set each key by itself, as in ROLLCALL_HTTP__PORT"]
        ) from error
    return _anchored(settings, path.resolve().parent)


def _anchored(settings: AgentSettings, folder: Path) -> AgentSettings:
    def absolute(path: Path | None) -> Path | None:
        return folder / path if path is not None else None

    mqtt = settings.mqtt.model_copy(
        update={
            "ca": absolute(settings.mqtt.ca),
            "password_file": absolute(settings.mqtt.password_file),
        }
    )
    notify = settings.notify.model_copy(update={"addresses": absolute(settings.notify.addresses)})
    single = settings.single_sign_on
    if single is not None:
        file = absolute(single.client_secret_file)
        single = single.model_copy(update={"client_secret_file": file})
    return settings.model_copy(
        update={
            "single_sign_on": single,
            "school": absolute(settings.school),
            "devices": absolute(settings.devices),
            "data": absolute(settings.data),
            "mqtt": mqtt,
            "notify": notify,
        }
    )


def _sentence(path: Path, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "settings"
    return f"{path}: {key}: {problem['msg'].removeprefix('Value error, ')}"
