from django.db import models
from django.db.models import F, Q

from encaisse.counterparties.models import Counterparty
from encaisse.kernel.money import Currency, Money
from encaisse.kit.crypto import Place
from encaisse.kit.models import TenantForeignKey, TenantRecord
from encaisse.kit.sealed import sealed_text
from encaisse.ledger.core import Account
from encaisse.payments.core import (
    LIVE_ATTEMPTS,
    LIVE_INTENTS,
    UNSETTLED_ANSWERS,
    AnswerKind,
    AnswerState,
    AttemptState,
    DisputeState,
    IntentState,
    Method,
    RefundState,
    RequestState,
)
from encaisse.providers.identification import EXEMPTIONS
from encaisse.providers.models import Connection


def _choices(states: type) -> list[tuple[str, str]]:
    return [(state, state) for state in states]  # type: ignore[attr-defined]  # a StrEnum


class PaymentRequest(TenantRecord):
    """Money asked for, behind one link. The asker names what for and which account it credits."""

    reference_kind = models.CharField(max_length=20, blank=True)
    reference_id = models.UUIDField(null=True)
    counterparty = TenantForeignKey(Counterparty, related_name="+", null=True)
    description = models.CharField(max_length=140)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default=Currency.EUR)
    received_minor = models.BigIntegerField(default=0)
    credit_account = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=_choices(RequestState))
    not_before_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    closed_reason = models.CharField(max_length=40, blank=True)
    # Cards were tried one after the other on this link: it takes none until somebody has looked.
    suspended_at = models.DateTimeField(null=True)
    token_sealed = models.BinaryField()
    creditor_reference = models.CharField(max_length=25)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="request_amount_positive"),
            models.CheckConstraint(
                condition=Q(received_minor__gte=0) & Q(received_minor__lte=F("amount_minor")),
                name="request_received_within_amount",
            ),
            models.UniqueConstraint(
                fields=["organization_id", "creditor_reference"], name="request_creditor_ref_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "reference_kind", "reference_id"],
                name="request_by_reference",
            ),
            models.Index(fields=["organization_id", "-created_at", "id"], name="request_by_date"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, Currency(self.currency))

    @property
    def remaining(self) -> Money:
        return Money(self.amount_minor - self.received_minor, Currency(self.currency))

    def place(self, column: str) -> Place:
        return Place("payments_paymentrequest", column, self.id, self.organization_id)


class PaymentIntent(TenantRecord):
    """One way chosen to pay; or, without a request, money that came by itself."""

    request = TenantForeignKey(PaymentRequest, related_name="intents", null=True)
    method = models.CharField(max_length=16, choices=_choices(Method))
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default=Currency.EUR)
    state = models.CharField(max_length=12, choices=_choices(IntentState))
    captured_at = models.DateTimeField(null=True)
    credited_account = models.CharField(max_length=12, blank=True)
    is_counted = models.BooleanField(default=False, help_text="Counted on its request.")
    refunded_minor = models.BigIntegerField(default=0)
    disputed_minor = models.BigIntegerField(default=0)
    bank_transaction_id = models.UUIDField(null=True)
    allocated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="intent_amount_positive"),
            models.CheckConstraint(
                # A payer may be refunded and dispute all the same: each is bounded, not their sum.
                condition=Q(refunded_minor__gte=0)
                & Q(disputed_minor__gte=0)
                & Q(amount_minor__gte=F("refunded_minor"))
                & Q(amount_minor__gte=F("disputed_minor")),
                name="intent_returns_within_amount",
            ),
            models.UniqueConstraint(
                fields=["organization_id", "request"],
                condition=Q(state__in=sorted(LIVE_INTENTS)),
                name="intent_one_live_per_request",
            ),
            models.UniqueConstraint(
                fields=["organization_id", "bank_transaction_id"],
                name="intent_one_per_bank_transaction",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "-captured_at", "id"],
                condition=Q(state=IntentState.CAPTURED),
                name="intent_captured_by_date",
            ),
            models.Index(fields=["organization_id", "-created_at", "-id"], name="intent_by_date"),
            models.Index(
                fields=["organization_id", "-created_at", "-id"],
                condition=Q(
                    state=IntentState.CAPTURED,
                    credited_account=Account.TO_ALLOCATE,
                    is_counted=False,
                ),
                name="intent_to_allocate",
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, Currency(self.currency))

    @property
    def refundable(self) -> Money:
        kept = self.amount_minor - self.refunded_minor - self.disputed_minor
        return Money(max(0, kept), Currency(self.currency))


class PaymentAttempt(TenantRecord):
    """One ask of one provider. Its id is the idempotency key and the provider's reference."""

    intent = TenantForeignKey(PaymentIntent, related_name="attempts")
    connection = TenantForeignKey(Connection, related_name="+")
    state = models.CharField(max_length=16, choices=_choices(AttemptState))
    provider_id = models.CharField(max_length=80, blank=True)
    checkout_url_sealed = models.BinaryField(null=True)
    expires_at = models.DateTimeField(null=True)
    capture_before = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    failure = models.CharField(max_length=40, blank=True)
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    card_expiry = models.CharField(max_length=7, blank=True)
    card_country = models.CharField(max_length=2, blank=True)
    card_fingerprint = models.CharField(max_length=80, blank=True)
    # How strongly we asked that the payer prove who they are.
    identification = models.CharField(max_length=20, default="automatic")
    authentication = models.CharField(max_length=20, blank=True)
    has_liability_shift = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "connection", "provider_id"],
                condition=~Q(provider_id=""),
                name="attempt_one_per_provider_payment",
            ),
            models.UniqueConstraint(
                fields=["organization_id", "intent"],
                condition=Q(state__in=sorted(LIVE_ATTEMPTS)),
                name="attempt_one_live_per_intent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "updated_at"],
                condition=Q(state__in=sorted(LIVE_ATTEMPTS)),
                name="attempt_live_by_age",
            ),
        ]

    @property
    def is_spared(self) -> bool:
        """Whether the payer's bank agreed, at our asking, to do without a proof."""
        return self.identification in EXEMPTIONS and self.authentication == "not_required"

    def place(self, column: str) -> Place:
        return Place("payments_paymentattempt", column, self.id, self.organization_id)


