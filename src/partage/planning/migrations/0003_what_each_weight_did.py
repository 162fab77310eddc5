"""What a plan would be without each weight, and the least hours of a week.

Before: a plan tells what each weight adds to its cost; an hour is the least of a
week. After: it also keeps who would have what without each; the least is a weight.
Safe while the old code runs: an empty column, and one that the database fills. Lock
and time: short locks, no row is rewritten. Next step: none. Way back: migrate to 0002.
"""

import django.core.validators
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('planning', '0002_proposals'),
    ]

    operations = [
        migrations.AddField(
            model_name='proposal',
            name='without',
            field=models.JSONField(blank=True, null=True, verbose_name='sans un poids'),
        ),
        migrations.AddField(
            model_name='weighting',
            name='least_week_hours',
            field=models.DecimalField(db_default=Decimal('1'), decimal_places=2, default=Decimal('1'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('20'))], verbose_name='heures d’un volet par semaine, au moins'),
        ),
    ]
