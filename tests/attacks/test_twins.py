"""Two firms of the same shape: whatever one asks of the other's, by page or by program (IDOR)."""

import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from django.utils import timezone

from attacks.walk import addresses, operations
from encaisse.api.app import api
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.core.own_rules import Clause, written_rule
from encaisse.fraud.queries import shared_reports, waiting_cases
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.own_rules import draft_rule
from encaisse.fraud.services.shared import report_lost_dispute
from encaisse.fraud.services.sharing import join
from encaisse.identity.devices import remember
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.invitations import invite_member
from encaisse.organizations.operations import ask
from encaisse.organizations.queries import members
from encaisse.organizations.signed import invited_signer_draft
from encaisse.payments.queries import payments
from encaisse.payments.services.refunds import request_refund
from encaisse.security.core import Kind
from encaisse.security.raising import raise_alert
from encaisse.treasury.queries import bank_accounts, bank_transactions
from encaisse.webhooks.endpoints import add_endpoint
from factories.answers import captured, dispute_opened, started
from factories.invoicing import make_invoice, make_sent_quote
from factories.payments import NO_PROOF_CARD, PayableFirm
from factories.treasury import import_bank_days, transfer_to
from factories.webhooks import make_delivery
from functional.test_api import Program
from functional.web_people import signed_in
from plugins.world import eventually

# What is opened by a secret in the address itself, or by a signature: nobody's to be refused.
BY_SECRET = {"token", "connection_id"}
# Things of a person, whose walls the tests of factors and recoveries try with their own objects.
OF_A_PERSON = {
    "guardianship", "case", "kind", "factor_id", "pk", "name", "approver_id", "approval_id",
}  # fmt: skip
SCHEMA = api.get_openapi_schema(path_prefix="/api/v1/")


class Twin(PayableFirm):
    """A firm with one thing of each kind."""

    def __init__(self, world) -> None:
        super().__init__(world)
        join(organization_id=self.id, actor=self.actor, has_accepted=True, now=business_now())
        self.quote, self.invoice = make_sent_quote(self), make_invoice(self)
        self.asked = self.request()
        self.pay(self.asked)
        self.payment = eventually(self._captured)
        self.pay(self.request(20_000), NO_PROOF_CARD)
        self.case = eventually(self._held)
        report_lost_dispute(
            organization_id=self.id, passage_id=self.case.passage_id, now=business_now()
        )
        self.entry = add_entry(
            organization_id=self.id, actor=self.actor, now=business_now(),
            listing=Listing(
                kind=ListKind.BLOCK, subject=ListedKind.COUNTRY, value="US", reason="Essai"
            ),
        )  # fmt: skip
        questioned = started(self, self.request(7_000))
        captured(self, questioned)
        self.dispute = dispute_opened(self, questioned, 7_000)
        self.refund = request_refund(
            organization_id=self.id, actor=self.actor, intent_id=self.payment.id,
            amount=Money(100), reason="Geste", now=business_now(),
        )  # fmt: skip
        transfer_to(self, 7_00, "Sans référence")
        import_bank_days(self, days=1)
        self.key = create_api_key(
            organization_id=self.id, actor=self.actor, name="Site",
            scopes=[Permission.PAYMENTS_READ], expires_at=None, now=business_now(),
        ).key  # fmt: skip
        self.invited = invite_member(
            organization_id=self.id, actor=self.actor, invited_by=self.owner.id,
            email=f"{uuid4()}@example.test", role=Role.AUDITOR, real_now=timezone.now(),
            now=business_now(),
        )  # fmt: skip

        self.endpoint = add_endpoint(
            organization_id=self.id, actor=self.actor, url="http://127.0.0.1:9/", now=business_now()
        ).endpoint
        self.alert = raise_alert(
            organization_id=self.id, kind=Kind.FACTOR_ADDED, subject=f"user:{self.owner.id}",
            cause_id=uuid4(), facts={"factor": "une clé d’accès"}, real_now=timezone.now(),
            about_id=self.owner.id,
        )  # fmt: skip
        self.operation = ask(
            organization_id=self.id, actor=self.actor,
            draft=invited_signer_draft("associe@example.test", Role.OWNER), now=business_now(),
            real_now=timezone.now(),
        )  # fmt: skip
        self.rule = draft_rule(
            organization_id=self.id, actor=self.actor, now=business_now(),
            written=written_rule(
                code="own_nuit", clauses=[Clause("night", "equal", "oui")], points=10,
                floor=None, reason="Un paiement la nuit.",
            ),
        )  # fmt: skip

    def _captured(self):
        with acting_for(self.id):
            return payments(organization_id=self.id).filter(state="captured").first()

    def _held(self):
        with acting_for(self.id):
            return waiting_cases(organization_id=self.id).first()

    def things(self) -> dict[str, object]:
        """Return one real identifier for each name that an address may take."""
        with acting_for(self.id):
            return {
                "customer_id": self.customer.id,
                "quote_id": self.quote.id,
                "invoice_id": self.invoice.id,
                "request_id": self.asked.id,
                "payment_id": self.payment.id,
                "intent_id": self.payment.id,
                "refund_id": self.refund.id,
                "key_id": self.key.id,
                "invitation_id": self.invited.id,
                "membership_id": members(organization_id=self.id).first().id,
                "account_id": bank_accounts(organization_id=self.id).get().id,
                "transaction_id": bank_transactions(organization_id=self.id).first().id,
                "operation_id": self.operation.id,
                "dispute_id": self.dispute.id,
                "case_id": self.case.id,
                "review_id": self.case.id,
                "decision_id": self.case.decision_id,
                "entry_id": self.entry.id,
                "rule_id": self.rule.id,
                "report_id": shared_reports(organization_id=self.id)[0].id,
                "endpoint_id": self.endpoint.id,
                "delivery_id": make_delivery(self.endpoint).id,
                "alert_id": self.alert.id,
                "device_id": remember(
                    user_id=self.owner.id, token="", agent="Chrome", real_now=timezone.now()
                ).device_id,
            }


