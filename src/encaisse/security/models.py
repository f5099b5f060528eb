from django.conf import settings
from django.db import models

from encaisse.kit.crypto import Place
from encaisse.kit.models import Record, TenantForeignKey, TenantRecord
from encaisse.kit.sealed import sealed_json
from encaisse.security.core import AlertState, Channel


class Alert(TenantRecord):
    """Something that happened, once or ten thousand times: one row while it goes on. Real time."""

    kind = models.CharField(max_length=24)  # one of Kind
    # Who or what it is about, as "user:…": what happens to another is another alert.
    subject = models.CharField(max_length=60)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # False in all but one firm of the person it is about: they hear of it once.
    tells_person = models.BooleanField(default=True)
    state = models.CharField(
        max_length=6, choices=[(state, state) for state in AlertState], default=AlertState.OPEN
    )
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # What raised it last: the same cause told twice counts once.
    cause_id = models.UUIDField()
    facts_sealed = models.BinaryField()
    facts_erased_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    seen_at = models.DateTimeField(null=True)
    # How many times people were told, what it counted then, and when.
    round = models.PositiveSmallIntegerField(default=0)
    told_count = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    facts = sealed_json("facts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind", "subject"],
                condition=~models.Q(state="closed"),
                name="alert_one_open_per_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(told_count__lte=models.F("count")),
                name="alert_told_within_count",
            ),
        ]
        indexes = [
            models.Index(fields=["organization_id", "-last_at", "-id"], name="alert_by_date"),
            models.Index(
                fields=["organization_id", "told_at"],
                condition=models.Q(told_count__lt=models.F("count")),
                name="alert_still_to_tell",
            ),
        ]

    def place(self, column: str) -> Place:
        return Place("security_alert", column, self.id, self.organization_id)


class AlertDelivery(TenantRecord):
    """One person told once of one alert, in one way, at one round."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        DROPPED = "dropped"

    alert = TenantForeignKey(Alert, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=[(one, one) for one in Channel])
    round = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "alert", "user", "channel", "round"],
                name="alert_delivery_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "user", "channel", "created_at"],
                name="alert_delivery_by_person",
            )
        ]


class AlertPreference(Record):
    """What a person chose otherwise than by default, whatever their firms."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24)  # one of Kind
    channel = models.CharField(max_length=8, choices=[(one, one) for one in Channel])
    is_on = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "channel"], name="alert_preference_once"
            )
        ]


class FreezeLink(Record):
    """A secret in a message that freezes one account, once; read before anybody signed in."""

    digest = models.BinaryField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    given_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class Tally(models.Model):
    """The last few of something, and how much each was: enough to know a sliding window."""

    key_digest = models.BinaryField(primary_key=True)
    events = models.JSONField(default=list)
    touched_at = models.DateTimeField(db_index=True)


class ExportHabit(TenantRecord):
    """The largest table of each sort that a person took away."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=24)
    largest = models.PositiveIntegerField()
    cause_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "user", "what"], name="export_habit_once"
            )
        ]
