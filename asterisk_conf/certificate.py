"""The certificate of the browsers' port: made at set-up, signed by itself, renewed before it expires.

An agents' network that has an authority of its own puts its certificate and key in place of these
two files; one that this installation did not make is never replaced.
"""

import datetime
import ipaddress
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = datetime.timedelta(days=365)
RENEW = datetime.timedelta(days=30)  # before the end
_MAKER = "Kring Pajak (made at set-up)"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound

Now = Callable[[], datetime.datetime]


class CertificateProblem(Exception):
    """The certificate or its key cannot be used; the text names the file and the remedy."""


def utc_now() -> datetime.datetime:
    """Return the time, aware."""
    return datetime.datetime.now(datetime.UTC)


def ensure(certificate: Path, key: Path, host: str, now: Now = utc_now) -> bool:
    """Make or renew the certificate and its key where that is due; return whether it was.

    `host`: the address or name that browsers connect to, beside this machine's own names. Raises
    CertificateProblem for a certificate of somebody else that needs replacing.
    """
    found = list(problems(certificate, key, host, now))
    if not found:
        return False
    if certificate.exists() and not _ours(certificate):
        raise CertificateProblem(found[0])
    _make(certificate, key, host, now())
    return True


def problems(certificate: Path, key: Path, host: str, now: Now = utc_now) -> Iterator[str]:
    """Tell what is wrong with the certificate, each with its remedy."""
    for path in (certificate, key):
        if not path.is_file():
            yield f"{path}: missing; run `kring serve --set-up` to make it"
            return
    if stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield f"{key}: others may read it; run: chmod 600 {key}"
    try:
        read = _read(certificate)
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (ValueError, TypeError, OSError) as error:
        yield f"{certificate}, {key}: cannot be read as PEM ({error}); delete both and start again"
        return
    if _public(secret.public_key()) != _public(read.public_key()):
        yield f"{key}: is not the key of {certificate}; delete both and start again"
    left = read.not_valid_after_utc - now()
    if left < RENEW:
        what = "expired" if left < datetime.timedelta() else "expires soon"
        yield (
            f"{certificate}: {what} ({read.not_valid_after_utc:%Y-%m-%d}); "
            "restart the service, which renews its own, or put a new one in place"
        )
    missing = sorted(set(_names(host)) - _names_of(read))
    if missing and _ours(certificate):
        yield f"{certificate}: is not for {', '.join(missing)}; delete it and start again"


def expiry(certificate: Path) -> datetime.datetime:
    """Return when a certificate ends, aware. Raises OSError, ValueError."""
    return _read(certificate).not_valid_after_utc


def _make(certificate: Path, key: Path, host: str, now: datetime.datetime) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _MAKER),
            x509.NameAttribute(NameOID.COMMON_NAME, _names(host)[-1]),
        ]
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))  # a browser's clock may be behind
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(_general_names(_names(host))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    _write(key, secret.private_bytes(pem, form, serialization.NoEncryption()))
    _write(certificate, built.public_bytes(pem))


def _write(path: Path, content: bytes) -> None:
    """Put a file in place at once, never readable by others, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)


def _read(certificate: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.read_bytes())


def _ours(certificate: Path) -> bool:
    try:
        subject = _read(certificate).subject
    except ValueError:
        return False
    made_by = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return [attribute.value for attribute in made_by] == [_MAKER]


def _names(host: str) -> list[str]:
    return list(_LOOPBACK) if host in (*_LOOPBACK, *_EVERYWHERE) else [*_LOOPBACK, host]


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _names_of(certificate: x509.Certificate) -> set[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    addresses = extension.get_values_for_type(x509.IPAddress)
    return {*extension.get_values_for_type(x509.DNSName), *map(str, addresses)}


def _public(key: object) -> bytes:
    found: bytes = key.public_bytes(  # type: ignore[attr-defined]  # every kind of public key has it
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return found
