from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_table


class Migration(migrations.Migration):
    dependencies = [("reporting", "0003_boardchoice_linkstep"), ("kit", "0002_guards")]
    operations = [
        tenant_table("reporting_boardchoice"),
        tenant_table("reporting_linkstep"),
        never_deleted("reporting_linkstep"),
    ]
