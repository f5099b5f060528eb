"""What a site accepts before the first page: protocols, suites, certificate, tried one by one."""

import socket
import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from encaisse.cli.errors import CommandFailed
from encaisse.cli.public_findings import Grade, Graded, bad, good, poor

_TIMEOUT_SECONDS = 6.0
_EVERY_SUITE = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
_OLD = (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1)
_NAMES = {
    ssl.TLSVersion.TLSv1_3: "TLS 1.3",
    ssl.TLSVersion.TLSv1_2: "TLS 1.2",
    ssl.TLSVersion.TLSv1_1: "TLS 1.1",
    ssl.TLSVersion.TLSv1: "TLS 1.0",
}
_SELF_SIGNED, _EXPIRED, _OTHER_NAME = {18, 19}, {10}, {62, 64}
_SOON_DAYS = 14
_SHORTEST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Negotiated:
    version: str
    cipher: str
    bits: int


def greet(target: Target) -> Negotiated:
    """
    Agree on a connection as a browser would, whatever the certificate.

    :raises CommandFailed: nobody answers, or in no language of this machine
    """
    try:
        found = _handshake(target, _context(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3))
    except OSError as error:
        raise CommandFailed(f"{target.host}:{target.port} ne répond pas ({error}).") from error
    if found is None:
        raise CommandFailed(f"{target.host}:{target.port} ne parle pas TLS.")
    return found


def check_protocols(target: Target) -> list[Graded]:
    accepted = {version for version in _NAMES if _accepts(target, version)}
    old = [_NAMES[version] for version in _OLD if version in accepted]
    results = [
        good("tls.1_3", "TLS 1.3 est accepté.")
        if ssl.TLSVersion.TLSv1_3 in accepted
        else poor("tls.1_3", Grade.B, "TLS 1.3 est refusé.", cure="Activez TLS 1.3 sur le serveur.")
    ]
    if old:
        message = f"Des protocoles abandonnés sont acceptés : {', '.join(old)}."
        cure = "N’acceptez que TLS 1.3 et 1.2 (nginx : ssl_protocols TLSv1.2 TLSv1.3;)."
        return [*results, bad("tls.old", Grade.C, message, cure=cure)]
    return [*results, good("tls.old", "TLS 1.1 et 1.0 sont refusés.")]


def check_negotiated(negotiated: Negotiated) -> Graded:
    told = f"{negotiated.version}, {negotiated.cipher}, clé de {negotiated.bits} bits."
    if negotiated.bits >= 256:
        return good("tls.negotiated", told)
    cure = "Mettez AES-256-GCM et ChaCha20 en tête des suites."
    if negotiated.bits >= 128:
        return poor("tls.negotiated", Grade.A, told, cure=cure)
    return bad("tls.negotiated", Grade.F, told, cure=cure)


def check_suites(target: Target) -> list[Graded]:
    """Strike out what the server picks until it refuses the rest: that lists all it accepts."""
    accepted = accepted_suites(target)
    cure = (
        "N’acceptez en TLS 1.2 que ECDHE avec AES-256-GCM ou ChaCha20 "
        "(voyez docs/install.md, « HTTPS »)."
    )
    for is_such, grade, words in (
        (_is_broken, Grade.F, "ne protègent rien"),
        (_is_dated, Grade.B, "sont dépassées (mode CBC, ou sans secret éphémère)"),
    ):
        if found := [name for name in accepted if is_such(name)]:
            message = f"Des suites de TLS 1.2 {words} : {', '.join(found)}."
            return [bad("tls.suites", grade, message, cure=cure)]
    if found := [name for name in accepted if "256" not in name.partition("-GCM")[0]
                 and "CHACHA20" not in name]:  # fmt: skip
        message = f"Des clés de 128 bits restent acceptées en TLS 1.2 : {', '.join(found)}."
        return [poor("tls.suites", Grade.A, message, cure=cure)]
    if not accepted:
        return [good("tls.suites", "TLS 1.2 est refusé : seules restent les suites de TLS 1.3.")]
    return [good("tls.suites", f"En TLS 1.2, seulement {', '.join(accepted)}.")]


