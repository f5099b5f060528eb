from django.db import migrations, models


class Migration(migrations.Migration):
    """The kinds of alerts stand in the code alone: one more of them is no change of the tables."""

    dependencies = [
        ("security", "0006_disputes_due"),
    ]

    operations = [
        migrations.AlterField("alert", "kind", models.CharField(max_length=24)),
        migrations.AlterField("alertpreference", "kind", models.CharField(max_length=24)),
    ]
