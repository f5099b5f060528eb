"""A provider's webhook: verify, store, answer at once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.providers.contract import InboundRequest
from encaisse.providers.services import receive_webhook


@csrf_exempt
@require_POST
def receive(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    inbound = InboundRequest(
        headers=dict(request.headers), body=request.body, received_at=timezone.now()
    )
    try:
        receive_webhook(connection_id=connection_id, request=inbound, now=business_now())
    except DomainError as error:
        return JsonResponse({"code": error.code}, status=error.status)
    return JsonResponse({"received": True})
