from django.db import models

from encaisse.kit.models import TenantForeignKey, TenantRecord


class AuditEntry(TenantRecord):
    """One thing done. Holds no personal data: its facts are sealed beside it."""

    sequence = models.BigIntegerField()
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=80, blank=True)
    payload_digest = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "sequence"], name="audit_entry_one_per_sequence"
            ),
        ]
        indexes = [
            models.Index(fields=["organization_id", "target"], name="audit_entry_by_target"),
        ]


class AuditPayload(TenantRecord):
    """The facts of an entry with their salt, sealed under the key of whom they are about."""

    entry = TenantForeignKey(AuditEntry, related_name="+")
    subject = models.CharField(max_length=80)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "entry"], name="audit_payload_one_per_entry"
            )
        ]


class AuditCheckpoint(TenantRecord):
    """The end of the chain at a moment, signed: whoever rewrites all before it is found out."""

    sequence = models.BigIntegerField()
    head = models.BinaryField()
    public_key = models.BinaryField()
    signature = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "sequence", "public_key"],
                name="audit_checkpoint_once",
            )
        ]


class AuditHead(TenantRecord):
    """The end of an organization's chain: the row every new entry locks, last of all locks."""

    sequence = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id"], name="audit_head_one_per_organization"
            )
        ]
