"""The provider's refusals, as its API words them."""


class ApiError(Exception):
    """A request the provider refuses, with the status and the stable code it answers."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def payload(self) -> dict[str, object]:
        """Return the JSON body of the refusal."""
        return {"error": {"code": self.code, "message": self.message}}


def invalid(message: str) -> ApiError:
    """Return the refusal of a malformed request."""
    return ApiError(400, "invalid_request", message)


def missing(kind: str, identifier: str) -> ApiError:
    """Return the refusal of a request that names an object this account does not own."""
    return ApiError(404, "not_found", f"No {kind} {identifier}.")


def conflict(code: str, message: str) -> ApiError:
    """Return the refusal of a request that the object's state does not allow."""
    return ApiError(409, code, message)
