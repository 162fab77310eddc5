"""Before: a bank of hours is written down. After: it also says when little is left of it.

Safe while the old code runs: the column has a default. Lock and time: an instant on a
small table. Next step: none. Way back: reverse it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0002_terms_of_billing'),
    ]

    operations = [
        migrations.AddField(
            model_name='hourbank',
            name='low_percent',
            field=models.PositiveSmallIntegerField(db_default=20, default=20, verbose_name='avertir à (pour cent)'),
        ),
        migrations.AddConstraint(
            model_name='hourbank',
            constraint=models.CheckConstraint(condition=models.Q(('low_percent__lte', 100), ('minutes__gt', 0)), name='hour_bank_is_worth_something'),
        ),
    ]
