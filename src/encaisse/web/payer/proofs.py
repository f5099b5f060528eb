"""The public page of a firm's proofs, once the firm has asked for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.handles import HandleKind
from encaisse.organizations.proofs import published_profile
from encaisse.reporting.proofs import proofs
from encaisse.web.payer.door import Visit, payer_page
from encaisse.web.payer.page import firm_of
from encaisse.web.payer.payments import firm_logo, firm_stylesheet
from encaisse.web.payer.proof_words import proof_words
from encaisse.web.payer.proofs_told import tell


@require_GET
@payer_page(HandleKind.PROOFS)
def show(request: HttpRequest, visit: Visit) -> HttpResponse:
    with acting_for(visit.organization_id):
        firm = firm_of(published_profile(organization_id=visit.organization_id, token=visit.token))
        found = proofs(
            organization_id=visit.organization_id, now=business_now(), real_now=timezone.now()
        )
    said = proof_words(visit.words.language)
    context = {
        "w": visit.words,
        "said": said,
        "intro": said.intro.format(firm=firm.name),
        "firm": firm,
        "visit": visit,
        "proofs": tell(found, firm=firm.name, words=visit.words, said=said),
    }
    return render(request, "payer/proofs.html", context)


@require_GET
@payer_page(HandleKind.PROOFS)
def stylesheet(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001  a page's shape
    _check_published(visit)
    return firm_stylesheet(visit)


@require_GET
@payer_page(HandleKind.PROOFS)
def logo(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001  a page's shape
    _check_published(visit)
    return firm_logo(visit)


def _check_published(visit: Visit) -> None:
    """:raises NotFound: the firm closed its page"""
    with acting_for(visit.organization_id):
        published_profile(organization_id=visit.organization_id, token=visit.token)
