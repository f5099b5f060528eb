import encaisse.fraud.core.shared
import encaisse.kit.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fraud", "0003_forgotten_tallies"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedAppeal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=encaisse.kit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("organization_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                encaisse.fraud.core.shared.SharedKind["CARD"],
                                encaisse.fraud.core.shared.SharedKind["CARD"],
                            ),
                            (
                                encaisse.fraud.core.shared.SharedKind["EMAIL"],
                                encaisse.fraud.core.shared.SharedKind["EMAIL"],
                            ),
                            (
                                encaisse.fraud.core.shared.SharedKind["ADDRESS"],
                                encaisse.fraud.core.shared.SharedKind["ADDRESS"],
                            ),
                        ],
                        max_length=5,
                    ),
                ),
                ("mark", models.CharField(max_length=64)),
                ("key_id", models.BigIntegerField()),
                ("passage_id", models.UUIDField()),
                ("opened_by_id", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SharedReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=encaisse.kit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("organization_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                encaisse.fraud.core.shared.SharedKind["CARD"],
                                encaisse.fraud.core.shared.SharedKind["CARD"],
                            ),
                            (
                                encaisse.fraud.core.shared.SharedKind["EMAIL"],
                                encaisse.fraud.core.shared.SharedKind["EMAIL"],
                            ),
                            (
                                encaisse.fraud.core.shared.SharedKind["ADDRESS"],
                                encaisse.fraud.core.shared.SharedKind["ADDRESS"],
                            ),
                        ],
                        max_length=5,
                    ),
                ),
                ("mark", models.CharField(blank=True, max_length=64)),
                ("key_id", models.BigIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            (
                                encaisse.fraud.core.shared.ReportReason["DISPUTED"],
                                encaisse.fraud.core.shared.ReportReason["DISPUTED"],
                            ),
                            (
                                encaisse.fraud.core.shared.ReportReason["REVIEWED"],
                                encaisse.fraud.core.shared.ReportReason["REVIEWED"],
                            ),
                        ],
                        max_length=8,
                    ),
                ),
                ("passage_id", models.UUIDField()),
                ("expires_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("upheld_at", models.DateTimeField(null=True)),
                ("upheld_by_id", models.UUIDField(null=True)),
                ("note_sealed", models.BinaryField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                encaisse.fraud.core.shared.Ending["EXPIRED"],
                                encaisse.fraud.core.shared.Ending["EXPIRED"],
                            ),
                            (
                                encaisse.fraud.core.shared.Ending["MISTAKE"],
                                encaisse.fraud.core.shared.Ending["MISTAKE"],
                            ),
                            (
                                encaisse.fraud.core.shared.Ending["HONEST"],
                                encaisse.fraud.core.shared.Ending["HONEST"],
                            ),
                            (
                                encaisse.fraud.core.shared.Ending["APPEAL"],
                                encaisse.fraud.core.shared.Ending["APPEAL"],
                            ),
                            (
                                encaisse.fraud.core.shared.Ending["UNANSWERED"],
                                encaisse.fraud.core.shared.Ending["UNANSWERED"],
                            ),
                            (
                                encaisse.fraud.core.shared.Ending["LEFT"],
                                encaisse.fraud.core.shared.Ending["LEFT"],
                            ),
                        ],
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="passagerecord",
            name="marks",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="vigilance",
            name="sharing_accepted_by_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="vigilance",
            name="sharing_assessment",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="vigilance",
            name="sharing_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="vigilance",
            name="sharing_weight",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="frauddecision",
            index=models.Index(
                condition=models.Q(("reasons__contains", [{"code": "reported_elsewhere"}])),
                fields=["organization_id", "-created_at", "-id"],
                name="decision_on_reports",
            ),
        ),
        migrations.AddIndex(
            model_name="sharedappeal",
            index=models.Index(fields=["mark"], name="shared_appeal_by_mark"),
        ),
        migrations.AddConstraint(
            model_name="sharedappeal",
            constraint=models.UniqueConstraint(
                fields=("organization_id", "passage_id", "kind", "key_id"),
                name="shared_appeal_once",
            ),
        ),
        migrations.AddIndex(
            model_name="sharedreport",
            index=models.Index(fields=["mark"], name="shared_report_by_mark"),
        ),
        migrations.AddIndex(
            model_name="sharedreport",
            index=models.Index(fields=["organization_id", "passage_id"], name="shared_report_of"),
        ),
        migrations.AddConstraint(
            model_name="sharedreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("organization_id", "kind", "mark"),
                name="shared_report_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True),
                        ("ended_why", ""),
                        models.Q(("mark", ""), _negated=True),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("mark", ""),
                        models.Q(("ended_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="shared_report_forgets",
            ),
        ),
    ]
