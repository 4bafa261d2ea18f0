"""The school's own certificate authority: made once, private, and refused where it is damaged."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.provision.authority import RENEW_DAYS, SERVER_DAYS, Authority, AuthorityError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_it_is_made_once_and_its_keys_are_its_owners_alone(tmp_path: Path) -> None:
    first = Authority(tmp_path, "Lincoln")
    issued = first.issue("broker", ["localhost", "127.0.0.1"])
    before = first.certificate.read_bytes()
    again = Authority(tmp_path, "Lincoln")
    assert again.certificate.read_bytes() == before
    assert ssl.PEM_cert_to_DER_cert(before.decode()) == again.der.read_bytes()
    assert (mode(tmp_path / "ca.key"), mode(issued.key)) == (0o600, 0o600)
    kept = again.issued("broker")
    assert kept is not None and kept.hosts == ("localhost", "127.0.0.1")
    assert {path.name for path in tmp_path.iterdir()} == {
        *("ca.key", "ca.crt", "ca.der", "broker.key", "broker.crt")
    }


def test_a_certificate_of_another_authority_or_with_another_key_is_none(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "a", "A"), Authority(tmp_path / "b", "A")
    ours.issue("broker", ["localhost"])
    theirs.issue("broker", ["localhost"])
    for file in ("broker.key", "broker.crt"):
        good = (tmp_path / "a" / file).read_bytes()
        (tmp_path / "a" / file).write_bytes((tmp_path / "b" / file).read_bytes())
        assert ours.issued("broker") is None, file
        (tmp_path / "a" / file).write_bytes(good)
    assert ours.issued("broker") is not None


def test_a_certificate_is_worn_some_time_before_its_end(tmp_path: Path) -> None:
    made = Authority(tmp_path, "A").issue("broker", ["localhost"])
    now = datetime.now(UTC)
    assert not made.worn(now)
    assert made.worn(now + timedelta(days=SERVER_DAYS - RENEW_DAYS + 1))


@pytest.mark.parametrize("file", ["ca.key", "ca.crt"])
@pytest.mark.parametrize("content", [b"", b"no PEM", None])
def test_a_damaged_authority_is_never_replaced_by_a_new_one(
    tmp_path: Path, file: str, content: bytes | None
) -> None:
    Authority(tmp_path, "A")
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(AuthorityError, match=r"no authority|No such file"):
        Authority(tmp_path, "A")
