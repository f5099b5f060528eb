from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from encaisse.identity.core import ApprovalState, GuardianState, RecoveryState
from encaisse.identity.proofs import Outcome
from encaisse.kit.crypto import Place
from encaisse.kit.identifiers import new_id
from encaisse.kit.models import Record
from encaisse.risk.presets import Level


class UserManager(BaseUserManager["User"]):
    """What Django's authentication asks of a manager, and no more."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. What they may do depends on their membership of an organization."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    # Their factors are lost: nothing opens before a new one, which replaces them all.
    must_enrol = models.BooleanField(default=False)
    # Closed to devices it has never seen, until an owner opens it again.
    locked_at = models.DateTimeField(null=True)
    # Closed to everybody, known devices included, until somebody else opens it again.
    frozen_at = models.DateTimeField(null=True)
    # Signing up is real time, never the business clock of a demo.
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.full_name or self.email


class PhoneFactor(Record):
    """The telephone a person proved to hold: one at a time, its number sealed."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    number_sealed = models.BinaryField()
    number_index = models.BinaryField()
    verified_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["number_index"], name="phone_by_number")]

    def place(self) -> Place:
        return Place("identity_phonefactor", "number", self.id)


class OneTimeCode(Record):
    """
    A code sent to somebody, kept as a keyed digest: real time, five tries, one use.

    `binding` is what the code is for, besides its purpose: it opens nothing else.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    digest = models.BinaryField()
    about_sealed = models.BinaryField()
    tries_left = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=models.Q(closed_at__isnull=True),
                name="code_one_open_per_purpose",
            )
        ]
        indexes = [models.Index(fields=["user", "purpose", "created_at"], name="code_by_age")]

    def place(self) -> Place:
        return Place("identity_onetimecode", "about", self.id)


class EmergencyCode(Record):
    """What an owner gives to a member who lost their factors: one use, one day, real time."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField()
    tries_left = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(closed_at__isnull=True),
                name="emergency_code_one_open_per_person",
            )
        ]


class Guardianship(Record):
    """Somebody asked to vouch for a person, by an address; theirs once they accept."""

    ward = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    guardian = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    email_sealed = models.BinaryField()
    email_index = models.BinaryField()
    state = models.CharField(max_length=8, choices=[(state, state) for state in GuardianState])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ward"],
                condition=~models.Q(state="ended"),
                name="guardianship_one_per_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="accepted") | models.Q(guardian__isnull=False),
                name="guardianship_accepted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["email_index"], name="guardianship_by_address")]

    def place(self) -> Place:
        return Place("identity_guardianship", "email", self.id)


class Recovery(Record):
    """A way back in for somebody who lost everything. All its times are real."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    guardian = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=[(state, state) for state in RecoveryState])
    state_since = models.DateTimeField()
    # What the guardian gives by voice, and what goes by mail: neither opens alone.
    code_digest = models.BinaryField(null=True)
    token_sealed = models.BinaryField(null=True)
    token_digest = models.BinaryField(null=True, unique=True)
    tries_left = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state__in=["requested", "approved", "due"]),
                name="recovery_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "due", "done"])
                | models.Q(code_digest__isnull=False),
                name="recovery_approved_with_a_code",
            ),
        ]
        indexes = [models.Index(fields=["state", "state_since"], name="recovery_by_state")]

    def place(self) -> Place:
        return Place("identity_recovery", "token", self.id)


class Device(models.Model):
    """A browser that one person used: it holds a token of which the digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_digest = models.BinaryField(unique=True)
    agent = models.CharField(max_length=60)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)


class Approver(Record):
    """
    A browser, on a telephone say, that answers for a person with a key it never lets out.

    It is reached by push messages where it has a subscription, and by its open page otherwise.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="approver")
    name = models.CharField(max_length=60)
    public_key = models.BinaryField()
    subscription_sealed = models.BinaryField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def place(self) -> Place:
        return Place("identity_approver", "subscription", self.id)


class Approval(Record):
    """A question put to a person's telephones, for one errand: real time, one answer, one use."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    content_sealed = models.BinaryField()
    state = models.CharField(max_length=8, choices=[(state, state) for state in ApprovalState])
    # The browser that asks never answers itself.
    asked_on = models.ForeignKey(Device, on_delete=models.SET_NULL, related_name="+", null=True)
    answered_by = models.ForeignKey(
        Approver, on_delete=models.SET_NULL, related_name="+", null=True
    )
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=models.Q(state__in=["open", "agreed"]),
                name="approval_one_live_per_purpose",
            )
        ]
        indexes = [models.Index(fields=["user", "purpose", "created_at"], name="approval_by_age")]

    def place(self) -> Place:
        return Place("identity_approval", "content", self.id)


class AccessEvent(models.Model):
    """
    Somebody at the door of an account, or about to do something that matters, and the answer.

    A wrong password for an address nobody has is written too, without a person: the answer takes
    the same time, and whoever guesses addresses is seen.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", null=True)
    at = models.DateTimeField()
    action = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8, choices=[(one, one) for one in Outcome])
    level = models.CharField(max_length=12, choices=[(one, one) for one in Level], blank=True)
    policy = models.CharField(max_length=20, blank=True)
    policy_version = models.PositiveSmallIntegerField(default=0)
    facts = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    proofs = models.JSONField(default=list)
    device = models.ForeignKey(Device, on_delete=models.SET_NULL, related_name="+", null=True)
    agent = models.CharField(max_length=60)
    country = models.CharField(max_length=2, blank=True)
    range_index = models.BinaryField()
    address_sealed = models.BinaryField()
    amount_minor = models.BigIntegerField(default=0)
    beneficiary_index = models.BinaryField(default=bytes)

    class Meta:
        indexes = [models.Index(fields=["user", "outcome", "-at"], name="access_by_person")]

    def place(self) -> Place:
        return Place("identity_accessevent", "address", self.id)


class Session(models.Model):
    """
    A session of the back office, found by the digest of its key: a stolen table opens nothing.

    What concerns nobody who signed in has no user. `ends_at` is the absolute limit, `expire_date`
    the earlier of it and of the idle limit.
    """

    session_key = models.CharField(max_length=64, primary_key=True)
    session_data = models.BinaryField()
    expire_date = models.DateTimeField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", null=True)
    device = models.ForeignKey(Device, on_delete=models.SET_NULL, related_name="+", null=True)
    agent = models.CharField(max_length=60, blank=True)
    country = models.CharField(max_length=2, blank=True)
    address_sealed = models.BinaryField(null=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    idle_seconds = models.PositiveIntegerField(default=0)


class Allowance(models.Model):
    """What is left of a limit: so many tries at once, then one more every so often."""

    key_digest = models.BinaryField(primary_key=True)
    remaining = models.FloatField()
    counted_at = models.DateTimeField(db_index=True)


def session_place(stored_key: str, column: str) -> Place:
    return Place("identity_session", column, UUID(hex=stored_key[:32]))
