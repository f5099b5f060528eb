import os

from django.http import HttpRequest, JsonResponse
from django.urls import path


def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer as Encaisse does, and tell what the web process was given."""
    knows_owner = bool(os.environ.get("ENCAISSE_OWNER_DATABASE_URL"))
    return JsonResponse({"status": "ok", "knows_owner": knows_owner})


urlpatterns = [path("healthz", healthz)]
