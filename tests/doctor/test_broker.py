"""What the doctor says of the broker and of whom it knows; on a real mosquitto."""

import paho.mqtt.publish as mqtt_publish
import pytest

from edge.contracts.school_file import parse_school
from edge.contracts.settings import MqttSettings
from edge.doctor.broker import check_broker, check_certificate
from tests.agent.schools import SITE, TEXT
from tests.support.broker import Broker
from tests.support.ports import free_port

pytestmark = pytest.mark.anyio

SCHOOL = parse_school(TEXT)
STATUS = '{"v":1,"online":%s,"boot":"0000000100000001"}'


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def tell(broker: Broker, gateway: str, online: str, *, body: str = STATUS) -> None:
    text = body % online if "%s" in body else body
    mqtt_publish.single(
        f"rollcall/{SITE}/{gateway}/status", text, 1, True, hostname="127.0.0.1", port=broker.port
    )


async def test_gateways_are_told_by_what_is_retained(broker: Broker) -> None:
    known, *others = SCHOOL.gateway_ids
    tell(broker, known, "true")
    tell(broker, "gw-stranger", "true")
    tell(broker, others[0], "", body="not JSON")
    login, gateways = await check_broker(MqttSettings(url=broker.url), SCHOOL)
    assert login.verdict == "good"
    assert gateways.verdict == "odd"
    assert gateways.says.startswith(f"1 of {len(SCHOOL.gateway_ids)} online")
    assert "not in the school file: gw-stranger" in gateways.says
    assert f"offline: {', '.join(sorted(others))}" in gateways.says


async def test_a_broker_that_is_away_is_bad_and_named() -> None:
    url = f"mqtt://127.0.0.1:{free_port()}"
    (found,) = await check_broker(MqttSettings(url=url), SCHOOL)
    assert found.verdict == "bad" and url in found.says


async def test_a_broker_without_tls_has_no_certificate_and_one_that_should_is_told(
    broker: Broker,
) -> None:
    assert await check_certificate(MqttSettings(url=broker.url)) is None
    found = await check_certificate(MqttSettings(url=broker.url.replace("mqtt:", "mqtts:")))
    assert found is not None and found.verdict == "bad"
