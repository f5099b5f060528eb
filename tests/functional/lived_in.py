"""A firm in which something of each kind has happened, and the people it happened to."""

import json
import re
from datetime import timedelta
from functools import cached_property
from string import Formatter
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.core.own_rules import Clause, written_rule
from encaisse.fraud.queries import shared_reports, waiting_cases
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.own_rules import draft_rule
from encaisse.fraud.services.sharing import join
from encaisse.identity import guardians, recovery
from encaisse.identity.access import Origin, grant, judge, record_failure
from encaisse.identity.codes import issue_code
from encaisse.identity.core import RECOVERY_DELAY
from encaisse.identity.devices import devices
from encaisse.identity.factors import factors_of
from encaisse.identity.freezing import freeze
from encaisse.identity.models import User
from encaisse.identity.open_sessions import name_of, open_sessions
from encaisse.identity.phones import ENROLMENT, finish_enrolment
from encaisse.identity.proofs import Proof
from encaisse.invoicing.services.quotes import draft_quote, quote_token
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import revoke_api_key
from encaisse.organizations.core import Role
from encaisse.organizations.invitations import invitation_token
from encaisse.organizations.proofs import publish_proofs
from encaisse.organizations.queries import members
from encaisse.organizations.team import add_member
from encaisse.payments.queries import closed_disputes, payments
from encaisse.payments.services.requests import link_token
from encaisse.risk.presets import Preset
from encaisse.security.core import RULES, Kind
from encaisse.security.links import make_link
from encaisse.security.models import Alert
from encaisse.security.raising import raise_alert, see
from encaisse.treasury.queries import bank_accounts, bank_transactions
from encaisse.webhooks.endpoints import add_endpoint
from factories.answers import captured, dispute_lost, dispute_opened, started
from factories.invoicing import make_accepted_quote, make_draft, make_invoice, make_sent_quote
from factories.organizations import NOW, make_user
from factories.passkeys import Telephone
from factories.payments import NO_PROOF_CARD, PayableFirm
from factories.treasury import import_bank_days, transfer_to
from factories.webhooks import make_delivery
from functional.asking import refund
from functional.keys import make, rotate
from functional.signing import Signer, asked
from functional.telephones import asked_of, telephone_of
from functional.web_people import PASSWORD, invite, show_code_too
from plugins.world import eventually

HOME, FAR = "82.64.10.1", "200.147.3.1"
FIREFOX = "Firefox sur Windows"


