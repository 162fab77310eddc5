"""Before: a closed year can be changed. After: it cannot.

Safe while the old code runs: nothing writes a closed year. A short lock on one small
table. Next step: none. Way back: drop the trigger.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('closing', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='yearend',
            trigger=pgtrigger.compiler.Trigger(name='closed_year_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."status" = \'CLOSED\')', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='948ce472584cc5a2b540a79a282c271574530ab2', operation='UPDATE OR DELETE', pgid='pgtrigger_closed_year_is_frozen_9c225', table='closing_yearend', when='BEFORE')),
        ),
    ]
