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


class BoardChoice(TenantRecord):
    """The parts of the dashboard that one person chose to see, in their order."""

    user_id = models.UUIDField()
    blocks = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "user_id"], name="board_choice_one_per_person"
            )
        ]


class LinkStep(TenantRecord):
    """
    One link went one step further on the way to being paid; each step counts once.

    `method` is ANY_METHOD, or one means: a payer may choose two. `device` is where it was opened.
    """

    request_id = models.UUIDField()
    step = models.CharField(max_length=14)
    method = models.CharField(max_length=16)
    device = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "request_id", "step", "method"], name="link_step_once"
            )
        ]
