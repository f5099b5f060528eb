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