@pytest.fixture(scope="module")
def twin(world):
    return Twin(world)


@pytest.fixture(scope="module")
def things(twin):
    return twin.things()


@pytest.fixture(scope="module")
def other(world):
    return PayableFirm(world)


def addresses_of_things():
    known = BY_SECRET | OF_A_PERSON
    return [one for one in addresses() if set(one.parameters) - known]


class TestPages:
    def test_the_walk_knows_every_kind_of_thing(self, things):
        taken = {name for one in addresses() for name in one.parameters}

        assert taken <= set(things) | BY_SECRET | OF_A_PERSON
        assert len(addresses_of_things()) > 20

    @pytest.mark.parametrize("one", addresses_of_things(), ids=lambda one: one.name)
    def test_its_owner_opens_it_and_the_twin_does_not_know_it(self, one, twin, other, things):
        path = one.filled(things)
        owner, stranger = signed_in(twin, proven=True), signed_in(other, proven=True)

        own = owner.get(path).status_code
        theirs = {stranger.get(path).status_code, stranger.post(path, {}).status_code}

        assert own in {200, 302, 405, 409}
        assert theirs <= {404, 405}
        assert 404 in theirs


@pytest.mark.parametrize(("method", "path", "details"), list(operations()))
class TestOperations:
    def test_without_a_key_it_answers_401(self, method, path, details, world):
        answer = call(world, method, path, details, {})

        assert (answer.status_code, answer.json()["code"]) == (401, "api_key_invalid")

    def test_without_its_scope_it_answers_403(self, method, path, details, twin, things):
        wanted = Permission(details["security"][0]["Scope"][0])
        program = Program(twin, frozenset(Permission) - {wanted})

        answer = call(twin.world, method, path, details, things, program)

        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")

    def test_with_its_scope_alone_it_finds_its_own(self, method, path, details, twin, things):
        wanted = Permission(details["security"][0]["Scope"][0])

        answer = call(twin.world, method, path, details, things, Program(twin, {wanted}))

        assert answer.status_code in {200, 201, 409, 422}, answer.text

    def test_what_belongs_to_the_twin_does_not_exist(
        self, method, path, details, twin, other, things
    ):
        answer = call(twin.world, method, path, details, things, Program(other))

        if takes_an_identifier(path, details):
            assert answer.status_code == 404, answer.text
        else:
            assert not set(map(str, things.values())) & set(identifiers(answer.text))


def call(world, method, path, details, things, program=None):
    """Call an operation with the identifiers of these things wherever it takes one."""
    filled = re.sub(r"\{(\w+)\}", lambda name: str(things.get(name[1], uuid4())), path)
    headers = {"Idempotency-Key": str(uuid4())} | (program.headers if program else {})
    body = body_of(details, things) if method != "get" else None
    url = world.url + filled
    return httpx.request(method, url, json=body, headers=headers, timeout=30)


def body_of(details, things):
    shape = shape_of(details)
    return None if shape is None else sample(shape, things)


def shape_of(details):
    content = details.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema")


def sample(shape, things, name=""):
    """Invent a body the shape accepts, naming the given things even where it is optional."""
    shape = resolved(shape)
    if name in things:
        return str(things[name])
    if "anyOf" in shape:
        return sample(shape["anyOf"][0], things, name)
    if "const" in shape or "enum" in shape:
        return shape.get("const") or shape["enum"][0]
    if shape.get("type") == "object":
        wanted = {*shape.get("required", ()), *(set(shape.get("properties", {})) & set(things))}
        return {each: sample(shape["properties"][each], things, each) for each in wanted}
    if shape.get("type") == "array":
        return [sample(shape["items"], things)]
    soon = paris_date(business_now()) + timedelta(days=20)
    return {"integer": 100, "date": str(soon)}.get(shape.get("format") or shape.get("type"), "1")


def resolved(shape):
    name = shape.get("$ref", "").rpartition("/")[2]
    return SCHEMA["components"]["schemas"][name] if name else shape


def takes_an_identifier(path, details) -> bool:
    shape = shape_of(details)
    fields = resolved(shape).get("properties", {}) if shape else {}
    return "{" in path or any(name.endswith("_id") for name in fields)


def identifiers(text):
    return re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", text)
