"""Who calls: a program with a scoped key. Each operation names the one scope it needs."""

from typing import cast

import structlog
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from encaisse.kit.proxies import client_address
from encaisse.organizations.api_keys import ApiCaller, authenticate_api_key
from encaisse.organizations.core import Permission
from encaisse.organizations.errors import ApiKeyInvalid, PermissionDenied

log = structlog.get_logger(__name__)


class ApiRequest(HttpRequest):
    """A request whose key was recognised."""

    auth: ApiCaller


class Scope(HttpBearer):
    """Lets a key in if it carries this permission."""

    openapi_scheme = "bearer"

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> ApiCaller:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise ApiKeyInvalid
        return self.authenticate(request, secret)

    def authenticate(self, request: HttpRequest, token: str) -> ApiCaller:
        caller = authenticate_api_key(
            secret=token, address=client_address(request), real_now=timezone.now()
        )
        if self.permission not in caller.scopes:
            log.warning(
                "scope_refused",
                permission=self.permission,
                organization_id=str(caller.organization_id),
                api_key_id=str(caller.actor.id),
            )
            raise PermissionDenied(permission=self.permission)
        return caller


def caller_of(request: HttpRequest) -> ApiCaller:
    """Return the program whose key opened this operation."""
    return cast("ApiRequest", request).auth
