"""Only someone at this machine sees all, and no page from elsewhere can borrow that."""

import pytest

from edge.api.app import create_app
from tests.api.asking import ask
from tests.api.fake_agent import FakeAgent


def status(**how):
    return ask(create_app(FakeAgent()), "/api/v1/gateways", **how).status_code


@pytest.mark.parametrize(
    ("client", "host"),
    [
        ("127.0.0.1", "127.0.0.1:8000"),
        ("127.0.0.1", "localhost:8000"),
        ("127.0.0.1", "LOCALHOST"),
        ("127.0.0.53", "127.0.0.53"),
        ("::1", "[::1]:8000"),
        ("::ffff:127.0.0.1", "localhost"),
    ],
)
def test_this_machine_by_a_loopback_name_sees_all(client, host):
    assert status(client=client, host=host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "192.0.2.10", "", "[::"]
)
def test_a_strangers_name_that_resolves_to_this_machine_does_not(host):
    assert status(host=host) == 403


@pytest.mark.parametrize("client", ["192.0.2.20", "2001:db8::1", "::ffff:192.0.2.20"])
def test_another_machine_does_not_whatever_host_it_names(client):
    assert status(client=client, host="localhost") == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_what_a_proxy_forwards_does_not(header):
    assert status(headers={header: "127.0.0.1"}) == 403
