from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0003_seal_content")]

    operations = [
        migrations.AddField(
            model_name="documentfile",
            name="language",
            field=models.CharField(db_default="fr", default="fr", max_length=2),
        ),
        migrations.AddConstraint(
            model_name="documentfile",
            constraint=models.UniqueConstraint(
                fields=("organization_id", "document", "language"), name="document_file_once_each"
            ),
        ),
        migrations.RemoveConstraint(model_name="documentfile", name="document_file_once"),
    ]
