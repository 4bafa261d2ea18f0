"""The broker's folder: made once, brought up to the school file, and used by agent and doctor."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.agent.service import Agent
from edge.contracts.settings import AgentSettings, MqttSettings
from edge.doctor.broker import check_broker, check_certificate
from edge.provision.broker import password_of, provision_broker
from tests.agent.running import names, running
from tests.agent.schools import BOOT, SITE, TEXT, payload, school, settings
from tests.provision.people import Person
from tests.support.broker import Broker
from tests.support.tools import find_program, required
from tests.support.waiting import eventually

SECRET = {"ca.key", "broker.key", "passwords", "acl", "mosquitto.conf", "agent", "gw-c1", "gw-d1"}


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def provision(config: Path, *words: str) -> str:
    command = [sys.executable, "-m", "edge.cli", "broker", "provision", "--config", str(config)]
    done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "school.toml").write_text(TEXT)
    path = tmp_path / "rollcall.toml"
    path.write_text('[mqtt]\nurl = "mqtt://127.0.0.1:1"\n')
    return path


def test_every_secret_is_its_owners_alone(folder: Path) -> None:
    provision_broker(school(), folder)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*") if p.is_file()}
    assert {name for name, mode in modes.items() if mode == 0o600} == SECRET
    assert set(modes) - SECRET == {"ca.crt", "ca.der", "broker.crt"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (folder, folder / "users")} == {0o700}


def test_a_second_run_keeps_everything_and_a_third_knows_the_new_gateway(config: Path) -> None:
    first = provision(config, "--host", "rollcall.local")
    assert (
        "agent, gw-c1, gw-d1 new" in first and "for localhost, 127.0.0.1, rollcall.local" in first
    )
    folder = config.parent / "data" / "broker"
    before = contents(folder)
    assert "certificate: kept" in provision(config)
    assert contents(folder) == before

    (config.parent / "school.toml").write_text(TEXT.replace("gw-c1", "gw-new"))
    assert "users: gw-new new, gw-c1 gone" in provision(config)
    after = contents(folder)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"passwords", "gw-c1", "gw-new"}
    assert before["passwords"].splitlines()[0] == after["passwords"].splitlines()[0]


def test_a_new_certificate_is_made_when_asked_for_or_for_another_name(config: Path) -> None:
    provision(config)
    folder = config.parent / "data" / "broker"
    for words in (["--renew"], ["--host", "192.0.2.7"]):
        before = contents(folder)
        assert "certificate: new" in provision(config, *words)
        after = contents(folder)
        assert {name for name in after if before[name] != after[name]} == {
            *("broker.crt", "broker.key")
        }


def test_mosquittos_own_program_agrees_with_the_passwords(folder: Path, tmp_path: Path) -> None:
    """`mosquitto_passwd -U` hashes plain lines; ours it must take for hashed already."""
    program = required("mosquitto_passwd", find_program("mosquitto_passwd"))
    provision_broker(school(), folder)
    copy = tmp_path / "copy"
    copy.write_bytes((folder / "passwords").read_bytes())
    subprocess.run([program, "-D", str(copy), "gw-c1"], check=True, timeout=10)
    left = [line for line in (folder / "passwords").read_text().splitlines() if "gw-c1" not in line]
    assert copy.read_text().splitlines() == left


def secured_settings(tmp_path: Path, folder: Path, broker: Broker) -> AgentSettings:
    mqtt = MqttSettings(
        url=f"mqtts://127.0.0.1:{broker.agent_port}",
        ca=folder / "ca.crt",
        username="agent",
        password_file=password_of(folder, "agent"),
    )
    return settings(tmp_path).model_copy(update={"mqtt": mqtt})


@pytest.mark.anyio
async def test_the_agent_takes_batches_and_confirms_them_over_tls(
    secured: Broker, folder: Path, tmp_path: Path, enter: Callable[[str], Person]
) -> None:
    gateway = enter("gw-d1")
    gateway.hear(f"rollcall/{SITE}/gw-d1/ack", f"rollcall/{SITE}/agent/status")
    async with running(Agent(secured_settings(tmp_path, folder, secured))):
        for seq in range(20):
            name = f"rollcall/{SITE}/gw-d1/reads/{BOOT}/{seq}"
            gateway.say(name, payload=json.dumps(payload(up=10_000 + 250 * seq)).encode())
        await eventually(lambda: len(names(tmp_path)) == 20, 20.0, "20 batches")
        own = {f"rollcall/{SITE}/gw-d1/ack", f"rollcall/{SITE}/agent/status"}
        await eventually(lambda: own <= set(gateway.heard), 10.0, "ack and status")


@pytest.mark.anyio
async def test_the_doctor_finds_broker_and_certificate_good(
    secured: Broker, folder: Path, tmp_path: Path
) -> None:
    mqtt = secured_settings(tmp_path, folder, secured).mqtt
    login, _ = await check_broker(mqtt, school())
    certificate = await check_certificate(mqtt)
    assert certificate is not None
    assert (login.verdict, certificate.verdict) == ("good", "good")
    good_until = provision_broker(school(), folder).good_until
    days = (good_until - datetime.now(UTC)) / timedelta(days=1)
    assert certificate.says == f"good for {days:.0f} days"
