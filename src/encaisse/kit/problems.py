"""What a program is told when something is refused (RFC 9457)."""

from typing import Any

from django.http import JsonResponse

from encaisse.kernel.errors import DomainError

PROBLEM_TYPE = "application/problem+json"


def problem(
    *, status: int, code: str, title: str, detail: str, errors: list[Any] | None = None
) -> JsonResponse:
    """Build an RFC 9457 answer."""
    body: dict[str, Any] = {
        "type": f"urn:encaisse:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        body["errors"] = errors
    return JsonResponse(body, status=status, content_type=PROBLEM_TYPE)


def problem_of(error: DomainError) -> JsonResponse:
    """Tell a program what a person would be told, with the stable code."""
    return problem(status=error.status, code=error.code, title=error.detail, detail=error.message)
