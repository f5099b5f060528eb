"""A certificate signed by itself, so that a first start is encrypted before a real one exists."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from encaisse.cli.files import write_private
from encaisse.cli.web_server import Certificate

_LIFE = timedelta(days=397)
_RENEWED_BEFORE = timedelta(days=30)
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def self_signed(folder: Path, host: str) -> Certificate:
    """Return the folder's certificate for this host, made anew when missing, near its end, or
    for another host. The key is readable by this account only.
    """
    found = Certificate(folder / "tls.crt", folder / "tls.key")
    if not _is_good(found, host):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(key, host)
        write_private(
            found.key,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode(),
        )
        write_private(
            found.certificate, certificate.public_bytes(serialization.Encoding.PEM).decode()
        )
    return found


def fingerprint(certificate: Certificate) -> str:
    """Return what the person compares with what the browser shows before trusting it."""
    return _read(certificate.certificate).fingerprint(hashes.SHA256()).hex(":").upper()


def _is_good(found: Certificate, host: str) -> bool:
    if not (found.certificate.exists() and found.key.exists()):
        return False
    certificate = _read(found.certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    is_long_enough = certificate.not_valid_after_utc > datetime.now(UTC) + _RENEWED_BEFORE
    return is_long_enough and _name(host) in list(names)


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _signed(key: ec.EllipticCurvePrivateKey, host: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    now = datetime.now(UTC)
    others = [_name(each) for each in _LOCAL_NAMES if each != host]
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName([_name(host), *others]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .sign(key, hashes.SHA256())
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())
