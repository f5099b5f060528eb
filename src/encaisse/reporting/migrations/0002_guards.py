from django.db import migrations

from encaisse.kit.schema import never_deleted, tenant_table


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("kit", "0002_guards")]
    operations = [tenant_table("reporting_dailyfigure"), never_deleted("reporting_dailyfigure")]
