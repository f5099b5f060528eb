"""Held money and suspended links: what a person decided, carried out for the payment."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.cases import CaseState, Label
from encaisse.fraud.errors import CaseDecided
from encaisse.fraud.models import ReviewCase
from encaisse.fraud.queries import case_by_id, waiting_cases
from encaisse.fraud.services.cases import agree_first, decide_case, expire_case
from encaisse.fraud.services.lists import block_passage
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kernel.actor import Actor
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentAttempt, PaymentRequest
from encaisse.payments.services.record import take_held
from encaisse.payments.services.requests import lock_request


def release(
    *, organization_id: UUID, actor: Actor, case_id: UUID, note: str = "", now: datetime
) -> ReviewCase:
    """
    Let a payment, or a link, through: its money is taken, or the link takes cards again.

    Above the firm's ceiling a first person only agrees; the money is taken when another does.

    :raises NotFound: no such case here
    :raises CaseDecided: it is closed already
    :raises CaseNeedsAnother: this very person agreed already
    """
    with acting_for(organization_id):
        case = case_by_id(organization_id=organization_id, case_id=case_id)
        # The request is locked before the case, as whoever records an answer does.
        request = lock_request(organization_id=organization_id, request_id=case.link_id)
        if agree_first(organization_id=organization_id, actor=actor, case_id=case_id, now=now):
            return case_by_id(organization_id=organization_id, case_id=case_id)
        if case.is_link and request is not None:
            request.suspended_at = None
            request.save(update_fields=["suspended_at"])
        elif not case.is_link:
            take_held(organization_id=organization_id, attempt_id=case.passage_id, now=now)
        return decide_case(
            organization_id=organization_id,
            actor=actor,
            case_id=case_id,
            state=CaseState.RELEASED,
            label=Label.HONEST,
            note=note,
            now=now,
        )


def refuse(
    *,
    organization_id: UUID,
    actor: Actor,
    case_id: UUID,
    is_fraud: bool,
    note: str = "",
    now: datetime,
) -> ReviewCase:
    """
    Give the money up: the bank's agreement is let go and the payer is charged nothing.

    Said to be a fraud, what was used for it (card, device, a stranger's e-mail) is refused from
    now on.

    :raises NotFound: no such case here
    :raises CaseDecided: it is closed already
    """
    with acting_for(organization_id):
        # The order of whoever records an answer: the request, then the firm's vigilance, the case.
        case = case_by_id(organization_id=organization_id, case_id=case_id)
        lock_request(organization_id=organization_id, request_id=case.link_id)
        vigilance_of(organization_id=organization_id, now=now, lock=True)
        decided = decide_case(
            organization_id=organization_id,
            actor=actor,
            case_id=case_id,
            state=CaseState.REFUSED,
            label=Label.FRAUD if is_fraud else None,
            note=note,
            now=now,
        )
        if is_fraud:
            reason = note or "Paiement refusé comme fraude."
            block_passage(
                organization_id=organization_id,
                actor=actor,
                passage_id=decided.passage_id,
                is_link=decided.is_link,
                reason=reason,
                now=now,
            )
        if not decided.is_link:
            enqueue(
                "payments.cancel_attempt",
                organization_id=organization_id,
                attempt_id=decided.passage_id,
            )
        return decided


def is_waiting_for_somebody(*, organization_id: UUID, attempt_id: UUID) -> bool:
    """Tell whether held money may still be taken: a case waits, and so does its request."""
    with acting_for(organization_id):
        is_asked = PaymentAttempt.objects.filter(
            organization_id=organization_id,
            id=attempt_id,
            intent__request__state=RequestState.OPEN,
        ).exists()
        cases = waiting_cases(organization_id=organization_id)
        return is_asked and cases.filter(passage_id=attempt_id, is_link=False).exists()


def end_cases_without_object(*, organization_id: UUID, now: datetime) -> None:
    """Close the cases of links that were paid or closed otherwise: nobody has to look any more."""
    with acting_for(organization_id):
        waiting = waiting_cases(organization_id=organization_id).filter(is_link=True)
        links = dict(waiting.values_list("link_id", "id"))
        ended = PaymentRequest.objects.filter(
            organization_id=organization_id, id__in=list(links)
        ).exclude(state=RequestState.OPEN)
        ended_ids = list(ended.values_list("id", flat=True))
    for request_id in ended_ids:
        with suppress(CaseDecided):
            expire_case(organization_id=organization_id, case_id=links[request_id], now=now)
