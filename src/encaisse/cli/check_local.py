"""The checks that look at this machine: keys, mail, disk."""

import shutil
import smtplib
import socket
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import tink
from django.conf import settings

from encaisse.cli.findings import Finding, failure, fine, warning
from encaisse.kit.crypto import KeysUnreadable, Place, ring_in_use, seal, unseal
from encaisse.kit.keys_export import Exported, is_covered, last_export
from encaisse.kit.notes import BACKUPS, noted
from encaisse.messaging.sms import GatewayMissing, gateway_address
from encaisse.security.advisories import brought, vulnerable

LocalCheck = Callable[[Path], Finding]

_TIMEOUT_SECONDS = 5
_OLDEST_BACKUP_DAYS, _OLDEST_DRILL_DAYS = 2, 92
_OLDEST_ADVISORIES_DAYS = 30
_GIBIBYTE = 1024**3
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_mail(_data: Path) -> Finding:
    parts = urlsplit(settings.ENCAISSE_SMTP_URL)
    address = f"{parts.hostname}:{parts.port or 25}"
    try:
        with smtplib.SMTP(
            parts.hostname or "", parts.port or 25, timeout=_TIMEOUT_SECONDS
        ) as server:
            code, _ = server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return failure(
            f"Le serveur d’envoi d’e-mails ne répond pas à {address} ({error}).",
            cure="Vérifiez ENCAISSE_SMTP_URL.",
        )
    if code != 250:
        return warning(
            f"Le serveur d’e-mails {address} répond {code}.", cure="Vérifiez ENCAISSE_SMTP_URL."
        )
    return fine(f"Le serveur d’e-mails répond à {address}.")


def check_keys(data: Path) -> Finding:
    cure = "Remettez la copie de secours des clés : sans elles, les données scellées sont perdues."
    place = Place(table="check", column="probe", row_id=UUID(int=0))
    try:
        opened = unseal(seal("sonde", place), place)
    except (KeysUnreadable, tink.TinkError, OSError) as error:
        return failure(f"Les clés ne s’ouvrent pas ({error}).", cure=cure)
    if opened != "sonde" or settings.SECRET_KEY in {"", "unset"}:
        return failure(
            "La clé secrète des sessions manque.", cure="Voyez docs/install.md, « Clés »."
        )
    exposed = [str(path) for path in _key_files(data) if path.stat().st_mode & _OTHERS]
    if exposed:
        return failure(
            f"D’autres comptes de la machine peuvent lire : {', '.join(exposed)}.",
            cure=f"chmod 600 {' '.join(exposed)}",
        )
    return fine("Les clés s’ouvrent et ne sont lisibles que par ce compte.")


def check_export(data: Path) -> Finding:
    cure = "encaisse keys export FICHIER, puis gardez ce fichier et sa phrase secrète ailleurs."
    try:
        exported, is_covered = _export_of(data)
    except (KeysUnreadable, ValueError) as error:
        return warning(f"La copie de secours des clés ne peut être vérifiée ({error}).", cure=cure)
    if is_covered and exported is not None:
        return fine(f"Les clés ont une copie de secours, du {exported.at[:10]}.")
    if exported is not None:
        return warning("Des clés ont changé depuis leur copie de secours.", cure=cure)
    return warning(
        "Les clés n’ont pas de copie de secours : les perdre, c’est perdre ce qu’elles scellent.",
        cure=cure,
    )


def _export_of(data: Path) -> tuple[Exported | None, bool]:
    exported = last_export(data)
    return exported, is_covered(ring_in_use(), exported)


def check_backup(data: Path) -> Finding:
    cure = "encaisse backup create FICHIER, puis encaisse backup drill FICHIER."
    try:
        ages = {kind: _days_since(note["at"]) for kind, note in noted(data, BACKUPS).items()}
    except (ValueError, KeyError, TypeError) as error:
        return warning(f"Les notes des sauvegardes sont illisibles ({error}).", cure=cure)
    if "backup" not in ages:
        return warning("Aucune sauvegarde n’a été faite.", cure=cure)
    if ages["backup"] > _OLDEST_BACKUP_DAYS:
        return warning(f"La dernière sauvegarde a {ages['backup']} jours.", cure=cure)
    if ages.get("drill", _OLDEST_DRILL_DAYS + 1) > _OLDEST_DRILL_DAYS:
        return warning("Aucune restauration n’a été essayée ces trois derniers mois.", cure=cure)
    return fine("Une sauvegarde récente existe, et sa restauration a été essayée.")


def _days_since(moment: str) -> int:
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).days


def check_texts(_data: Path) -> Finding:
    """Look whether the gateway is there; no message is sent to find out."""
    try:
        address = gateway_address()
    except GatewayMissing:
        return warning(
            "Aucune passerelle de SMS n’est réglée : ni codes ni alertes par SMS.",
            cure="Réglez ENCAISSE_SMS_URL, ou faites sans : les autres moyens suffisent.",
        )
    parts = urlsplit(address)
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    place = f"{parts.hostname}:{port}"
    try:
        with socket.create_connection((parts.hostname or "", port), _TIMEOUT_SECONDS):
            return fine(f"La passerelle de SMS répond à {place}.")
    except OSError as error:
        return failure(
            f"La passerelle de SMS ne répond pas à {place} ({error}).",
            cure="Vérifiez ENCAISSE_SMS_URL.",
        )


def check_libraries(data: Path) -> Finding:
    cure = "Prenez all.zip (PyPI) chez osv.dev, puis : encaisse advisories import all.zip."
    try:
        advisories = brought(data)
    except (ValueError, KeyError, TypeError) as error:
        return warning(f"Les avis de sécurité gardés sont illisibles ({error}).", cure=cure)
    if advisories is None:
        message = "Les bibliothèques n’ont été comparées à aucun avis de sécurité."
        return fine(message) if settings.DEMO else warning(message, cure=cure)
    found = vulnerable(advisories.known)
    if found:
        names = ", ".join(f"{one.package} {one.version} ({one.advisory})" for one in found)
        return failure(f"Bibliothèques vulnérables : {names}.", cure="Mettez Encaisse à jour.")
    age = (datetime.now(UTC) - advisories.brought_at).days
    if age > _OLDEST_ADVISORIES_DAYS:
        return warning(f"Les avis de sécurité gardés ont {age} jours.", cure=cure)
    return fine("Aucune bibliothèque installée n’a de faille connue.")


def check_disk(data: Path) -> Finding:
    free = shutil.disk_usage(data if data.exists() else Path.cwd()).free
    gibibytes = f"{free / _GIBIBYTE:.1f}".replace(".", ",")
    message = f"{gibibytes} Gio libres pour {data}."
    if free >= 5 * _GIBIBYTE:
        return fine(message)
    cure = "Libérez de la place ou agrandissez le disque : une base sans place s’arrête."
    if free >= _GIBIBYTE:
        return warning(message, cure=cure)
    return failure(message, cure=cure)


def _key_files(data: Path) -> list[Path]:
    candidates = [settings.ENCAISSE_KEYSET_FILE, data / "secret_key"]
    return [path for path in candidates if path is not None and path.exists()]


LOCAL_CHECKS: dict[str, LocalCheck] = {
    "mail.reachable": check_mail,
    "texts.reachable": check_texts,
    "keys.readable": check_keys,
    "keys.exported": check_export,
    "backup.recent": check_backup,
    "libraries.advisories": check_libraries,
    "disk.space": check_disk,
}
