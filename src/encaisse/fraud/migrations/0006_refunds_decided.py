from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fraud", "0005_shared_guards")]
    operations = [
        migrations.AlterField(
            model_name="frauddecision",
            name="stage",
            field=models.CharField(
                choices=[("asked", "asked"), ("answered", "answered"), ("refund", "refund")],
                max_length=8,
            ),
        ),
    ]
