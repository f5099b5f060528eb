"""
A made-up authority for one address, so that a telephone of the same network can be answered safely.

Its key signs one certificate and is forgotten at once: nothing else will ever be vouched for. Were
it not, the authority could still name that one address only, as servers, and for three months.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from encaisse.cli.files import write_private
from encaisse.cli.private_address import Address
from encaisse.cli.web_server import Certificate

LIFE = timedelta(days=90)
_RENEWED_BEFORE = timedelta(days=30)
# Where an authority says nothing of names, it may vouch for any: this one ends in nothing that is.
_NO_NAME = x509.DNSName("invalid")


@dataclass(frozen=True, slots=True)
class Vouched:
    """A certificate with its key, and the authority that a telephone may be told to believe."""

    served: Certificate
    authority: Path


def authority_for(folder: Path, address: Address) -> Vouched:
    """
    Return what the folder keeps for this address, made anew when missing, near its end, or for
    another address.
    """
    served = Certificate(folder / "lan.crt", folder / "lan.key")
    found = Vouched(served, folder / "lan-authority.crt")
    if not _is_good(found, address):
        _make(found, address)
    return found


def fingerprint(path: Path) -> str:
    return _read(path).fingerprint(hashes.SHA256()).hex(":").upper()


def _make(found: Vouched, address: Address) -> None:
    forgotten, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _authority(forgotten, address)
    leaf = _leaf(key.public_key(), address, authority, forgotten)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(found.served.key, private.decode())
    write_private(found.authority, _pem(authority))
    write_private(found.served.certificate, _pem(leaf) + _pem(authority))


def _authority(key: ec.EllipticCurvePrivateKey, address: Address) -> x509.Certificate:
    name = _name("Encaisse, autorité inventée pour un essai")
    alone = x509.NameConstraints([x509.IPAddress(ipaddress.ip_network(address)), _NO_NAME], None)
    return (
        _begun(name, name, key.public_key(), datetime.now(UTC) + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(alone, critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    public: ec.EllipticCurvePublicKey,
    address: Address,
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = _name("Encaisse, un essai sur ce réseau")
    names = x509.SubjectAlternativeName([x509.IPAddress(address)])
    whose = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(whose)
    return (
        _begun(subject, authority.subject, public, authority.not_valid_after_utc)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(signer, critical=False)
        .sign(key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, end: datetime
) -> x509.CertificateBuilder:
    servers = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=5))
        .not_valid_after(end)
        .add_extension(servers, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _is_good(found: Vouched, address: Address) -> bool:
    if not all(each.exists() for each in (found.authority, found.served.certificate)):
        return False
    if not found.served.key.exists():
        return False
    leaf, authority = _read(found.served.certificate), _read(found.authority)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    is_long_enough = leaf.not_valid_after_utc > datetime.now(UTC) + _RENEWED_BEFORE
    is_of_it = (
        leaf.issuer == authority.subject
        and _is_signed_by(leaf, authority)
        and _public_of(found.served.key) == leaf.public_key()
    )
    return is_long_enough and is_of_it and names.get_values_for_type(x509.IPAddress) == [address]


def _is_signed_by(leaf: x509.Certificate, authority: x509.Certificate) -> bool:
    # Files of different makings may remain after a start cut short.
    own = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    whose = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    return whose.key_identifier == own.digest


def _public_of(path: Path) -> object:
    return serialization.load_pem_private_key(path.read_bytes(), password=None).public_key()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())
