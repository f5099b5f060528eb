from django.db import migrations


class Migration(migrations.Migration):
    """Sessions used to be kept in clear under their own keys: they end, and their table goes."""

    dependencies = [
        ("identity", "0005_accesses_devices_sessions"),
    ]
    operations = [
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
    ]
