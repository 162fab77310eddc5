"""Before: each invoice is sent alone, and one credit note mends it whole. After: invoices
of one payer may be parts of a consolidated one, and several notes may mend an invoice.

Safe while the old code runs: it writes no part, and one note at a time. Lock and time:
short locks; the foreign key of the notes loses its uniqueness, which reads nothing.
Next step: none. Way back: reverse it, if no invoice has a part nor two notes.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0002_terms_of_billing'),
        ('archive', '0001_initial'),
        ('billing', '0008_agreed_amounts'),
        ('members', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Consolidation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(null=True, unique=True, verbose_name='numéro')),
                ('month', models.DateField(verbose_name='mois')),
                ('created_at', models.DateTimeField(verbose_name='préparée le')),
                ('issued_on', models.DateField(null=True, verbose_name='émise le')),
            ],
            options={
                'verbose_name': 'facture consolidée',
                'verbose_name_plural': 'factures consolidées',
                'ordering': ['-month', '-id'],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoice',
            name='issued_invoice_is_frozen',
        ),
        migrations.AlterField(
            model_name='invoice',
            name='credits',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.invoice', verbose_name='crédite'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='issued_invoice_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."number" IS NOT NULL)', func="IF (NEW.number IS DISTINCT FROM OLD.number) OR (NEW.kind IS DISTINCT FROM OLD.kind) OR (NEW.mandate_id IS DISTINCT FROM OLD.mandate_id) OR (NEW.organisation_id IS DISTINCT FROM OLD.organisation_id) OR (NEW.credits_id IS DISTINCT FROM OLD.credits_id) OR (NEW.consolidation_id IS DISTINCT FROM OLD.consolidation_id) OR (NEW.period_start IS DISTINCT FROM OLD.period_start) OR (NEW.period_end IS DISTINCT FROM OLD.period_end) OR (NEW.province IS DISTINCT FROM OLD.province) OR (NEW.language IS DISTINCT FROM OLD.language) OR (NEW.net IS DISTINCT FROM OLD.net) OR (NEW.total IS DISTINCT FROM OLD.total) OR (NEW.issued_on IS DISTINCT FROM OLD.issued_on) OR (NEW.due_on IS DISTINCT FROM OLD.due_on) OR (NEW.pdf_id IS DISTINCT FROM OLD.pdf_id AND OLD.pdf_id IS NOT NULL) THEN RAISE EXCEPTION 'invoice % is issued and never changes', OLD.number; END IF; RETURN NEW;", hash='51d5489f274f164d91cca40f76d1879340460e67', operation='UPDATE', pgid='pgtrigger_issued_invoice_is_frozen_7e07f', table='billing_invoice', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='consolidation',
            name='agreement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.agreement', verbose_name='entente'),
        ),
        migrations.AddField(
            model_name='consolidation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation', verbose_name='payeur'),
        ),
        migrations.AddField(
            model_name='consolidation',
            name='pdf',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='archive.file', verbose_name='document'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='consolidation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='billing.consolidation', verbose_name='facture consolidée'),
        ),
        migrations.AddIndex(
            model_name='consolidation',
            index=models.Index(fields=['organisation'], name='consolidation_org'),
        ),
        migrations.AddConstraint(
            model_name='consolidation',
            constraint=models.UniqueConstraint(condition=models.Q(('number', None)), fields=('agreement', 'month'), name='one_consolidation_in_draft'),
        ),
        migrations.AddConstraint(
            model_name='consolidation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('issued_on', None), ('number', None)), models.Q(('issued_on__isnull', False), ('number__isnull', False)), _connector='OR'), name='consolidation_number_and_date_once_issued'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consolidation',
            trigger=pgtrigger.compiler.Trigger(name='issued_consolidation_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."number" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='545630ff77b3b87315a4885d89d2127f6fa555d5', operation='DELETE OR UPDATE', pgid='pgtrigger_issued_consolidation_is_kept_e466f', table='billing_consolidation', when='BEFORE')),
        ),
    ]
