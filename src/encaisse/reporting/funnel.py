"""
How far links go: opened, a way chosen, the payer recognised by their bank, paid.

Counted by us alone, when our own pages are asked for: no script, nobody else, and nothing about
the person. A link counts once for each step, however often it is opened.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.identifiers import new_id
from encaisse.reporting.core import ANY_METHOD, Device, Figure

# Programs that open links before people do: messengers drawing a preview, mail scanners, crawlers.
# Cubot makes telephones.
_ROBOT = re.compile(
    r"(?<!\bcu)bot(?:\b|[/;])|crawl|spider|preview|scan|facebookexternalhit|whatsapp|telegram|"
    r"slack|headless|curl|wget|python|java/|go-http|okhttp|monitor|^$",
    re.IGNORECASE,
)
_PHONE = re.compile(r"mobile|android|iphone|ipod", re.IGNORECASE)


def is_robot(agent: str) -> bool:
    """Tell a program from a person, by what it says of itself."""
    return bool(_ROBOT.search(agent))


def device_of(agent: str) -> Device:
    return Device.PHONE if _PHONE.search(agent) else Device.DESK


def opened(*, organization_id: UUID, request_id: UUID, device: Device) -> list[str]:
    """Mark a link as opened by somebody; return the figures to count, none the second time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reporting_linkstep
                (id, organization_id, request_id, step, method, device, created_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (organization_id, request_id, step, method) DO NOTHING
            RETURNING device
            """,
            [
                new_id(),
                organization_id,
                request_id,
                Figure.OPENED,
                ANY_METHOD,
                device,
                business_now(),
            ],
        )
        return [f"{ANY_METHOD}.{row[0]}" for row in cursor.fetchall()]


def passed(
    *, organization_id: UUID, steps: Sequence[Figure], ways: Collection[tuple[UUID, str]]
) -> list[tuple[Figure, str, date]]:
    """
    Mark links as gone through these steps by a means, all at once; return what to count, each with
    the day on which its link was opened.

    A link that nobody but a robot or the firm itself ever opened is left out.
    """
    names = {(link, name) for link, method in ways for name in (ANY_METHOD, method)}
    marks = sorted((link, step, name) for link, name in names for step in steps)
    if not marks:
        return []
    opening = (Figure.OPENED, ANY_METHOD)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                INSERT INTO reporting_linkstep
                    (id, organization_id, request_id, step, method, device, created_at)
                SELECT mark.id, %s, mark.request_id, mark.step, mark.method, seen.device, %s
                FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[])
                    AS mark (id, request_id, step, method)
                JOIN reporting_linkstep AS seen ON seen.organization_id = %s
                    AND seen.request_id = mark.request_id AND seen.step = %s AND seen.method = %s
                ON CONFLICT (organization_id, request_id, step, method) DO NOTHING
                RETURNING organization_id, request_id, step, method, device
            )
            SELECT gone.step, gone.method || '.' || gone.device, seen.created_at
            FROM gone JOIN reporting_linkstep AS seen USING (organization_id, request_id)
            WHERE seen.step = %s AND seen.method = %s
            """,
            [
                organization_id,
                business_now(),
                [new_id() for _ in marks],
                [link for link, _, _ in marks],
                [step for _, step, _ in marks],
                [name for _, _, name in marks],
                organization_id,
                *opening,
                *opening,
            ],
        )
        return [(Figure(step), part, paris_date(at)) for step, part, at in cursor.fetchall()]
