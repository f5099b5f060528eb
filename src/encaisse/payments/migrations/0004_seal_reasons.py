from django.db import migrations, models

from encaisse.kit.schema import seal_existing


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_payments_by_date"), ("kit", "0003_sealed_guards")]
    operations = [
        migrations.AddField("refund", "reason_sealed", models.BinaryField(null=True)),
        seal_existing("payments", "refund", "reason"),
        migrations.RemoveField("refund", "reason"),
    ]
