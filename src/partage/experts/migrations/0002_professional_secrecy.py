"""A field says whether what is written in it is under professional secrecy.

Before: nothing told legal content from the rest. After: the field says it, and the
reservoir keeps such pieces apart. Safe while the old code runs: the column is false
by default. Lock and time: a short lock; one row is written. Next step: knowledge
0002. Way back: migrate to 0001.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='field',
            name='privileged',
            field=models.BooleanField(default=False, verbose_name='secret professionnel'),
        ),
        migrations.RunSQL(
            "UPDATE experts_field SET privileged = true WHERE code = 'affaires-juridiques'",
            migrations.RunSQL.noop,
        ),
    ]