class AttemptRefusal(TenantRecord):
    """One try refused by the payer's bank, so that causes of failure can be counted."""

    attempt = TenantForeignKey(PaymentAttempt, related_name="refusals")
    position = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=40)
    card_last4 = models.CharField(max_length=4, blank=True)
    refused_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "attempt", "position"], name="refusal_once"
            )
        ]


class Refund(TenantRecord):
    """Money on its way back to the payer. Its id is the idempotency key."""

    intent = TenantForeignKey(PaymentIntent, related_name="refunds")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default=Currency.EUR)
    state = models.CharField(max_length=10, choices=_choices(RefundState))
    reason_sealed = models.BinaryField(null=True)
    provider_id = models.CharField(max_length=80, blank=True)
    updated_at = models.DateTimeField()
    reason = sealed_text("reason")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(
                fields=["organization_id", "provider_id"],
                condition=~Q(provider_id=""),
                name="refund_one_per_provider_refund",
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, Currency(self.currency))

    def place(self, column: str) -> Place:
        return Place("payments_refund", column, self.id, self.organization_id)


class Dispute(TenantRecord):
    """The payer's bank contests a payment and withholds its money."""

    intent = TenantForeignKey(PaymentIntent, related_name="disputes")
    connection = TenantForeignKey(Connection, related_name="+")
    provider_id = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default=Currency.EUR)
    reason = models.CharField(max_length=60)
    state = models.CharField(max_length=16, choices=_choices(DisputeState))
    evidence_due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "connection", "provider_id"], name="dispute_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "state", "evidence_due_at"], name="dispute_by_deadline"
            ),
            models.Index(fields=["organization_id", "-created_at", "-id"], name="dispute_by_date"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, Currency(self.currency))


class DisputeAnswer(TenantRecord):
    """The firm's answer to a dispute: drafted, then given once. Its id is the idempotency key."""

    dispute = TenantForeignKey(Dispute, related_name="answers")
    kind = models.CharField(max_length=8, choices=_choices(AnswerKind), blank=True)
    state = models.CharField(max_length=8, choices=_choices(AnswerState))
    statement_sealed = models.BinaryField(null=True)
    statement = sealed_text("statement")
    pack_file_id = models.UUIDField(null=True)
    pack_sha256 = models.CharField(max_length=64, blank=True)
    round = models.PositiveSmallIntegerField(default=0, help_text="How often it was given.")
    failure = models.CharField(max_length=40, blank=True)
    given_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "dispute"], name="dispute_answered_once"
            ),
            models.CheckConstraint(
                condition=Q(state=AnswerState.DRAFT) | (Q(given_at__isnull=False) & ~Q(kind="")),
                name="answer_given_says_what",
            ),
            models.CheckConstraint(
                condition=~Q(kind=AnswerKind.CONTEST) | Q(pack_file_id__isnull=False),
                name="answer_contests_with_evidence",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "updated_at"],
                condition=Q(state__in=sorted(UNSETTLED_ANSWERS)),
                name="answer_unsettled_by_age",
            ),
        ]

    def place(self, column: str) -> Place:
        return Place("payments_disputeanswer", column, self.id, self.organization_id)


class DisputePhoto(TenantRecord):
    """A picture that goes with the answer; one taken out stays known, and does not go."""

    answer = TenantForeignKey(DisputeAnswer, related_name="photos")
    file_id = models.UUIDField()
    removed_at = models.DateTimeField(null=True)


class Payout(TenantRecord):
    """Money the provider sends to the bank, net of its fees."""

    connection = TenantForeignKey(Connection, related_name="+")
    provider_id = models.CharField(max_length=80)
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default=Currency.EUR)
    bank_reference = models.CharField(max_length=40)
    paid_at = models.DateTimeField()
    bank_transaction_id = models.UUIDField(null=True)
    matched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "connection", "provider_id"], name="payout_once"
            ),
            models.CheckConstraint(
                condition=Q(net_minor=F("gross_minor") - F("fee_minor")), name="payout_adds_up"
            ),
        ]


class PayoutLine(TenantRecord):
    """What a payout is made of: one payment, refund, dispute or fee."""

    payout = TenantForeignKey(Payout, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)
    provider_id = models.CharField(max_length=80)
    provider_payment_id = models.CharField(max_length=80, blank=True)
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "payout", "position"], name="payout_line_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "provider_payment_id"], name="payout_line_by_payment"
            ),
            models.Index(
                fields=["organization_id", "provider_id"],
                condition=Q(kind="dispute"),
                name="payout_line_of_dispute",
            ),
        ]
