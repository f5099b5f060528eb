from django.db import migrations

from encaisse.kit.schema import append_only, tenant_table


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial"), ("kit", "0002_guards")]
    operations = [tenant_table("webhooks_storedevent"), append_only("webhooks_storedevent")]
