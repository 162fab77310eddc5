"""Hours of each week that no mandate takes.

Before: only a weekly cap. After: an expert also protects hours; none by default.
Safe while the old code runs: a column with a default, which it does not read. Lock
and time: short, no row is rewritten. Next step: none. Way back: migrate to 0002.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experts', '0002_professional_secrecy'),
    ]

    operations = [
        migrations.AddField(
            model_name='expert',
            name='protected_minutes',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='temps protégé par semaine (min)'),
        ),
    ]
