"""The school's own certificate authority: made once, kept in a folder, signs for its servers.

Keys are NIST P-256: what mbedTLS on a gateway, browsers and OpenSSL all take, and quick on a board.
Extensions as RFC 5280 asks for and OpenSSL checks in strict mode.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.provision.private_file import write_private, write_whole

CA_DAYS = 20 * 365  # boards carry it: longer than any of them lasts
SERVER_DAYS = 820  # Apple's devices refuse a server's certificate of more than 825 days
RENEW_DAYS = 60  # what is good for less is made anew when somebody provisions
_BEFORE = timedelta(days=1)  # a clock that is behind must not refuse a new certificate


class AuthorityError(Exception):
    """The authority's files cannot be used; the text says why and what to do."""


class Certificate(msgspec.Struct, frozen=True):
    """A server's certificate and key in PEM files, the names it is good for, and until when."""

    certificate: Path
    key: Path
    hosts: tuple[str, ...]
    good_until: datetime

    def worn(self, now: datetime) -> bool:
        """Whether it is time to make another."""
        return self.good_until - now < timedelta(days=RENEW_DAYS)


class Authority:
    """The authority of one folder: `ca.key` (its owner's alone), `ca.crt`, and `ca.der` for boards.

    Raises (as does `issue`):
        AuthorityError: what lies there cannot be read or written, or is no authority.
    """

    def __init__(self, folder: Path, name: str, now: datetime | None = None) -> None:
        self.folder = folder
        self.certificate = folder / "ca.crt"
        self.der = folder / "ca.der"
        self._now = now or datetime.now(UTC)
        self._key_file = folder / "ca.key"
        try:
            if not self._key_file.exists() and not self.certificate.exists():
                self._make(name)
            self._key, self._ca = self._load()
        except OSError as error:
            raise AuthorityError(f"{folder}: {error.strerror}; it must be yours alone") from error
        except (ValueError, TypeError) as error:
            raise AuthorityError(
                f"{folder}: ca.key and ca.crt are no authority ({error}); put a backup of both back"
            ) from error

    def issue(self, name: str, hosts: Sequence[str]) -> Certificate:
        """Make `<name>.crt` and `<name>.key` for a server reached as any of `hosts`."""
        key = ec.generate_private_key(ec.SECP256R1())
        until = min(self._now + timedelta(days=SERVER_DAYS), self._ca.not_valid_after_utc)
        built = (
            self._start(name, key.public_key(), until)
            .issuer_name(self._ca.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_general(h) for h in hosts]), False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
            .sign(self._key, hashes.SHA256())
        )
        made = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        try:
            write_private(made[1], _pem(key))
            write_whole(made[0], built.public_bytes(serialization.Encoding.PEM), 0o644)
        except OSError as error:
            raise AuthorityError(f"{self.folder}: {error.strerror}") from error
        return Certificate(*made, tuple(hosts), until)

    def issued(self, name: str) -> Certificate | None:
        """The server's certificate of an earlier run, if it is whole and of this authority."""
        files = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        try:
            found = x509.load_pem_x509_certificate(files[0].read_bytes())
            key = serialization.load_pem_private_key(files[1].read_bytes(), None)
            found.verify_directly_issued_by(self._ca)
            names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, TypeError, x509.ExtensionNotFound, InvalidSignature):
            return None
        if key.public_key() != found.public_key():
            return None
        return Certificate(*files, tuple(str(n.value) for n in names), found.not_valid_after_utc)

    def _make(self, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        until = self._now + timedelta(days=CA_DAYS)
        start = self._start(f"{name} certificate authority", key.public_key(), until)
        built = (
            start.issuer_name(_named(f"{name} certificate authority"))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private(self._key_file, _pem(key))
        write_whole(self.der, built.public_bytes(serialization.Encoding.DER), 0o644)
        write_whole(self.certificate, built.public_bytes(serialization.Encoding.PEM), 0o644)

    def _load(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the key is of another kind")
        if key.public_key() != certificate.public_key():
            raise ValueError("the key is another one's")
        return key, certificate

    def _start(
        self, name: str, public: ec.EllipticCurvePublicKey, until: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _BEFORE)
            .not_valid_after(until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])  # X.520's limit


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
