"""The gateway trusts the school's own authority alone, and says why it does not come in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.provision.authority import SERVER_DAYS, Authority, Certificate
from edge.provision.mosquitto import password_line
from tests.firmware.host.process import firmware, interpreter
from tests.support.broker import Broker
from tests.support.ports import free_port
from tests.support.waiting import wait_for

USER, PASSWORD = "gw-d101", "chalk and dust"
# Debian's MicroPython has no words of its own for it.
UNTRUSTED = "certificate is not of our authority, expired, or for another name"
BOTH = pytest.mark.parametrize("name", ["micropython", "cpython"])

_LISTENER = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {passwords}
certfile {files.certificate}
keyfile {files.key}
"""


@contextmanager
def tls_broker(binary: str, folder: Path, files: Certificate) -> Iterator[Broker]:
    passwords = folder / "passwords"
    passwords.write_text(password_line(USER, PASSWORD, b"twelve bytes") + "\n")
    passwords.chmod(0o600)
    port = free_port()
    config = _LISTENER.format(port=port, passwords=passwords, files=files)
    with Broker(binary, folder, config, port) as running:
        yield running


def authority(folder: Path, now: datetime | None = None) -> Authority:
    folder.mkdir()
    return Authority(folder, "Lincoln", now)


class Meeting:
    """One gateway that tries one broker; what each of them says."""

    def __init__(self, broker: Broker, folder: Path, pid: int) -> None:
        self.broker = broker
        self._gateway_log = folder / "gateway.log"
        self._descriptors = Path(f"/proc/{pid}/fd")

    def times_in(self) -> int:
        return self.broker.log.read_text(encoding="utf-8").count(f"as rollcall-lincoln-{USER}")

    def is_in(self) -> bool:
        return self.times_in() > 0

    def sockets(self) -> int:
        """How many the gateway has open: each is a TLS session with all its memory."""
        links = [str(entry.readlink()) for entry in self._descriptors.iterdir()]
        return sum(link.startswith("socket:") for link in links)

    def gateway_says(self) -> str:
        text = self._gateway_log.read_text(encoding="utf-8")
        return "\n".join(line for line in text.splitlines() if line.startswith("broker "))


@contextmanager
def meeting(
    name: str,
    micropython: list[str],
    mosquitto: str,
    folder: Path,
    *,
    signed_by: Authority,
    trusts: Authority,
    host: str = "localhost",
    certificate_for: str = "localhost",
    password: str = PASSWORD,
) -> Iterator[Meeting]:
    files = signed_by.issue("broker", [certificate_for])
    words = interpreter(name, micropython)
    with tls_broker(mosquitto, folder, files) as broker:
        mqtt = {
            "host": host,
            "port": broker.port,
            "user": USER,
            "password": password,
            "ca": str(trusts.der),
        }
        with firmware(words, folder, ["/dev/no-such-reader"], broker.port, mqtt=mqtt) as process:
            yield Meeting(broker, folder, process.pid)


@BOTH
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_broker_with_a_certificate_of_our_authority_is_trusted(
    name: str, host: str, micropython_binary: list[str], mosquitto_binary: str, tmp_path: Path
) -> None:
    ours = authority(tmp_path / "ours")
    with meeting(
        name,
        micropython_binary,
        mosquitto_binary,
        tmp_path,
        signed_by=ours,
        trusts=ours,
        host=host,
        certificate_for=host,
    ) as met:
        wait_for(met.is_in, 15, "the connection")
        assert met.gateway_says() == ""


@BOTH
@pytest.mark.parametrize("what", ["another authority", "expired", "another name"])
def test_a_certificate_that_must_not_be_trusted_is_refused_and_said(
    name: str, what: str, micropython_binary: list[str], mosquitto_binary: str, tmp_path: Path
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=SERVER_DAYS + 30)
    ours = authority(tmp_path / "ours", long_ago if what == "expired" else None)
    other = authority(tmp_path / "other")
    with meeting(
        name,
        micropython_binary,
        mosquitto_binary,
        tmp_path,
        signed_by=other if what == "another authority" else ours,
        trusts=ours,
        certificate_for="elsewhere" if what == "another name" else "localhost",
    ) as met:
        said = wait_for(met.gateway_says, 15, "what the gateway says")
        assert not met.is_in()
        words = {
            "another authority": ("certificate verify failed", UNTRUSTED),
            "expired": ("expired",),
            "another name": ("mismatch", UNTRUSTED),
        }[what]
        assert any(word in said for word in words), said


@BOTH
def test_a_wrong_password_is_refused_and_said(
    name: str, micropython_binary: list[str], mosquitto_binary: str, tmp_path: Path
) -> None:
    ours = authority(tmp_path / "ours")
    with meeting(
        name,
        micropython_binary,
        mosquitto_binary,
        tmp_path,
        signed_by=ours,
        trusts=ours,
        password="wrong",
    ) as met:
        said = wait_for(met.gateway_says, 15, "what the gateway says")
        assert "password" in said or "not authorised" in said
        assert not met.is_in()


def test_a_new_connection_begins_with_nothing_left_of_the_old_one(
    micropython_binary: list[str], mosquitto_binary: str, tmp_path: Path
) -> None:
    ours = authority(tmp_path / "ours")
    with meeting(
        "micropython", micropython_binary, mosquitto_binary, tmp_path, signed_by=ours, trusts=ours
    ) as met:
        wait_for(met.is_in, 15, "the connection")
        before = met.sockets()
        for times in (2, 3):
            met.broker.kill9()
            met.broker.start()
            wait_for(lambda wanted=times: met.times_in() >= wanted, 30, f"connection {times}")
            assert met.sockets() == before
