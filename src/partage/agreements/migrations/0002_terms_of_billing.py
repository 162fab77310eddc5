"""Before: an agreement changes rates only. After: also who is billed, and the days to pay.

Safe while the old code runs: both columns have a default. Lock and time: an instant on
a small table. Next step: none. Way back: reverse it; what agreements said is lost.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='agreement',
            name='consolidated',
            field=models.BooleanField(db_default=False, default=False, verbose_name='une seule facture au regroupement'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='payment_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='jours pour payer'),
        ),
    ]
