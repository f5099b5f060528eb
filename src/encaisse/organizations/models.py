from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from encaisse.kit.crypto import Place
from encaisse.kit.models import Record, TenantForeignKey, TenantRecord
from encaisse.kit.sealed import sealed_text
from encaisse.organizations.core import (
    InvitationState,
    OperationKind,
    OperationState,
    Role,
    SignatureState,
)
from encaisse.risk.presets import Level, Preset


class Organization(Record):
    """That an organization exists, and nothing more: the only list that jobs may walk."""


class Profile(TenantRecord):
    """Who the firm is: what invoices print and payers see."""

    name = models.CharField(max_length=80)
    legal_name = models.CharField(max_length=120)
    legal_form = models.CharField(max_length=60, blank=True)
    capital_minor = models.BigIntegerField(null=True)
    siren = models.CharField(max_length=9)
    trade = models.CharField(max_length=12, blank=True, default="", db_default="")
    trade_register_city = models.CharField(max_length=60, blank=True)
    vat_number = models.CharField(max_length=15, blank=True)
    is_vat_on_debits = models.BooleanField(default=False)
    is_vat_franchise = models.BooleanField(default=False)
    street = models.CharField(max_length=120)
    postal_code = models.CharField(max_length=10)
    city = models.CharField(max_length=60)
    country = models.CharField(max_length=2, default="FR")
    email = models.EmailField(max_length=254)
    phone_sealed = models.BinaryField(null=True)
    website = models.URLField(max_length=200, blank=True)
    insurance = models.CharField(max_length=240, blank=True)
    mediator = models.CharField(max_length=240, blank=True)
    colour = models.CharField(max_length=7, default="#0b6e4f")
    logo_file_id = models.UUIDField(null=True)
    # Where the firm's proofs are shown; empty while they are not.
    proofs_token_sealed = models.BinaryField(null=True)
    phone = sealed_text("phone")
    proofs_token = sealed_text("proofs_token")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id"], name="profile_one_per_organization"
            ),
            models.CheckConstraint(
                condition=~models.Q(is_vat_franchise=True, is_vat_on_debits=True),
                name="profile_one_vat_regime",
            ),
        ]

    def place(self, column: str) -> Place:
        return Place("organizations_profile", column, self.id, self.organization_id)


class Membership(TenantRecord):
    """A person's place in an organization. Also readable by that person, to find their firms."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=[(role, role) for role in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "user"], name="membership_one_per_person"
            )
        ]


class Invitation(TenantRecord):
    """An address asked to join. The address and the link's token are sealed; a digest finds it."""

    email_sealed = models.BinaryField()
    email_index = models.BinaryField()
    token_sealed = models.BinaryField()
    role = models.CharField(max_length=12, choices=[(role, role) for role in Role])
    state = models.CharField(max_length=8, choices=[(state, state) for state in InvitationState])
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Real time, like every secret's end: no demo clock revives a link.
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "email_index"],
                condition=models.Q(state="pending"),
                name="invitation_one_pending_per_address",
            ),
            models.CheckConstraint(
                condition=models.Q(state="accepted") ^ models.Q(accepted_by__isnull=True),
                name="invitation_accepted_by_somebody",
            ),
        ]

    def place(self, column: str) -> Place:
        return Place("organizations_invitation", column, self.id, self.organization_id)


class ApiKey(TenantRecord):
    """
    A program's way in. The key itself is shown once and only its digest is kept.

    `expires_at` is what its owner chose; a key that was replaced stops at `retires_at` if that
    comes first. Both, like `issued_at`, are real time: no demo clock makes a key live longer.
    """

    name = models.CharField(max_length=80)
    # Empty for a key that no member made: one of the demonstration, or of an older version.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    digest = models.BinaryField()
    hint = models.CharField(max_length=8)
    scopes = models.JSONField()
    # Where it may be used from, a network a line; empty for anywhere.
    addresses_sealed = models.BinaryField(null=True)
    replaces = TenantForeignKey("self", related_name="+", null=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    retires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_country = models.CharField(max_length=2, blank=True)
    addresses = sealed_text("addresses")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "digest"], name="api_key_once"),
            models.UniqueConstraint(
                fields=["organization_id", "replaces"], name="api_key_one_successor"
            ),
        ]

    def place(self, column: str) -> Place:
        return Place("organizations_apikey", column, self.id, self.organization_id)

    @property
    def networks(self) -> tuple[str, ...]:
        return tuple(self.addresses.split())

    @property
    def ends_at(self) -> datetime | None:
        """The moment it stops by itself, if any."""
        return min(filter(None, (self.expires_at, self.retires_at)), default=None)

    def opens(self, real_now: datetime) -> bool:
        ends_at = self.ends_at
        return self.revoked_at is None and (ends_at is None or ends_at > real_now)


