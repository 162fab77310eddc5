"""Before: the trail is read by moment only. After: by moment, person or kind of act.

Safe while the old code runs. Each index is built under a lock that stops writing to
the journal: a second for a hundred thousand entries. Next step: none. Way back: drop
the two new indexes and make the first one anew without its last column.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='entry',
            name='entry_moment',
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['-happened_at', '-id'], name='entry_moment'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['actor_id', '-happened_at', '-id'], name='entry_by'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['what', '-happened_at', '-id'], name='entry_what'),
        ),
    ]
