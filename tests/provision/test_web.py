"""The page's certificate: made once, for what this machine is called, by the school's authority."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.provision.authority import AuthorityError
from edge.provision.web import ALWAYS, own_names, page_certificate

NOW = datetime(2025, 11, 24, 7, 42, tzinfo=UTC)


def test_it_is_made_once_and_again_for_another_name_or_when_it_is_worn(tmp_path: Path) -> None:
    first = page_certificate(tmp_path, "Lincoln", ["pi.local", "192.0.2.10"], NOW)
    assert set(first.hosts) == {*ALWAYS, "pi.local", "192.0.2.10"}
    before = first.certificate.read_bytes()
    assert page_certificate(tmp_path, "Lincoln", ["pi.local"], NOW).good_until == first.good_until
    assert first.certificate.read_bytes() == before
    moved = page_certificate(tmp_path, "Lincoln", ["192.0.2.11"], NOW)
    assert "192.0.2.11" in moved.hosts and moved.certificate.read_bytes() != before
    later = page_certificate(tmp_path, "Lincoln", ["192.0.2.11"], NOW + timedelta(days=800))
    assert later.good_until > moved.good_until


def test_a_browser_that_trusts_the_authority_takes_it(tmp_path: Path) -> None:
    made = page_certificate(tmp_path, "Lincoln", [])
    trusting = ssl.create_default_context(cafile=tmp_path / "broker" / "ca.crt")
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(made.certificate, made.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname="rollcall.local")
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.getpeercert() and client.version() == "TLSv1.3"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "broker").write_text("a file where the folder should be")
    with pytest.raises(AuthorityError, match="broker"):
        page_certificate(tmp_path, "Lincoln", [], NOW)


def test_the_names_are_the_hosts_its_address_and_the_public_one() -> None:
    names = own_names("192.0.2.10", "https://rollcall.school.example")
    assert {"192.0.2.10", "rollcall.school.example"} <= set(names)
    assert own_names("0.0.0.0", "")
