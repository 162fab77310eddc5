"""Before: hours bought in advance are billed again. After: invoices take them off.

Safe while the old code runs: it writes no line of a bank. Lock and time: a short lock
on the lines of invoices, to add an empty column and its index. Next step: none. Way
back: reverse it, if no line takes from a bank.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0003_hour_banks'),
        ('billing', '0009_consolidated'),
    ]

    operations = [
        migrations.AddField(
            model_name='invoiceline',
            name='bank',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.hourbank', verbose_name='banque d’heures'),
        ),
        migrations.AlterField(
            model_name='instalment',
            name='kind',
            field=models.CharField(choices=[('DEPOSIT', 'acompte'), ('FIXED', 'prix convenu'), ('FEE', 'forfait de gestion'), ('RECURRING', 'montant récurrent'), ('HOURS', 'banque d’heures')], max_length=9, verbose_name='nature'),
        ),
        migrations.AlterField(
            model_name='invoiceline',
            name='kind',
            field=models.CharField(choices=[('TIME', 'heures'), ('EXPENSE', 'dépense'), ('TRIP', 'trajet'), ('FIXED', 'montant convenu'), ('FEE', 'forfait de gestion'), ('DEPOSIT', 'acompte'), ('HOURS', 'banque d’heures')], default='TIME', max_length=8, verbose_name='nature'),
        ),
        migrations.AlterField(
            model_name='ledgeraccount',
            name='role',
            field=models.CharField(choices=[('RECEIVABLE', 'ce que doivent les membres'), ('BANK', 'argent reçu'), ('GST', 'TPS perçue'), ('HST', 'TVH perçue'), ('QST', 'TVQ perçue'), ('TIME', 'heures'), ('TRIP', 'trajets'), ('EXPENSE', 'dépenses refacturées'), ('FIXED', 'montants convenus'), ('FEE', 'forfaits de gestion'), ('DEPOSIT', 'acomptes reçus d’avance'), ('HOURS', 'heures achetées d’avance')], max_length=12, unique=True, verbose_name='ce qui y va'),
        ),
    ]