class LivedInFirm(PayableFirm):
    """A plumber's firm after some years: money, papers, people, and trouble at the door."""

    def __init__(self, world) -> None:
        super().__init__(world, name="Plomberie du Lavoir")
        join(
            organization_id=self.id, actor=self.actor, has_accepted=True,
            now=business_now() - timedelta(days=90),
        )  # fmt: skip
        self.proofs = publish_proofs(organization_id=self.id, actor=self.actor, now=business_now())
        self.documents()
        self.money()
        self.vigilance()
        self.people()
        self.factors()
        self.answering = telephone_of()
        self.question = asked_of(self.answering.user)
        self.door()
        self.trouble()

    def documents(self) -> None:
        draft = draft_quote(
            organization_id=self.id, actor=self.actor, draft=make_draft(self), now=business_now()
        )
        self.quotes = [draft, make_sent_quote(self), make_accepted_quote(self)]
        self.invoices = [make_invoice(self)]

    def money(self) -> None:
        """One payment taken, two contested, one link open and one closed, lines at the bank."""
        self.requests = [self.request(), self.request(45_000), self.request(9_000)]
        self.close(self.requests[2], reason="doublon")
        self.pay(self.requests[1])
        self.payment = eventually(self._captured)
        contested = started(self, self.request(30_000))
        captured(self, contested)
        dispute_lost(self, contested, 30_000)
        questioned = started(self, self.request(7_000))
        captured(self, questioned)
        self.dispute = dispute_opened(self, questioned, 7_000)
        for number in range(3):
            transfer_to(self, 7_00 + number, f"Acompte {number}")
        import_bank_days(self)

    def vigilance(self) -> None:
        """A payment that waits for somebody, and somebody on a list."""
        self.pay(self.request(20_000), NO_PROOF_CARD)
        self.case = eventually(self._case)
        listing = Listing(
            kind=ListKind.BLOCK,
            subject=ListedKind.EMAIL,
            value="mauvais.payeur@example.test",
            reason="Trois chèques sans provision",
        )
        self.entry = add_entry(
            organization_id=self.id, actor=self.actor, listing=listing, now=business_now()
        )

        written = written_rule(
            code="own_nuit", clauses=[Clause("night", "equal", "oui")], points=10, floor=None,
            reason="Un paiement la nuit.",
        )  # fmt: skip
        self.rule = draft_rule(
            organization_id=self.id, actor=self.actor, written=written, now=business_now()
        )

    def _case(self):
        with acting_for(self.id):
            return waiting_cases(organization_id=self.id).first()

    def people(self) -> None:
        """A partner, a bookkeeper, an employee whose account is frozen, somebody invited."""
        self.partner = self.member("Paul Martin", Role.OWNER)
        self.bookkeeper = self.member(
            "Maximilienne de La Rochefoucauld-Montmorency", Role.ACCOUNTANT
        )
        self.frozen = self.member("Luc Petit", Role.COLLECTOR)
        freeze(user_id=self.frozen.id, by=self.owner.id, real_now=timezone.now())
        self.locked = self.member("Jean Durand", Role.COLLECTOR)
        self.locked.locked_at = timezone.now()
        self.locked.save()
        self.invitation = invite(self, f"comptable.{uuid4().hex[:8]}@example.test")

    def member(self, name: str, role: Role) -> User:
        user = reachable(make_user(full_name=name))
        add_member(organization_id=self.id, actor=self.actor, user_id=user.id, role=role, now=NOW)
        return user

    def factors(self) -> None:
        """An application with spare codes, a telephone, a passkey; somebody who vouches."""
        self.owner.full_name = "Anne Martin"
        reachable(self.owner)
        self.signer = Signer(self, self.owner)
        with_phone(self.owner)
        self.telephone = Telephone()
        add_passkey(self.signer.client, self.telephone)
        self.guardian = reachable(make_user(full_name="Claire Bernard"))
        for ward in (self.owner, self.partner):
            row = guardians.name_guardian(user_id=ward.id, email=self.guardian.email, now=NOW)
            guardians.accept(user_id=self.guardian.id, guardianship_id=row.id, now=NOW)
        self.guardianship = row
        ward = self.member("Zoé Faure", Role.OWNER)
        guardians.name_guardian(user_id=ward.id, email=self.guardian.email, now=NOW)

    def door(self) -> None:
        """Accesses of every level, refused and failed ones; a recovery that runs."""
        for address, past in ((HOME, 9), (HOME, 4), (FAR, 3), (HOME, 1)):
            at = timezone.now() - timedelta(days=past)
            origin = Origin(address, FIREFOX)
            event = judge(user=self.owner, origin=origin, preset=Preset.EQUILIBRE, real_now=at)
            grant(event_id=event.id, proofs={Proof.PASSWORD, Proof.TOTP}, device=None, real_now=at)
        for _try in range(3):
            record_failure(user_id=self.owner.id, origin=Origin(FAR, FIREFOX), real_now=at)
        self.recovery = recovery.open_recovery(
            email=self.partner.email, now=NOW, real_now=timezone.now()
        )

    def trouble(self) -> None:
        """An alert of each kind, an operation to sign, keys and programs told."""
        for number, kind in enumerate(Kind):
            alert = raise_alert(
                organization_id=self.id, kind=kind, subject=f"axe:{kind}", cause_id=uuid4(),
                facts=facts_of(kind), about_id=self.owner.id, real_now=timezone.now(),
            )  # fmt: skip
            if number % 4 == 3:
                see(organization_id=self.id, alert_id=alert.id, user_id=self.partner.id,
                    real_now=timezone.now())  # fmt: skip
        refund(self.signer, self.payment, "250,00")
        self.operation = asked(self)
        kept = make(self, addresses="82.64.10.0/24", life=timedelta(days=20))
        rotate(self, kept)
        gone = make(self)
        revoke_api_key(
            organization_id=self.id, actor=self.actor, key_id=gone.key.id, now=business_now()
        )
        self.key = make(self).key
        self.endpoint = add_endpoint(
            organization_id=self.id, actor=self.actor, url="https://93.184.215.14/alertes",
            now=business_now(),
        ).endpoint  # fmt: skip
        self.delivery = make_delivery(self.endpoint)

    def freeze_link(self) -> str:
        return make_link(user_id=self.owner.id, given_to=self.owner.id, real_now=timezone.now())

    def things(self) -> dict[str, list]:
        """What fills the addresses of the map: by the name of what they take."""
        (session, *_) = open_sessions(user_id=self.owner.id, real_now=timezone.now())
        held = {factor.kind: factor.id for factor in factors_of(user_id=self.owner.id)}
        with acting_for(self.id):
            return {
                "customer_id": [self.customer.id],
                "quote_id": [quote.id for quote in self.quotes],
                "invoice_id": [invoice.id for invoice in self.invoices],
                "request_id": [request.id for request in self.requests],
                "intent_id": [row.id for row in payments(organization_id=self.id)],
                "account_id": [row.id for row in bank_accounts(organization_id=self.id)],
                "transaction_id": [bank_transactions(organization_id=self.id)[0].id],
                "membership_id": [
                    row.id
                    for row in members(organization_id=self.id)
                    if row.user in {self.frozen, self.bookkeeper}
                ],
                "alert_id": [row.id for row in Alert.objects.filter(organization_id=self.id)[::5]],
                "operation_id": [self.operation.id],
                "dispute_id": [
                    self.dispute.id,
                    *closed_disputes(organization_id=self.id).values_list("id", flat=True),
                ],
                "case_id": [self.case.id],
                "decision_id": [self.case.decision_id],
                "entry_id": [self.entry.id],
                "rule_id": [self.rule.id],
                "report_id": [row.id for row in shared_reports(organization_id=self.id)[:1]],
                "key_id": [self.key.id],
                "endpoint_id": [self.endpoint.id],
                "delivery_id": [self.delivery.id],
                "invitation_id": [self.invitation.id],
                "connection_id": [self.connection.id],
                "device_id": [devices(user_id=self.owner.id)[0].id],
                "name": [name_of(session)],
                "guardianship": [self.guardianship.id],
                "case": [self.recovery.id],
                "approval_id": [self.question.id],
                "approver_id": [self.answering.approver.id],
                "pk": [held["passkey"]],
            }

    @cached_property
    def tokens(self) -> dict[str, list[str]]:
        """The secrets in addresses, by the beginning of the name of what they open."""
        return {
            "payer_proofs": [self.proofs],
            "payer_quote": [quote_token(quote) for quote in self.quotes[1:]],
            "payer_": [link_token(request) for request in self.requests],
            "freeze_link": [self.freeze_link()],
            "invitation": [invitation_token(self.invitation)],
            "recovery_open": [self.due_recovery()],
        }

    def due_recovery(self) -> str:
        """Let a recovery of the owner's run to its end; return the half that is mailed."""
        long_ago = timezone.now() - RECOVERY_DELAY
        row = recovery.open_recovery(email=self.owner.email, now=NOW, real_now=long_ago)
        recovery.approve(
            recovery_id=row.id, guardian_id=self.guardian.id, now=NOW, real_now=long_ago
        )
        recovery.advance(now=NOW, real_now=timezone.now())
        row.refresh_from_db()
        return recovery.mailed_token(row)

    def _captured(self):
        with acting_for(self.id):
            return payments(organization_id=self.id).filter(state="captured").first()


