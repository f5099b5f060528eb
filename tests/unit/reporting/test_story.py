"""A payment told from facts: every step in order with its proofs, and every ending."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from encaisse.kernel.money import Money
from encaisse.reporting.story.facts import (
    AskedFact,
    AuditFact,
    DisputeFact,
    EndingKind,
    EntryFact,
    InvoiceFact,
    LineFact,
    MailFact,
    MessageFact,
    Move,
    PaymentFacts,
    PayoutFact,
    ProofKind,
    RefundFact,
    RefusalFact,
    StepKind,
    TryFact,
)
from encaisse.reporting.story.telling import tell

NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)  # a Friday
FRIDAY = date(2026, 11, 20)
WHOLE = Money(12_000)
PAYMENT, ASKED, TRY, INVOICE, PAYOUT, REFUND, DISPUTE, LINE = (UUID(int=n) for n in range(1, 9))


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def asked() -> AskedFact:
    return AskedFact(ASKED, NOON, "invoice", INVOICE, "RF18TEST", WHOLE)


def tried(state: str, **values: object) -> TryFact:
    known = {
        "id": TRY,
        "provider": "Banc d’essai",
        "state": state,
        "provider_id": "pay_1",
        "opened_at": after(1),
        "updated_at": after(5),
    }
    return TryFact(**(known | values))


def facts(state: str = "captured", **values: object) -> PaymentFacts:
    known: dict[str, object] = {
        "id": PAYMENT,
        "method": "card",
        "state": state,
        "amount": WHOLE,
        "today": FRIDAY,
        "payout_bank_days": 1,
        "asked": asked(),
    }
    if state == "captured":
        known |= {"captured_at": after(4), "captured_on": FRIDAY, "tries": (tried("captured"),)}
    return PaymentFacts(**(known | values))


def line(booked_on: date = date(2026, 11, 23), minor: int = 11_830) -> LineFact:
    start = datetime(booked_on.year, booked_on.month, booked_on.day, tzinfo=UTC)
    return LineFact(LINE, booked_on, start, "Compte courant", Money(minor), "au centime")


def payout(arrival: LineFact | None = None) -> PayoutFact:
    return PayoutFact(
        id=PAYOUT,
        provider_id="po_1",
        bank_reference="PO261121",
        paid_at=after(20 * 60),
        paid_on=date(2026, 11, 21),
        gross=WHOLE,
        fee=Money(170),
        net=Money(11_830),
        arrival=arrival,
    )


def refund(state: str, minor: int = 12_000) -> RefundFact:
    return RefundFact(
        id=REFUND,
        amount=Money(minor),
        state=state,
        reason="geste",
        provider_id="re_1",
        asked_at=after(60),
        updated_at=after(61),
        departure=None,
    )


def dispute(state: str) -> DisputeFact:
    return DisputeFact(
        id=DISPUTE,
        provider_id="dp_1",
        amount=WHOLE,
        state=state,
        reason="fraudulent",
        opened_at=after(90),
        due_on=date(2026, 12, 4),
        closed_at=None if state == "needs_response" else after(95),
    )


def kinds(told: PaymentFacts) -> list[StepKind]:
    return [step.kind for step in tell(told).steps]


def ending(told: PaymentFacts) -> EndingKind:
    return tell(told).ending.kind


class TestEndingBeforeThePayment:
    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            ("created", EndingKind.UNKNOWN),
            ("requires_action", EndingKind.WITH_PAYER),
            ("pending", EndingKind.UNDER_WAY),
            ("authorized", EndingKind.RESERVED),
            ("capturing", EndingKind.RESERVED),
            ("unknown", EndingKind.UNKNOWN),
            ("failed", EndingKind.NOTHING_TAKEN),
            ("canceled", EndingKind.NOTHING_TAKEN),
            ("expired", EndingKind.NOTHING_TAKEN),
        ],
    )
    def test_each_state_of_a_try_has_its_ending(self, state, expected):
        assert ending(facts("processing", tries=(tried(state),))) is expected

    def test_a_doubt_on_an_earlier_try_is_not_hidden_by_a_later_refusal(self):
        told = facts("processing", tries=(tried("unknown"), tried("failed", provider_id="pay_2")))

        assert ending(told) is EndingKind.UNKNOWN

    def test_without_a_try_nothing_was_taken(self):
        assert ending(facts("open")) is EndingKind.NOTHING_TAKEN


class TestEndingAfterThePayment:
    def test_a_card_payment_of_friday_is_expected_on_monday(self):
        found = tell(facts()).ending

        assert (found.kind, found.provider) == (EndingKind.AT_PROVIDER, "Banc d’essai")
        assert (found.on, found.is_late) == (date(2026, 11, 23), False)

    def test_it_is_late_the_day_after_the_one_expected(self):
        assert not tell(facts(today=date(2026, 11, 23))).ending.is_late
        assert tell(facts(today=date(2026, 11, 24))).ending.is_late

    def test_a_provider_that_declares_no_delay_gets_no_invented_date(self):
        found = tell(facts(payout_bank_days=None)).ending

        assert (found.kind, found.on, found.is_late) == (EndingKind.AT_PROVIDER, None, False)

    def test_a_payout_of_saturday_is_expected_when_banks_open(self):
        found = tell(facts(payouts=(payout(),))).ending

        assert (found.kind, found.on) == (EndingKind.PAID_OUT, date(2026, 11, 23))

    def test_the_line_of_the_statement_ends_the_journey(self):
        found = tell(facts(payouts=(payout(line()),), today=date(2027, 1, 1))).ending

        assert (found.kind, found.on) == (EndingKind.ON_ACCOUNT, date(2026, 11, 23))
        assert not found.is_late

    def test_an_initiated_transfer_waits_for_the_statement_only(self):
        told = facts(method="instant_transfer")

        assert ending(told) is EndingKind.BANK_TO_CONFIRM
        assert ending(replace(told, arrival=line(minor=12_000))) is EndingKind.ON_ACCOUNT

    def test_a_plain_transfer_is_on_the_account_and_may_wait_for_its_request(self):
        told = facts(method="transfer", tries=(), asked=None, arrival=line(), is_to_allocate=True)

        assert ending(told) is EndingKind.ON_ACCOUNT
        assert tell(told).ending.waits_for_request


class TestEndingWhenMoneyGoesBack:
    @pytest.mark.parametrize("state", ["reserved", "pending", "unknown"])
    def test_a_refund_under_way_must_not_be_asked_again(self, state):
        assert ending(facts(refunds=(refund(state),))) is EndingKind.REFUNDING

    def test_all_refunded_even_from_the_account(self):
        told = facts(refunds=(refund("succeeded"),), payouts=(payout(line()),))

        assert ending(told) is EndingKind.REFUNDED

    def test_a_part_refunded_leaves_the_rest_where_it_is(self):
        found = tell(facts(refunds=(refund("succeeded", 1_000),), payouts=(payout(line()),))).ending

        assert (found.kind, found.returned) == (EndingKind.ON_ACCOUNT, Money(1_000))

    def test_a_refused_refund_changes_nothing(self):
        found = tell(facts(refunds=(refund("failed"),))).ending

        assert (found.kind, found.returned) == (EndingKind.AT_PROVIDER, None)

    def test_a_dispute_comes_before_anything_else_with_its_date(self):
        found = tell(
            facts(disputes=(dispute("needs_response"),), refunds=(refund("pending", 100),))
        ).ending

        assert (found.kind, found.on) == (EndingKind.DISPUTED, date(2026, 12, 4))

    def test_a_lost_dispute_took_the_money_and_a_won_one_gave_it_back(self):
        assert ending(facts(disputes=(dispute("lost"),))) is EndingKind.LOST
        assert ending(facts(disputes=(dispute("won"),))) is EndingKind.AT_PROVIDER


class TestSteps:
    def test_a_card_refused_then_authenticated_then_paid_out_is_told_in_order(self):
        paid = tried(
            "captured",
            card="Visa •••• 3220",
            authentication="authenticated",
            has_liability_shift=True,
            refusals=(RefusalFact(after(2), "insufficient_funds", "9995"),),
        )
        told = facts(
            tries=(paid,),
            payouts=(payout(line()),),
            invoice=InvoiceFact(INVOICE, "F-2026-0001", "final", is_paid=True),
            entries=(
                EntryFact(
                    "EN-2026-1",
                    f"payment_attempt:{TRY}",
                    "captured",
                    after(4),
                    (Move("511", "debit", WHOLE), Move("411", "credit", WHOLE)),
                ),
                EntryFact("BQ-2026-1", f"payout:{PAYOUT}", "paid_out", after(9_999), ()),
            ),
            mails=(
                MailFact("invoice", INVOICE, "<1@host>", after(0), "sent"),
                MailFact("receipt", PAYMENT, "<2@host>", after(4), "sent"),
            ),
        )

        assert kinds(told) == [
            StepKind.ASKED,
            StepKind.SENT,
            StepKind.OPENED,
            StepKind.REFUSED,
            StepKind.AUTHENTICATED,
            StepKind.PAID,
            StepKind.INVOICED,
            StepKind.BOOKED,
            StepKind.MAILED,
            StepKind.PAYOUT,
            StepKind.ARRIVED,
        ]

    def test_what_follows_a_payment_is_never_told_before_it_though_clocks_differ(self):
        early = AuditFact(7, after(3), "provider", "payment:captured", f"payment:{PAYMENT}")
        told = facts(
            audit=(early,), invoice=InvoiceFact(INVOICE, "F-2026-0001", "final", is_paid=True)
        )

        assert kinds(told)[-2:] == [StepKind.PAID, StepKind.INVOICED]

    def test_each_signed_message_goes_to_the_step_it_told(self):
        paid = tried(
            "captured",
            authentication="authenticated",
            refusals=(RefusalFact(after(2), "insufficient_funds", "9995"),),
        )
        messages = tuple(
            MessageFact(f"evt_{kind}", kind, "pay_1", at)
            for kind, at in [("refused", after(2)), ("held", after(3)), ("captured", after(4))]
        )

        steps = {step.kind: step for step in tell(facts(tries=(paid,), messages=messages)).steps}

        def events(kind: StepKind) -> list[str]:
            return [p.value for p in steps[kind].proofs if p.kind is ProofKind.EVENT]

        assert events(StepKind.REFUSED) == ["evt_refused"]
        assert events(StepKind.AUTHENTICATED) == ["evt_held"]
        assert events(StepKind.PAID) == ["evt_captured"]
        assert events(StepKind.OPENED) == []

    def test_without_a_message_the_proof_is_that_we_asked(self):
        (paid,) = [step for step in tell(facts()).steps if step.kind is StepKind.PAID]
        message = MessageFact("evt_1", "captured", "pay_1", after(6))
        (told,) = [
            step for step in tell(facts(messages=(message,))).steps if step.kind is StepKind.PAID
        ]

        assert ProofKind.FETCHED in {proof.kind for proof in paid.proofs}
        assert ProofKind.FETCHED not in {proof.kind for proof in told.proofs}

    def test_a_plain_transfer_is_told_by_its_line_after_its_request(self):
        told = facts(
            method="transfer",
            tries=(),
            captured_at=NOON - timedelta(hours=11),
            arrival=line(FRIDAY, 12_000),
        )

        assert kinds(told) == [StepKind.ASKED, StepKind.ARRIVED]

    def test_a_doubt_and_an_abandoned_page_are_steps_of_their_own(self):
        assert StepKind.DOUBT in kinds(facts("processing", tries=(tried("unknown"),)))
        assert StepKind.ENDED in kinds(facts("open", tries=(tried("expired"),)))
        assert StepKind.RESERVED in kinds(facts("processing", tries=(tried("authorized"),)))

    def test_refunds_and_disputes_carry_their_entries_and_who_asked(self):
        told = facts(
            refunds=(refund("succeeded", 1_000),),
            disputes=(dispute("lost"),),
            audit=(
                AuditFact(
                    9, after(60), "member:7", "payment:refund:requested", f"payment:{PAYMENT}"
                ),
            ),
            entries=(
                EntryFact("EN-2026-2", f"refund:{REFUND}", "refunded", after(61), ()),
                EntryFact("EN-2026-3", f"dispute:{DISPUTE}", "opened", after(90), ()),
                EntryFact("EN-2026-4", f"dispute:{DISPUTE}", "lost", after(95), ()),
            ),
        )
        steps = {step.kind: step for step in tell(told).steps}

        def entries(kind: StepKind) -> list[str]:
            return [p.value for p in steps[kind].proofs if p.kind is ProofKind.ENTRY]

        assert steps[StepKind.REFUND_ASKED].actor == "member:7"
        assert entries(StepKind.REFUNDED) == ["EN-2026-2"]
        assert entries(StepKind.DISPUTED) == ["EN-2026-3"]
        assert entries(StepKind.DISPUTE_LOST) == ["EN-2026-4"]

    def test_a_customer_without_an_address_gets_no_receipt_and_the_story_says_so(self):
        absent = AuditFact(8, after(5), "system", "mail:not_sent", f"receipt:{PAYMENT}")
        (mailed,) = [
            step for step in tell(facts(audit=(absent,))).steps if step.kind is StepKind.MAILED
        ]

        assert not mailed.is_complete