class ApiKeyRange(TenantRecord):
    """A network a key was shown from: let in since `first_seen_at`, or refused."""

    key = TenantForeignKey(ApiKey, related_name="+")
    range_index = models.BinaryField()
    first_seen_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "key", "range_index"], name="api_key_range_once"
            )
        ]


class Safeguards(TenantRecord):
    """How careful the firm wants to be. Without a row, the defaults of `safeguards.Rules`."""

    preset = models.CharField(max_length=12, choices=[(one, one) for one in Preset])
    refund_ceiling_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    four_eyes = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id"], name="safeguards_one_per_organization"
            ),
            models.CheckConstraint(
                condition=models.Q(refund_ceiling_minor__gte=0), name="safeguards_ceiling_positive"
            ),
        ]


class Operation(TenantRecord):
    """
    Something to be done once it is signed: what exactly is sealed, and never changes.

    `needed` people must sign, the asker among them when a person asked; none where it was small
    enough to be done at once. Its times are real.
    """

    kind = models.CharField(max_length=24, choices=[(one, one) for one in OperationKind])
    state = models.CharField(max_length=9, choices=[(one, one) for one in OperationState])
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    asked_by_key_id = models.UUIDField(null=True)
    needed = models.PositiveSmallIntegerField()
    # The form it was asked with: sent twice, it asks once.
    once = models.UUIDField(null=True)
    # Of what was done at once, to count it with what follows.
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    content_sealed = models.BinaryField()
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=60, blank=True)
    # What it made: a refund, say.
    made_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(asked_by__isnull=True) ^ models.Q(asked_by_key_id__isnull=True),
                name="operation_asked_by_one",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") ^ models.Q(ended_at__isnull=False),
                name="operation_ended_or_open",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__isnull=True) | models.Q(needed=0),
                name="operation_amount_clear_at_once_only",
            ),
            models.UniqueConstraint(fields=["organization_id", "once"], name="operation_once"),
        ]
        indexes = [
            models.Index(fields=["organization_id", "state", "-asked_at"], name="operation_open"),
            models.Index(
                fields=["organization_id", "asked_by", "asked_by_key_id", "-asked_at"],
                condition=models.Q(needed=0),
                name="operation_done_at_once",
            ),
        ]

    def place(self) -> Place:
        return Place("organizations_operation", "content", self.id, self.organization_id)


class Signature(TenantRecord):
    """One person's agreement to one operation: bound to it, five tries, five minutes, one use."""

    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=5, choices=[(one, one) for one in SignatureState])
    level = models.CharField(max_length=12, choices=[(one, one) for one in Level])
    access_id = models.UUIDField()
    # The session it was begun in, as that is stored: another cannot finish it.
    begun_in = models.CharField(max_length=64, blank=True)
    nonce = models.BinaryField()
    bound_to = models.BinaryField()
    tries_left = models.PositiveSmallIntegerField()
    proofs = models.JSONField(default=list)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "operation", "user"],
                condition=~models.Q(state="ended"),
                name="signature_one_per_person",
            )
        ]


class ExportRight(TenantRecord):
    """That one person may take away, once, what two people allowed. Its times are real."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization_id", "user", "-expires_at"],
                condition=models.Q(used_at__isnull=True),
                name="export_right_to_use",
            )
        ]


class Handle(models.Model):
    """
    From a secret in an address to the organization it opens.

    The only table read before the tenant is known. It holds no personal data: a digest cannot
    be turned back, and `target_id` means nothing without the organization's own rows.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    digest = models.BinaryField()
    organization_id = models.UUIDField()
    target_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "digest"], name="handle_leads_to_one_place")
        ]
