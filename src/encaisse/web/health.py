"""Signs of life for whoever supervises the service."""

from django.http import HttpRequest, HttpResponse, JsonResponse


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer without the database: the process is up."""
    return JsonResponse({"status": "ok"})