def accepted_suites(target: Target) -> list[str]:
    context = _context(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    remaining = [
        each["name"] for each in context.get_ciphers() if not each["name"].startswith("TLS_")
    ]
    accepted: list[str] = []
    while remaining:
        context = _context(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
        context.set_ciphers(":".join([*remaining, "@SECLEVEL=0"]))
        found = _handshake(target, context)
        if found is None or found.cipher not in remaining:
            break
        accepted.append(found.cipher)
        remaining.remove(found.cipher)
    return accepted


def check_certificate(target: Target) -> list[Graded]:
    certificate = _certificate(target)
    return [_trust(target), _validity(certificate), _key(certificate)]


def _trust(target: Target) -> Graded:
    name = "certificate.trusted"
    try:
        _handshake_trusted(target)
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in _SELF_SIGNED:
            message = "Le certificat est signé par lui-même : un navigateur le refuse."
            cure = "Obtenez un certificat reconnu (Caddy le fait seul, Let’s Encrypt est gratuit)."
            return bad(name, Grade.D, message, cure=cure)
        if error.verify_code in _OTHER_NAME:
            message = f"Le certificat n’est pas au nom de {target.host}."
            return bad(name, Grade.F, message, cure="Demandez un certificat à ce nom.")
        if error.verify_code in _EXPIRED:
            message = "Le certificat a expiré."
            return bad(name, Grade.F, message, cure="Renouvelez-le, et automatisez la suite.")
        message = f"La chaîne du certificat ne mène à aucune autorité ({error.verify_message})."
        cure = "Servez la chaîne entière (nginx : le fichier fullchain.pem)."
        return bad(name, Grade.D, message, cure=cure)
    return good(name, f"Le certificat est reconnu et au nom de {target.host}.")


def _validity(certificate: x509.Certificate) -> Graded:
    name, end = "certificate.expiry", certificate.not_valid_after_utc
    days = (end - datetime.now(UTC)).days
    if days < 0:
        message = f"Le certificat a expiré le {end:%d/%m/%Y}."
        return bad(name, Grade.F, message, cure="Renouvelez-le, et automatisez la suite.")
    message = f"Le certificat vaut jusqu’au {end:%d/%m/%Y} ({days} jours)."
    if days < _SOON_DAYS:
        return poor(name, Grade.A, message, cure="Vérifiez que son renouvellement est automatique.")
    return good(name, message)


def _key(certificate: x509.Certificate) -> Graded:
    key = certificate.public_key()
    bits = getattr(key, "key_size", 256)
    if isinstance(key, RSAPublicKey) and bits < _SHORTEST_RSA_BITS:
        message = f"La clé du certificat n’a que {bits} bits."
        cure = "Refaites-la : ECDSA P-256, ou RSA de 3 072 bits."
        return bad("certificate.key", Grade.F, message, cure=cure)
    return good("certificate.key", f"La clé du certificat a {bits} bits.")


def _certificate(target: Target) -> x509.Certificate:
    context = _context(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3)
    with _connected(target) as plain, context.wrap_socket(plain, server_hostname=target.host) as it:
        return x509.load_der_x509_certificate(it.getpeercert(binary_form=True) or b"")


def _handshake_trusted(target: Target) -> None:
    context = ssl.create_default_context()
    with _connected(target) as plain, context.wrap_socket(plain, server_hostname=target.host):
        pass


def _accepts(target: Target, version: ssl.TLSVersion) -> bool:
    return _handshake(target, _context(version, version)) is not None


def _handshake(target: Target, context: ssl.SSLContext) -> Negotiated | None:
    """Return what was agreed; None where the server refuses to."""
    with _connected(target) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=target.host) as secured:
                name, _protocol, bits = secured.cipher() or ("", "", 0)
                return Negotiated(secured.version() or "", name, bits)
        except (ssl.SSLError, ConnectionError):
            return None


def _connected(target: Target) -> socket.socket:
    return socket.create_connection((target.host, target.port), timeout=_TIMEOUT_SECONDS)


def _context(least: ssl.TLSVersion, most: ssl.TLSVersion) -> ssl.SSLContext:
    """Return what accepts anything: it is the server that is examined, not this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(_EVERY_SUITE)
    with warnings.catch_warnings():
        # Old versions are asked for on purpose, to see them refused.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = least
        context.maximum_version = most
    return context


def _is_broken(name: str) -> bool:
    words = ("NULL", "EXP", "RC4", "DES-CBC", "MD5", "ADH-", "AECDH-", "SEED", "IDEA")
    return any(word in name for word in words)


def _is_dated(name: str) -> bool:
    is_authenticated = any(mode in name for mode in ("GCM", "CHACHA20", "CCM"))
    return not is_authenticated or not name.startswith(("ECDHE-", "DHE-"))
