from django.db import migrations, models
from django.utils import timezone

from encaisse.kit.schema import APPLICATION_ROLE

TABLE = "fraud_subjecttally"


class Migration(migrations.Migration):
    dependencies = [("fraud", "0002_guards")]
    operations = [
        migrations.AddField(
            model_name="subjecttally",
            name="touched_at",
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
        # A memory of somebody is no state about money: what says nothing any more is forgotten.
        migrations.RunSQL(
            f"GRANT DELETE ON {TABLE} TO {APPLICATION_ROLE}",
            f"REVOKE DELETE ON {TABLE} FROM {APPLICATION_ROLE}",
        ),
    ]
