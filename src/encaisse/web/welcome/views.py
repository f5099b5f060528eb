"""From an account to a firm that can be paid."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.organizations.services import create_organization
from encaisse.providers.errors import NoConnection
from encaisse.providers.models import Connection
from encaisse.providers.queries import active_connection, active_connections, unknown_events
from encaisse.providers.services import (
    check_webhook,
    goes_elsewhere,
    prepare_connection,
    record_connection,
)
from encaisse.providers.signed import ask_replacement
from encaisse.web.access import (
    MemberRequest,
    SignedInRequest,
    ask_recent_proof,
    asking_page,
    member_page,
    signed_in_page,
    work_in,
)
from encaisse.web.firm.forms import FirmForm, draft_from
from encaisse.web.firm.preview import preview_of
from encaisse.web.firm.views import keep_logo
from encaisse.web.forms import show_form
from encaisse.web.operations.asking import ask_once, asked_before
from encaisse.web.welcome.forms import ProviderForm
from encaisse.web.welcome.readiness import readiness
from encaisse.web.welcome.trial import open_trial_account

SESSION_TRIAL_BANK = "trial_bank"
_UNKNOWN_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_page("a person without a firm makes one")
def start(request: SignedInRequest) -> HttpResponse:
    if request.places and "encore" not in request.GET and request.method != "POST":
        return redirect("ready")
    if request.method != "POST":
        form = FirmForm(initial={"email": request.user.email})
        return show_form(request, "welcome/start.html", form, preview=preview_of(form))
    form = FirmForm(request.POST, request.FILES)
    firm = form.submit(
        lambda values: create_organization(
            owner_id=request.user.id, draft=draft_from(values), now=business_now()
        )
    )
    if firm is None:
        return show_form(request, "welcome/start.html", form, preview=preview_of(form))
    work_in(request, firm.id)
    keep_logo(firm.id, form.cleaned_data["logo"])
    return redirect("provider")


@require_GET
@member_page(Permission.DASHBOARD_READ)
def ready(request: MemberRequest) -> HttpResponse:
    found = readiness(organization_id=request.organization_id, user_id=request.user.id)
    return render(request, "welcome/ready.html", {"readiness": found})


@require_http_methods(["GET", "HEAD", "POST"])
@asking_page(Permission.PROVIDERS_CONNECT)
def provider(request: MemberRequest) -> HttpResponse:
    form = ProviderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        _prove_before_replacing(request)
        answer = asked_before(request) or form.submit(
            lambda values: _connect(request, values["api_key"])
        )
        if answer is not None:
            return answer
    with acting_for(request.organization_id):
        unknown = unknown_events(organization_id=request.organization_id)[:_UNKNOWN_SHOWN]
        return show_form(
            request,
            "welcome/provider.html",
            form,
            connection=_connection(request),
            unknown=unknown,
        )


@require_POST
@asking_page(Permission.PROVIDERS_CONNECT)
def trial(request: MemberRequest) -> HttpResponse:
    """Open an account in the simulated world and connect it, in demo mode only."""
    _prove_before_replacing(request)
    first = asked_before(request)
    if first is not None:
        return first
    account = open_trial_account(request.place.name)
    request.session[SESSION_TRIAL_BANK] = {
        "iban": account.iban,
        "holder_name": account.holder_name,
    }
    return _connect(request, account.api_key)


@require_POST
@asking_page(Permission.PROVIDERS_CONNECT)
def check(request: MemberRequest) -> HttpResponse:
    with acting_for(request.organization_id):
        connection = active_connection(organization_id=request.organization_id)
    return _after_connection(request, connection)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_page("choosing among one's own firms")
def places(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        wanted = request.POST.get("organization", "")
        if any(str(place.organization_id) == wanted for place in request.places):
            work_in(request, UUID(wanted))
        return redirect("home")
    return render(request, "welcome/places.html", {"places": request.places})


def _prove_before_replacing(request: MemberRequest) -> None:
    """Ask for a proof again before customers' money goes to another account of a provider."""
    with acting_for(request.organization_id):
        connected = _connection(request)
    if connected is not None:
        ask_recent_proof(request)


def _connect(request: MemberRequest, api_key: str) -> HttpResponse:
    """Use an account at once where money goes nowhere else; otherwise lead to the signature."""
    prepared = prepare_connection(
        organization_id=request.organization_id,
        provider="sandbox",
        api_key=api_key,
        public_url=settings.WEBHOOKS_URL,
        now=business_now(),
    )
    with acting_for(request.organization_id):
        active = list(active_connections(organization_id=request.organization_id))
    if goes_elsewhere(prepared.connection, active):
        return ask_once(request, partial(ask_replacement, prepared=prepared))
    connected = record_connection(
        organization_id=request.organization_id,
        actor=request.actor,
        connection=prepared.connection,
        is_signed=False,
        now=business_now(),
    )
    return _after_connection(request, connected)


def _after_connection(request: MemberRequest, connection: Connection) -> HttpResponse:
    """Ask the provider for a test message, and say whether the round trip worked."""
    try:
        arrived = check_webhook(
            organization_id=request.organization_id,
            connection_id=connection.id,
            now=business_now(),
        )
    except DomainError as error:
        messages.error(request, f"Connecté, mais le message d’essai a échoué. {error.message}")
        return redirect("provider")
    if not arrived:
        messages.error(
            request,
            "Connecté, mais le message d’essai n’est pas arrivé jusqu’à nous. Aucun paiement ne "
            "serait perdu, mais vous en seriez averti plus tard. Recommencez l’essai.",
        )
        return redirect("provider")
    messages.success(request, f"{connection.display_name} est connecté, message d’essai reçu.")
    return redirect("ready")


def _connection(request: MemberRequest) -> Connection | None:
    try:
        return active_connection(organization_id=request.organization_id)
    except NoConnection:
        return None
