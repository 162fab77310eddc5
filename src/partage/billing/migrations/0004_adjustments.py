"""Before: a credit note mends an invoice. After: it may mend none, of a year's price.

Safe while the old code runs: it writes none of these. Lock and time: a short lock, one
look at each invoice. Next step: none. Way back: reverse it, if none was written.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0001_initial'),
        ('billing', '0003_billed_work_is_kept'),
        ('mandates', '0002_what_was_sent_stays'),
        ('members', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='invoice',
            name='credit_note_credits_an_invoice',
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('credits', None), ('kind', 'CREDIT'), _connector='OR'), name='only_a_credit_note_credits'),
        ),
    ]
