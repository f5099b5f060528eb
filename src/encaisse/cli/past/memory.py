"""What came of the plan so far: the rows behind each job and each person."""

from dataclasses import dataclass
from uuid import UUID

from encaisse.cli.journey_payer import Sandbox
from encaisse.cli.past.people import Person
from encaisse.cli.past.plan import Job
from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.fraud.models import ReviewCase
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentAttempt, PaymentRequest
from encaisse.payments.queries import latest_attempt, requests, requests_about


@dataclass(slots=True)
class Known:
    """What came of a job so far."""

    quote_id: UUID | None = None
    sha256: str = ""
    invoice_id: UUID | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Firm:
    """The firm that lives, and its account in the simulated world."""

    organization_id: UUID
    actor: Actor
    connection_id: UUID
    account_id: str
    iban: str
    holder_name: str
    public_url: str


class Past:
    """The firm that lives its past, in a simulated world."""

    def __init__(self, firm: Firm, sandbox: Sandbox) -> None:
        self.firm, self.sandbox = firm, sandbox
        self.organization_id = firm.organization_id
        self.jobs: dict[Job, Known] = {}
        self.customers: dict[Person, UUID] = {}
        self.reconciled_at = business_now()

    def known(self, job: Job) -> Known:
        return self.jobs.setdefault(job, Known())

    def customer(self, person: Person) -> UUID:
        known = self.customers.get(person)
        if known is None:
            draft = CustomerDraft(
                name=person.name,
                email=person.email,
                phone=person.phone,
                street=person.street,
                postal_code=person.postal_code,
                city=person.city,
                is_professional=person.is_professional,
            )
            known = create_customer(
                organization_id=self.organization_id,
                actor=self.firm.actor,
                draft=draft,
                now=business_now(),
            ).id
            self.customers[person] = known
        return known

    def asked(self, kind: str, reference_id: UUID) -> UUID | None:
        with acting_for(self.organization_id):
            found = requests_about(
                organization_id=self.organization_id,
                reference_kind=kind,
                reference_id=reference_id,
            )
            return found[0].id if found else None

    def request(self, job: Job) -> PaymentRequest | None:
        """Return what the job's customer is asked for, while it waits to be paid."""
        request_id = self.known(job).request_id
        if request_id is None:
            return None
        with acting_for(self.organization_id):
            return (
                requests(organization_id=self.organization_id)
                .filter(id=request_id, state=RequestState.OPEN)
                .first()
            )

    def attempt(self, job: Job) -> PaymentAttempt | None:
        request_id = self.known(job).request_id
        if request_id is None:
            return None
        with acting_for(self.organization_id):
            return latest_attempt(organization_id=self.organization_id, request_id=request_id)

    def case(self, job: Job) -> ReviewCase:
        with acting_for(self.organization_id):
            found = ReviewCase.objects.filter(
                organization_id=self.organization_id, link_id=self.known(job).request_id
            ).first()
        if found is None:
            raise NotFound
        return found
