from django.db import migrations

from encaisse.kit.schema import guard_but_sealed, without_guard


class Migration(migrations.Migration):
    dependencies = [("providers", "0003_events_by_object"), ("kit", "0003_sealed_guards")]
    operations = [
        without_guard("providers_inboundevent"),
        guard_but_sealed("providers_inboundevent", "body_sealed"),
    ]
