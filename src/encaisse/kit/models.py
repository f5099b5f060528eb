"""What every table shares."""

from django.db import models

from encaisse.kit.identifiers import new_id


class Record(models.Model):
    """A row with an identifier of ours and the moment it was made, given by the caller."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class TenantRecord(Record):
    """A row that belongs to one organization; the database shows it to nobody else."""

    organization_id = models.UUIDField()

    class Meta:
        abstract = True


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]  # generic only in the stubs
    """
    A reference inside one organization.

    Django's own constraint would name `id` alone; the migration adds the composite one,
    (organization_id, x_id) → (organization_id, id), through `kit.schema.tenant_reference`.
    """

    def __init__(self, to: object, **options: object) -> None:
        options.setdefault("on_delete", models.PROTECT)
        options["db_constraint"] = False
        super().__init__(to, **options)  # type: ignore[arg-type]  # passed through untouched


class SubjectKey(TenantRecord):
    """
    A data key for one subject of an organization, wrapped by the instance's keys.

    Destroying the row makes whatever it sealed unreadable: that is how personal data inside
    append-only tables is erased.
    """

    subject = models.CharField(max_length=80)
    wrapped = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "subject"], name="subject_key_one_per_subject"
            )
        ]


class KeyRotation(Record):
    """How far the values of one column are sealed under one key; what a stopped rotation reads."""

    table_name = models.CharField(max_length=63)
    column_name = models.CharField(max_length=63)
    key_id = models.BigIntegerField()
    last_key = models.CharField(max_length=64, blank=True)
    renewed = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table_name", "column_name", "key_id"], name="key_rotation_once"
            )
        ]


class StoredFile(TenantRecord):
    """A file of an organization. What it is stands here, what it holds is sealed beside it."""

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=80)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)


class FileContent(TenantRecord):
    """The sealed bytes, apart from the immutable row so that a key rotation may rewrite them."""

    file = TenantForeignKey(StoredFile, related_name="+")
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "file"], name="file_content_one_per_file"
            )
        ]


class IdempotentAnswer(TenantRecord):
    """The answer given to a request that moves money, kept so that a repeat gets the same one."""

    key = models.CharField(max_length=255)
    request_digest = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "key"], name="idempotent_answer_once"
            )
        ]
