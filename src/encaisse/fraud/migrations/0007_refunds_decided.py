from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fraud", "0006_reading_at_once")]
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
