from django.db import migrations, models

from encaisse.kit.schema import guard_but_sealed, seal_existing, without_guard


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0002_guards"), ("kit", "0003_sealed_guards")]
    operations = [
        without_guard("invoicing_document"),
        migrations.AddField("document", "snapshot_sealed", models.BinaryField(null=True)),
        seal_existing("invoicing", "document", "snapshot"),
        migrations.AlterField("document", "snapshot_sealed", models.BinaryField()),
        migrations.RemoveField("document", "snapshot"),
        guard_but_sealed("invoicing_document", "snapshot_sealed"),
        migrations.AddField("quote", "lines_sealed", models.BinaryField(null=True)),
        seal_existing("invoicing", "quote", "lines"),
        migrations.AlterField("quote", "lines_sealed", models.BinaryField()),
        migrations.RemoveField("quote", "lines"),
    ]
