"""The API: its version, its errors, its resources."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import ValidationError

from encaisse.api.answers import domain_problem
from encaisse.api.description import DescribedApi
from encaisse.api.v1 import (
    customers,
    decisions,
    disputes,
    events,
    invoices,
    operations,
    payment_requests,
    payments,
    quotes,
    refunds,
)
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kit.problems import problem

api = DescribedApi(
    title="Encaisse",
    version="1",
    description=(
        "Customers, quotes, invoices, payment requests, payments, refunds, disputes, fraud "
        "decisions and reviews, operations and events."
    ),
    openapi_url="/openapi.json",
    docs_url=None,
    urls_namespace="api-v1",
)
api.add_router("/customers", customers.router, tags=["customers"])
api.add_router("/quotes", quotes.router, tags=["quotes"])
api.add_router("/invoices", invoices.router, tags=["invoices"])
api.add_router("/payment-requests", payment_requests.router, tags=["payment requests"])
api.add_router("/payments", payments.router, tags=["payments"])
api.add_router("/refunds", refunds.router, tags=["refunds"])
api.add_router("/disputes", disputes.router, tags=["disputes"])
api.add_router("/decisions", decisions.router, tags=["decisions"])
api.add_router("/reviews", decisions.reviews, tags=["reviews"])
api.add_router("/operations", operations.router, tags=["operations"])
api.add_router("/events", events.router, tags=["events"])


@api.exception_handler(DomainError)
def render_domain_error(_request: HttpRequest, error: DomainError) -> HttpResponse:
    return domain_problem(error)


@api.exception_handler(Http404)
def render_not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return domain_problem(NotFound())


@api.exception_handler(ValidationError)
def render_validation_error(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    # What was sent is not repeated: it may be secret, or ten megabytes long.
    errors = [
        {"field": ".".join(str(part) for part in item["loc"]), "problem": item["msg"]}
        for item in error.errors
    ]
    return problem(
        status=422,
        code="request_invalid",
        title="The request does not have the expected shape.",
        detail="La requête n’a pas la forme attendue.",
        errors=errors,
    )
