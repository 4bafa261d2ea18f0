"""The API keeps to its description, whatever is asked and whoever asks (by schemathesis)."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.requests import HTTPConnection

from edge.accounts.roles import ALL, Role
from edge.api.access import Viewer
from tests.api.real_agent import CartGateway, RealAgent, epc_of
from tests.api.who import a_viewer
from tests.support.broker import Broker
from tests.support.counts import count
from tests.support.waiting import wait_for

# A 500 is in no description; 503 and 504 are in some.
AS_DESCRIBED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = "/api/v1/stream"  # see test_stream.py
HERE = "http://127.0.0.1:8000"
KNOWN: dict[str, Any] = {
    "device": epc_of(14),
    "cart": "c3",
    "epc": epc_of(7),
    "gateway": "gw-c3",
    "alert": "640.0",
}


class Asked:
    """The real agent, with a little of everything in its database, asked in this process."""

    def __init__(self, agent: RealAgent) -> None:
        self._agent = agent
        self.viewer = Viewer(role=None)
        self.description = agent.app.openapi()

    def send(self, case: Case, role: Role | None) -> httpx.Response:
        """Ask what the case says, as one with this role."""
        words = case.as_transport_kwargs(base_url=HERE)
        taken = {"method", "url", "headers", "params", "json", "data"}
        known = {name: value for name, value in words.items() if name in taken}
        if isinstance(known.get("data"), str | bytes):
            known["content"] = known.pop("data")
        self.viewer = a_viewer(role)
        return self._agent.call(self._ask(known))

    async def _ask(self, words: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._agent.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as http:
            return await http.request(**words)


@pytest.fixture(scope="module")
def asked(mosquitto_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("school")

    async def who(_: HTTPConnection) -> Viewer:
        return asked.viewer

    with Broker(mosquitto_binary, folder) as broker, ExitStack() as stack:
        agent = stack.enter_context(RealAgent(folder, broker.url, [7, 14], who))
        asked = Asked(agent)
        with CartGateway(broker.port) as gateway:
            gateway.inside = {7}
            seen = f"{agent.url}/api/v1/totals"
            asked.viewer = a_viewer(Role.ADMIN)
            wait_for(lambda: httpx.get(seen).json()["batches"] > 0, 20.0, "a batch")
        broker.kill9()  # a command to a gateway is refused at once
        lent = {"device": epc_of(14), "name": "Somebody of Grade 5"}
        loan = httpx.post(f"{agent.url}/api/v1/loans", json=lent).json()
        KNOWN.update(holder=loan["holder"], loan=loan["id"])
        with closing(sqlite3.connect(agent.database)) as connection, connection:
            connection.execute(
                "INSERT INTO alerts (id, t, decided, rule, late, gateway, why)"
                " VALUES (?, 1.5e9, 1.5e9, 'gateway-offline', 0, 'gw-c3', '{}')",
                (KNOWN["alert"],),
            )
        yield asked


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_whatever_is_asked_it_answers_as_it_says(mode: GenerationMode, asked: Asked) -> None:
    checks = [*AS_DESCRIBED]
    if mode is GenerationMode.NEGATIVE:
        checks.append(negative_data_rejection)
    description = schemathesis.openapi.from_dict(asked.description)
    tried = 0
    for found in description.get_all_operations():
        operation = found.ok()
        if operation.path == ENDLESS or (
            mode is GenerationMode.NEGATIVE and cannot_be_wrong(operation)
        ):
            continue
        tried += 1

        @settings(
            max_examples=count(3, 200),
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode), st.booleans())
        def answers(case: Case, known: bool) -> None:
            if known and mode is GenerationMode.POSITIVE:
                name_what_there_is(case)
            for role in (None, *ALL):
                case.validate_response(asked.send(case, role), checks=checks)

        answers()
    assert tried >= 7


def name_what_there_is(case: Case) -> None:
    """Let the case be about things that are in the database."""
    for where in (case.path_parameters, case.query, case.body):
        if isinstance(where, dict):
            where.update({name: KNOWN[name] for name in where.keys() & KNOWN.keys()})


def cannot_be_wrong(operation: APIOperation) -> bool:
    """Whether every request to it is a good one: it takes nothing, or any word in its path."""
    wanted = operation.definition.raw
    return "requestBody" not in wanted and all(
        one["in"] == "path" and one["schema"]["type"] == "string"
        for one in wanted.get("parameters", [])
    )
