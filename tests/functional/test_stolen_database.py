"""What a thief of the database, without the keys, can read: none of what was confided."""

from base64 import b64encode
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connections

from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.models import SharedAppeal
from encaisse.fraud.queries import shared_reports, waiting_cases
from encaisse.fraud.services.arrivals import Payer
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.shared import uphold
from encaisse.fraud.services.sharing import join
from encaisse.identity.approvers import subscription_of
from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.kernel.money import Money
from encaisse.kit.at_rest import How, declarations
from encaisse.kit.clock import business_now
from encaisse.kit.files import store_file
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.operations import ask
from encaisse.organizations.proofs import publish_proofs
from encaisse.organizations.signed import invited_signer_draft
from encaisse.payments.core import AttemptState
from encaisse.payments.models import PaymentAttempt
from encaisse.payments.services.answers import stage_answer
from encaisse.payments.services.held import refuse
from encaisse.payments.services.refunds import request_refund
from encaisse.security.core import Kind
from encaisse.security.raising import raise_alert
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account
from encaisse.webhooks.endpoints import add_endpoint
from factories.answers import captured, dispute_opened, started
from factories.invoicing import accept, make_sent_quote
from factories.organizations import Firm
from factories.payments import NO_PROOF_CARD, PayableFirm
from factories.treasury import import_bank_days, transfer_to
from functional.telephones import asked_of, telephone_of
from functional.web_people import signed_in
from plugins.world import eventually

TOTP_SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def unlikely(word: str) -> str:
    return f"{word}-{uuid4().hex[:16]}"


class LivedIn:
    """A firm that worked for a day, and what it confided meanwhile, by name."""

    def __init__(self, world) -> None:
        self.phone = f"+33 6 {uuid4().int % 10**8:08d}"
        self.firm = firm = PayableFirm(world, phone=self.phone)
        join(organization_id=firm.id, actor=firm.actor, has_accepted=True, now=business_now())
        self.secrets = {
            "the firm's phone": self.phone,
            "its IBAN": firm.iban,
            "the provider's key": firm.api_key,
            "a TOTP seed": TOTP_SEED,
        }
        self.confide_bank_details()
        self.confide_texts()
        self.be_paid()
        self.be_contested()
        self.be_wary()
        self.answer_for_a_report()
        self.sign_in()

    def confide_bank_details(self) -> None:
        label, bank = unlikely("Compte secret"), unlikely("Banque discrète")
        draft = BankAccountDraft(
            iban="FR7630006000011234567890189", holder_name=unlikely("Titulaire"),
            label=label, bank_name=bank,
        )  # fmt: skip
        add_bank_account(
            organization_id=self.firm.id, actor=self.firm.actor, draft=draft, now=business_now()
        )
        self.secrets |= {
            "another IBAN": draft.iban, "another holder": draft.holder_name,
            "an account's name": label, "a bank's name": bank,
        }  # fmt: skip

    def confide_texts(self) -> None:
        firm, now = self.firm, business_now()
        phone = f"+33 7 {uuid4().int % 10**8:08d}"
        create_customer(
            organization_id=firm.id, actor=firm.actor,
            draft=CustomerDraft(name="Dominique Petit", phone=phone), now=now,
        )  # fmt: skip
        key = create_api_key(
            organization_id=firm.id, actor=firm.actor, name="Caisse",
            scopes=[Permission.PAYMENTS_READ], expires_at=None, now=now,
            addresses="82.64.11.0/24",
        )  # fmt: skip
        content = unlikely("contenu")
        with acting_for(firm.id):
            store_file(
                organization_id=firm.id, kind="logo", name="logo.png", media_type="image/png",
                content=content.encode(), now=now,
            )  # fmt: skip
        payee, word = f"{unlikely('associe')}@example.test", unlikely("motif")
        ask(
            organization_id=firm.id, actor=firm.actor,
            draft=invited_signer_draft(payee, Role.OWNER), now=now, real_now=now,
        )  # fmt: skip
        endpoint = add_endpoint(
            organization_id=firm.id, actor=firm.actor, url=f"http://127.0.0.1:9/{word}", now=now
        )
        place = unlikely("lieu")
        raise_alert(
            organization_id=firm.id, kind=Kind.FACTOR_ADDED, subject=f"user:{firm.owner.id}",
            cause_id=uuid4(), facts={"factor": place}, real_now=now, about_id=firm.owner.id,
        )  # fmt: skip
        self.secrets |= {
            "who would own the firm": payee, "an endpoint's address": word,
            "an endpoint's secret": endpoint.secret, "what an alert says": place,
        }  # fmt: skip
        line = unlikely("Ligne du devis")
        signer = unlikely("Signataire")
        quote = make_sent_quote(firm, lines=(Line(line, 1000, "u", Money(90_00), VatRate.NORMAL),))
        accept(firm, quote, name=signer)
        self.secrets |= {
            "a customer's phone": phone, "an API key": key.secret, "a file": content,
            "a quote's line": line, "who accepted": signer,
        }  # fmt: skip

    def be_paid(self) -> None:
        firm = self.firm
        self.secrets["the address of the proofs"] = publish_proofs(
            organization_id=firm.id, actor=firm.actor, now=business_now()
        )
        request = firm.request()
        firm.pay(request)
        intent = eventually(self.captured_intent)
        note = unlikely("Geste commercial")
        request_refund(
            organization_id=firm.id, actor=firm.actor, intent_id=intent, amount=Money(1_00),
            reason=note, now=business_now(),
        )  # fmt: skip
        remittance = unlikely("Merci pour")
        transfer_to(firm, 50_00, remittance)
        firm.world.control("/clock/advance", {"days": 1})
        import_bank_days(firm)
        self.secrets |= {"a refund's note": note, "a transfer's words": remittance}

    def be_wary(self) -> None:
        """Somebody pays in a way that no bank vouches for, and is refused with a word of why."""
        firm, device, note = self.firm, unlikely("appareil"), unlikely("Voix inconnue")
        payer = Payer(address="82.64.10.77", agent="Firefox sur Windows", device=device)
        firm.pay(firm.request(20_000), NO_PROOF_CARD, payer)
        case = eventually(self.waiting_case)
        refuse(
            organization_id=firm.id, actor=firm.actor, case_id=case.id, is_fraud=True, note=note,
            now=business_now(),
        )  # fmt: skip
        listed, why = f"{unlikely('mauvais')}@example.test", unlikely("Trois impayés")
        add_entry(
            organization_id=firm.id, actor=firm.actor, now=business_now(),
            listing=Listing(
                kind=ListKind.BLOCK, subject=ListedKind.EMAIL, value=listed, reason=why
            ),
        )  # fmt: skip
        self.secrets |= {
            "a payer's address": payer.address, "a payer's device": device,
            "why a payment is refused": note, "who is refused": listed, "why they are": why,
        }  # fmt: skip

    def answer_for_a_report(self) -> None:
        """Somebody contests at another firm what was reported; it is kept, with a word of why."""
        firm, other, why = self.firm, Firm(), unlikely("Plainte déposée")
        with acting_for(firm.id):
            report = shared_reports(organization_id=firm.id).first()
        with acting_for(other.id):
            SharedAppeal.objects.create(
                organization_id=other.id, kind=report.kind, mark=report.mark, passage_id=uuid4(),
                key_id=report.key_id, created_at=business_now(),
            )  # fmt: skip
        uphold(
            organization_id=firm.id, actor=firm.actor, report_id=report.id, reason=why,
            now=business_now(),
        )  # fmt: skip
        self.secrets |= {"why a report is kept": why}

    def waiting_case(self):
        with acting_for(self.firm.id):
            return waiting_cases(organization_id=self.firm.id).first()

    def be_contested(self) -> None:
        firm, said = self.firm, unlikely("Posé devant lui")
        attempt = started(firm, firm.request(7_000))
        captured(firm, attempt)
        dispute = dispute_opened(firm, attempt, 7_000)
        stage_answer(
            organization_id=firm.id, actor=firm.actor, dispute_id=dispute.id, statement=said,
            photos=[], now=business_now(),
        )  # fmt: skip
        self.secrets |= {"what a bank is told": said}

    def captured_intent(self):
        with acting_for(self.firm.id):
            done = PaymentAttempt.objects.filter(state=AttemptState.CAPTURED).first()
            return done and done.intent_id

    def sign_in(self) -> None:
        TOTP.activate(self.firm.owner, TOTP_SEED)
        client = signed_in(self.firm, proven=True)
        enrolling = client.session
        remembered = unlikely("en cours")
        enrolling["mfa.totp.secret"] = remembered
        enrolling.save()
        assert client.session["mfa.totp.secret"] == remembered
        telephone = telephone_of(self.firm.owner, world=self.firm.world)
        asked = unlikely("Virement")
        asked_of(self.firm.owner, said=asked)
        self.secrets |= {
            "what a telephone is asked": asked,
            "where a telephone is reached": subscription_of(telephone.approver).endpoint,
        }
        self.secrets |= {
            "a seed being enrolled": remembered, "a visit's cookie": client.session.session_key
        }  # fmt: skip


