"""A part that a new triage drops stays, for what was decided on it.

Before: dropping a part deleted it, and by cascade its settled assignments and the
reasons of their choice. After: it keeps its row and the moment it was dropped.
Safe while the old code runs: the column is empty by default; the old code would
still delete. Lock and time: short locks, one index built anew on a small table.
Next step: planning 0002 refuses such deletions. Way back: migrate to 0001, once no
need has the same field twice.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experts', '0003_protected_time'),
        ('needs', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='part',
            name='one_part_a_field',
        ),
        migrations.AddField(
            model_name='part',
            name='dropped_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='abandonné le'),
        ),
        migrations.AddConstraint(
            model_name='part',
            constraint=models.UniqueConstraint(condition=models.Q(('dropped_at', None)), fields=('need', 'field'), name='one_part_a_field'),
        ),
    ]
