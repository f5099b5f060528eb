"""What nobody does but what is not done: looked at every ten minutes, for every firm."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from cryptography import x509
from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Q
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from encaisse.kit.clock import PARIS
from encaisse.kit.notes import BACKUPS, noted
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.models import Organization
from encaisse.providers.models import Connection, ConnectionState
from encaisse.security.advisories import brought, vulnerable
from encaisse.security.core import (
    BACKUP_WITHIN,
    CERTIFICATE_NOTICE,
    JOBS_WITHIN,
    Kind,
)
from encaisse.security.raising import close_mended, raise_alert

_LIBRARIES = UUID("8f4f0c5e-7a52-4d0e-9a37-5b7f3a0c6f41")

# By kind and by what it is about: the facts of each thing that is wrong now.
_Wrong = Mapping[Kind, Mapping[str, Mapping[str, str]]]


def look_at_machine(*, real_now: datetime) -> _Wrong:
    """Return what is wrong with the installation itself, the same for every firm."""
    return {
        Kind.JOBS_STALLED: _stalled_jobs(real_now),
        Kind.BACKUP_OLD: {} if settings.DEMO else _old_backup(real_now),
        Kind.CERTIFICATE_EXPIRING: _certificate(real_now),
        Kind.LIBRARY_VULNERABLE: _vulnerable_libraries(),
    }


def watch(*, organization_id: UUID, machine: _Wrong, real_now: datetime) -> None:
    """Raise what is wrong for one firm, close what was mended; any number of times."""
    with acting_for(organization_id):
        for kind, found in machine.items():
            wrong = dict(found)
            if kind is Kind.CERTIFICATE_EXPIRING:
                wrong |= _attestations(organization_id, real_now)
            for subject, facts in wrong.items():
                raise_alert(
                    organization_id=organization_id,
                    kind=kind,
                    subject=subject,
                    cause_id=uuid5(organization_id, f"{kind}|{subject}|{real_now:%Y-%m-%d}"),
                    facts=facts,
                    real_now=real_now,
                )
            close_mended(organization_id=organization_id, kind=kind, still_wrong=wrong)


def _stalled_jobs(now: datetime) -> dict[str, dict[str, str]]:
    """Look at the job that should have begun the longest ago."""
    waiting = ProcrastinateJob.objects.filter(status="todo")
    # Behind one of the same lock that is tried again later: one firm's endpoint that refuses its
    # messages stalls nobody else.
    ahead = ProcrastinateJob.objects.filter(
        lock=OuterRef("job__lock"), status__in=("todo", "doing"), id__lt=OuterRef("job_id")
    )
    at_once = ProcrastinateEvent.objects.filter(
        ~Exists(ahead), job__status="todo", job__scheduled_at__isnull=True, type="deferred"
    )
    since = [
        moment
        for moment in (
            waiting.aggregate(oldest=Min("scheduled_at"))["oldest"],
            at_once.aggregate(oldest=Min("at"))["oldest"],
        )
        if moment is not None
    ]
    waited = now - min(since) if since else timedelta(0)
    if waited < JOBS_WITHIN:
        return {}
    return {"jobs": {"minutes": str(int(waited.total_seconds() // 60))}}


def _old_backup(now: datetime) -> dict[str, dict[str, str]]:
    notes = noted(Path(settings.DATA_DIR), BACKUPS)
    if "backup" in notes:
        last = datetime.fromisoformat(notes["backup"]["at"])
        if now - last < BACKUP_WITHIN:
            return {}
        return {"backup": {"state": f"La dernière sauvegarde date du {_day(last)}."}}
    first = Organization.objects.aggregate(first=Min("created_at"))["first"]
    if first is None or now - first < BACKUP_WITHIN:
        return {}
    return {"backup": {"state": "Aucune sauvegarde n’a encore été faite ici."}}


def _vulnerable_libraries() -> dict[str, dict[str, str]]:
    advisories = brought(Path(settings.DATA_DIR))
    if advisories is None:
        return {}
    return {
        f"library:{uuid5(_LIBRARIES, f'{one.package} {one.advisory}')}": {
            "library": f"{one.package} {one.version}",
            "advisory": one.advisory,
            "fixed": one.fixed or "aucune version",
        }
        for one in vulnerable(advisories.known)
    }


def _certificate(now: datetime) -> dict[str, dict[str, str]]:
    path = settings.ENCAISSE_CERTIFICATE_FILE
    if path is None:
        return {}
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    if ends - now > CERTIFICATE_NOTICE:
        return {}
    return {"certificate": {"what": "Le certificat du site", "until": _day(ends)}}


def _attestations(organization_id: UUID, now: datetime) -> dict[str, dict[str, str]]:
    until: date = (now + CERTIFICATE_NOTICE).astimezone(PARIS).date()
    rows = Connection.objects.filter(
        Q(pci_expires_on__lte=until),
        organization_id=organization_id,
        state=ConnectionState.ACTIVE,
    )
    return {
        f"connection:{row.id}": {
            "what": f"L’attestation PCI DSS de {row.display_name}",
            "until": f"{row.pci_expires_on:%d/%m/%Y}",
        }
        for row in rows
    }


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%d/%m/%Y}"
