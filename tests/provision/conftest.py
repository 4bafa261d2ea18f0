"""A real mosquitto that runs with what `rollcall broker provision` made."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.provision.broker import password_of, provision_broker
from edge.provision.mosquitto import AGENT, Listeners
from tests.agent.schools import school
from tests.provision.people import Person
from tests.support.broker import Broker
from tests.support.ports import free_port


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The broker's folder."""
    return tmp_path / "broker"


@pytest.fixture
def secured(mosquitto_binary: str, tmp_path: Path, folder: Path) -> Iterator[Broker]:
    """A running mosquitto with TLS, passwords and rights of the test school."""
    at = Listeners(port=free_port(), bind="127.0.0.1", agent_port=free_port())
    made = provision_broker(school(), folder, at=at, home_assistant=True)
    text = made.configuration.read_text(encoding="utf-8")
    with Broker(mosquitto_binary, tmp_path, text, at.port, at.agent_port) as running:
        yield running


@pytest.fixture
def enter(secured: Broker, folder: Path) -> Iterator[Callable[[str], Person]]:
    """Let a user in with the password it was given; everybody leaves at the end."""
    inside: list[Person] = []

    def let_in(user: str, claims: str = "") -> Person:
        password = password_of(folder, user).read_text().strip()
        port = secured.agent_port if user == AGENT else secured.port
        person = Person(port, folder / "ca.crt", user, password, claims)
        assert person.refused is None
        inside.append(person)
        return person

    yield let_in
    for person in inside:
        person.leave()