def reachable(user: User) -> User:
    """Give somebody a password and an address that is proven."""
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def with_phone(user: User, number: str = "+33612345678") -> None:
    now = timezone.now()
    issued = issue_code(user_id=user.id, purpose=ENROLMENT, about=number, real_now=now)
    finish_enrolment(user_id=user.id, code=issued.code, now=business_now(), real_now=now)


def add_passkey(client: Client, telephone: Telephone) -> None:
    """Make a passkey on the page where it is made, as a browser does."""
    show_code_too(client)
    page = client.get(reverse("mfa_add_webauthn"), headers={"host": "localhost"})
    asked = re.search(r'id="passkey_options"[^>]*>(.*?)</script>', page.content.decode())
    made = telephone.make(json.loads(asked[1])["creation_options"])
    answer = client.post(
        reverse("mfa_add_webauthn"), {"name": "Téléphone d’Anne", "credential": made}
    )
    assert answer.status_code == 302, answer.content.decode()


def facts_of(kind: Kind) -> dict[str, str]:
    """Something for each blank in the sentences of an alert."""
    rule = RULES[kind]
    names = {name for text in (rule.sentence, rule.own) for _, name, *_ in Formatter().parse(text)}
    known = {"place": "Brésil", "by": "Paul Martin", "address": FAR, "agent": FIREFOX}
    return {name: known.get(name, "un téléphone") for name in {*names, *known} - {None, "person"}}
