"""Signs of life for whoever supervises the service."""

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from encaisse.kit.crypto import KeysUnreadable, blind_index
from encaisse.web.access import public

_HEARTBEAT = timedelta(minutes=1)


@public("a supervisor asks whether the process is up")
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer without the database: the process is up."""
    return JsonResponse({"status": "ok"})


@public("a supervisor asks whether the instance can work; no detail is told")
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer whether everything a payment needs is there."""
    checks = {"database": _answer(_database)}
    is_reachable = checks["database"] == "ok"
    checks["migrations"] = _answer(_migrations) if is_reachable else "unknown"
    checks["worker"] = _answer(_worker) if is_reachable else "unknown"
    checks["keys"] = _answer(_keys)
    status = _status(checks)
    return JsonResponse({"status": status, "checks": checks}, status=200 if status == "ok" else 503)


def _status(checks: dict[str, str]) -> str:
    if all(value == "ok" for value in checks.values()):
        return "ok"
    # Alone missing, the worker is on its way up: an instance starts it beside the web server.
    others = {value for name, value in checks.items() if name != "worker"}
    return "starting" if others == {"ok"} else "degraded"


def _answer(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "fail"
    except (DatabaseError, KeysUnreadable):
        return "fail"


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _worker() -> bool:
    since = timezone.now() - _HEARTBEAT
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).exists()


def _keys() -> bool:
    return bool(blind_index("readiness", purpose="readiness"))
