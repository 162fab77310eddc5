"""Before: a week has no version. After: it counts its changes, from 0.

Safe while the old code runs: the column has a default. PostgreSQL 11 and later add
it without rewriting the table. Next step: none. Way back: drop the column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('timesheets', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='week',
            name='version',
            field=models.PositiveIntegerField(default=0, db_default=0, verbose_name='version'),
        ),
    ]
