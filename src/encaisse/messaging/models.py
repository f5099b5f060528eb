from django.db import models

from encaisse.kit.crypto import Place
from encaisse.kit.models import Record, TenantRecord
from encaisse.messaging.core import MailState, TextState


class OutboundMail(TenantRecord):
    """A mail to send once: one row per kind and object, written before sending."""

    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    message_id = models.CharField(max_length=120)
    to_sealed = models.BinaryField()
    subject_sealed = models.BinaryField()
    letter_sealed = models.BinaryField()
    attachments = models.JSONField()
    state = models.CharField(max_length=8, choices=[(state, state) for state in MailState])
    attempt_count = models.PositiveSmallIntegerField(default=0)
    # Real time, never the movable clock of the demonstration: it is about processes.
    claimed_until = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind", "object_id"], name="mail_once_per_object"
            ),
            models.UniqueConstraint(
                fields=["organization_id", "message_id"], name="mail_message_id_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "touched_at"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="mail_waiting_by_age",
            )
        ]

    def place(self, column: str) -> Place:
        return Place("messaging_outboundmail", column, self.id, self.organization_id)


class OutboundText(Record):
    """
    A text message to one telephone: the row is written before the gateway is asked.

    It belongs to a person, not to an organization. Once the gateway took it, its words are erased.
    """

    kind = models.CharField(max_length=40)
    number_sealed = models.BinaryField()
    text_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=[(state, state) for state in TextState])
    failure = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="sent") | models.Q(text_sealed__isnull=True),
                name="text_words_erased_once_sent",
            )
        ]

    def place(self, column: str) -> Place:
        return Place("messaging_outboundtext", column, self.id)


class PushKey(Record):
    """The key that tells push services who we are: one for the instance, known to its browsers."""

    private_sealed = models.BinaryField()

    def place(self) -> Place:
        return Place("messaging_pushkey", "private", self.id)
