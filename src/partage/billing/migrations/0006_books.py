"""Before: accountants retype the invoices. After: the books are exported, once each.

Safe while the old code runs: new tables, which it does not know. Lock and time: none.
Next step: none. Way back: reverse it; what was exported is forgotten.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0005_bank_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('RECEIVABLE', 'ce que doivent les membres'), ('BANK', 'argent reçu'), ('GST', 'TPS perçue'), ('HST', 'TVH perçue'), ('QST', 'TVQ perçue'), ('TIME', 'heures'), ('TRIP', 'trajets'), ('EXPENSE', 'dépenses refacturées'), ('FIXED', 'montants convenus')], max_length=12, unique=True, verbose_name='ce qui y va')),
                ('number', models.CharField(max_length=20, verbose_name='numéro')),
                ('name_fr', models.CharField(max_length=80, verbose_name='nom en français')),
                ('name_en', models.CharField(blank=True, max_length=80, verbose_name='nom en anglais')),
            ],
            options={
                'verbose_name': 'compte comptable',
                'verbose_name_plural': 'comptes comptables',
                'ordering': ['number', 'role'],
            },
        ),
        migrations.CreateModel(
            name='BooksClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateField(verbose_name='fermés jusqu’au')),
                ('closed_at', models.DateTimeField(verbose_name='fermés le')),
                ('reopened_at', models.DateTimeField(blank=True, null=True, verbose_name='rouverts le')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('reopened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='rouverts par')),
            ],
            options={
                'verbose_name': 'fermeture des livres',
                'verbose_name_plural': 'fermetures des livres',
                'ordering': ['-closed_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='LedgerExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period_start', models.DateField(verbose_name='période du')),
                ('period_end', models.DateField(verbose_name='au')),
                ('language', models.CharField(choices=[('fr', 'français'), ('en', 'anglais')], max_length=2, verbose_name='langue')),
                ('count', models.PositiveIntegerField(verbose_name='écritures')),
                ('debits', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='total des débits ($)')),
                ('entries', models.JSONField(verbose_name='contenu')),
                ('chart', models.JSONField(verbose_name='plan comptable')),
                ('made_at', models.DateTimeField(verbose_name='fait le')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
            ],
            options={
                'verbose_name': 'export comptable',
                'verbose_name_plural': 'exports comptables',
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ExportedEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invoice', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.invoice', verbose_name='facture')),
                ('payment', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.payment', verbose_name='paiement')),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exported', to='billing.ledgerexport', verbose_name='export comptable')),
            ],
            options={
                'verbose_name': 'écriture exportée',
                'verbose_name_plural': 'écritures exportées',
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerexport',
            trigger=pgtrigger.compiler.Trigger(name='export_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fa8392176665d0b428b0494e76badcb5e326f988', operation='UPDATE OR DELETE', pgid='pgtrigger_export_is_written_once_93123', table='billing_ledgerexport', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='exportedentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('invoice__isnull', False), ('payment', None)), models.Q(('invoice', None), ('payment__isnull', False)), _connector='OR'), name='exported_entry_is_one_thing'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exportedentry',
            trigger=pgtrigger.compiler.Trigger(name='exported_entry_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1254c5aeaebaf1298d1adfe1d2cfa632507f79b5', operation='UPDATE OR DELETE', pgid='pgtrigger_exported_entry_is_written_once_8add4', table='billing_exportedentry', when='BEFORE')),
        ),
    ]
