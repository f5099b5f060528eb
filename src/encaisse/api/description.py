"""The API's description, completed by what its framework does not write down."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from encaisse.api.answers import problem_answer
from encaisse.api.auth import Scope

# What every operation may answer, whatever it does.
_ALWAYS = {401: "Unauthorized", 403: "Forbidden", 422: "Unprocessable Entity"}


class Description(OpenAPISchema):
    """OpenAPI 3.1, in which a security requirement may list the scopes it asks for."""

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        scopes = [auth for auth in operation.auth_callbacks if isinstance(auth, Scope)]
        for auth in scopes:
            self.securitySchemes["Scope"] = auth.openapi_security_schema
        return [{"Scope": [auth.permission.value]} for auth in scopes] or None

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        details: dict[str, Any] = super().operation_details(operation)
        for status, words in _ALWAYS.items():
            details["responses"].setdefault(status, problem_answer(words))
        return details


class DescribedApi(NinjaAPI):
    """An API that describes its scopes and its idempotency keys."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return Description(api=self, path_prefix=prefix)