def stolen_bytes() -> dict[tuple[str, str], bytes]:
    """Return every declared column whole, as somebody with the disk reads it."""
    found = {}
    with connections["owner"].cursor() as cursor:
        for table, column in declarations():
            cursor.execute(f'SELECT "{column}" FROM "{table}"')  # noqa: S608  our own names
            values = [value for (value,) in cursor.fetchall() if value is not None]
            found[table, column] = b"\n".join(
                bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in values
            )
    return found


def spellings(secret: str) -> set[bytes]:
    plain = secret.encode()
    shapes = {plain, b64encode(plain).rstrip(b"="), plain.hex().encode()}
    return shapes | {secret.replace(" ", "").encode()}


@pytest.fixture
def lived_in(world):
    return LivedIn(world)


def test_nothing_confided_is_found_in_any_column(lived_in):
    stolen = stolen_bytes()

    found = [
        f"{name} in {table}.{column}"
        for name, secret in lived_in.secrets.items()
        for (table, column), content in stolen.items()
        if any(spelling in content for spelling in spellings(secret))
    ]

    assert len(lived_in.secrets) == 31
    assert found == []


def test_the_search_would_find_what_is_in_clear(lived_in):
    stolen = stolen_bytes()

    assert b"Camille Leroy" in stolen["counterparties_counterparty", "name"]


def test_every_sealed_column_of_the_lived_in_firm_holds_bytes(lived_in):
    """A column that nothing fills would prove nothing."""
    stolen = stolen_bytes()
    empty = [
        f"{table}.{column.name}"
        for (table, _), column in declarations().items()
        if column.how is How.SEALED and not stolen[table, column.name]
    ]

    assert set(empty) <= {
        "identity_accessevent.address_sealed",
        "identity_guardianship.email_sealed",
        "identity_onetimecode.about_sealed",
        "identity_phonefactor.number_sealed",
        "identity_recovery.token_sealed",
        "identity_session.address_sealed",
        "messaging_outboundtext.number_sealed",
        "messaging_outboundtext.text_sealed",
        "kit_idempotentanswer.body_sealed",
        "organizations_invitation.email_sealed",
        "organizations_invitation.token_sealed",
        "payments_paymentattempt.checkout_url_sealed",
    }
