from django.db import models

from encaisse.kit.models import TenantRecord


class DailyFigure(TenantRecord):
    """How often something happened on a day, and how much it summed to. Pages read only these."""

    day = models.DateField()
    name = models.CharField(max_length=60)
    count = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "day", "name"], name="daily_figure_once"
            )
        ]
