"""Before: only work is billed. After: agreed amounts too; nothing joins what is issued.

A row more under an issued invoice is refused by trigger; rows are written while it is a
draft, and its number comes last. Safe while the old code runs: it does so already. Lock
and time: a short lock on four tables and one look at billed work. Next step: none. Way
back: reverse it, once no agreed amount is billed.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0007_reminders'),
        ('mandates', '0002_what_was_sent_stays'),
        ('timesheets', '0002_week_version'),
    ]

    operations = [
        migrations.CreateModel(
            name='Instalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('DEPOSIT', 'acompte'), ('FIXED', 'prix convenu'), ('FEE', 'forfait de gestion'), ('RECURRING', 'montant récurrent')], max_length=9, verbose_name='nature')),
                ('title', models.CharField(max_length=200, verbose_name='description')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='montant ($)')),
                ('on', models.DateField(verbose_name='à facturer le')),
            ],
            options={
                'verbose_name': 'échéance',
                'verbose_name_plural': 'échéances',
                'ordering': ['on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('FEE', 'forfait de gestion'), ('RECURRING', 'montant récurrent')], max_length=9, verbose_name='nature')),
                ('title', models.CharField(max_length=150, verbose_name='description')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='montant ($)')),
                ('months', models.PositiveSmallIntegerField(default=1, verbose_name='tous les (mois)')),
                ('starts_on', models.DateField(verbose_name='du')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='au')),
            ],
            options={
                'verbose_name': 'facturation récurrente',
                'verbose_name_plural': 'facturations récurrentes',
                'ordering': ['starts_on', 'id'],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoicedwork',
            name='issued_work_is_frozen',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoiceline',
            name='issued_line_is_frozen',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoicetax',
            name='issued_tax_is_frozen',
        ),
        migrations.RemoveConstraint(
            model_name='invoicedwork',
            name='invoiced_work_is_one_thing',
        ),
        migrations.AlterField(
            model_name='invoiceline',
            name='kind',
            field=models.CharField(choices=[('TIME', 'heures'), ('EXPENSE', 'dépense'), ('TRIP', 'trajet'), ('FIXED', 'montant convenu'), ('FEE', 'forfait de gestion'), ('DEPOSIT', 'acompte')], default='TIME', max_length=8, verbose_name='nature'),
        ),
        migrations.AlterField(
            model_name='ledgeraccount',
            name='role',
            field=models.CharField(choices=[('RECEIVABLE', 'ce que doivent les membres'), ('BANK', 'argent reçu'), ('GST', 'TPS perçue'), ('HST', 'TVH perçue'), ('QST', 'TVQ perçue'), ('TIME', 'heures'), ('TRIP', 'trajets'), ('EXPENSE', 'dépenses refacturées'), ('FIXED', 'montants convenus'), ('FEE', 'forfaits de gestion'), ('DEPOSIT', 'acomptes reçus d’avance')], max_length=12, unique=True, verbose_name='ce qui y va'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoicedwork',
            trigger=pgtrigger.compiler.Trigger(name='issued_work_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NOT (TG_OP = 'UPDATE' AND NEW.released AND NOT OLD.released AND (NEW.id, NEW.line_id, NEW.time_id, NEW.trip_id, NEW.expense_id, NEW.instalment_id) IS NOT DISTINCT FROM (OLD.id, OLD.line_id, OLD.time_id, OLD.trip_id, OLD.expense_id, OLD.instalment_id)) AND EXISTS (\n                SELECT 1 FROM billing_invoice JOIN billing_invoiceline ON billing_invoiceline.invoice_id = billing_invoice.id WHERE billing_invoiceline.id IN (OLD.line_id, NEW.line_id) AND billing_invoice.number IS NOT NULL\n            ) THEN\n                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',\n                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ", hash='dc6b8e5b62d69d69044d4f22f0d811d863b5afb7', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_issued_work_is_frozen_4d141', table='billing_invoicedwork', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceline',
            trigger=pgtrigger.compiler.Trigger(name='issued_line_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NOT (false) AND EXISTS (\n                SELECT 1 FROM billing_invoice WHERE billing_invoice.id IN (OLD.invoice_id, NEW.invoice_id) AND billing_invoice.number IS NOT NULL\n            ) THEN\n                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',\n                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ", hash='399ffcac06232e8eba8940d7405cc707a3bb942c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_issued_line_is_frozen_93640', table='billing_invoiceline', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoicetax',
            trigger=pgtrigger.compiler.Trigger(name='issued_tax_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NOT (false) AND EXISTS (\n                SELECT 1 FROM billing_invoice WHERE billing_invoice.id IN (OLD.invoice_id, NEW.invoice_id) AND billing_invoice.number IS NOT NULL\n            ) THEN\n                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',\n                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ", hash='7f38d8deaccf62fa7d6316dbb74e66a5d198dafb', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_issued_tax_is_frozen_b4c25', table='billing_invoicetax', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='instalment',
            name='mandate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mandates.mandate', verbose_name='mandat'),
        ),
        migrations.AddField(
            model_name='instalment',
            name='milestone',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mandates.milestone', verbose_name='jalon'),
        ),
        migrations.AddField(
            model_name='invoicedwork',
            name='instalment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.instalment', verbose_name='échéance'),
        ),
        migrations.AddConstraint(
            model_name='invoicedwork',
            constraint=models.UniqueConstraint(condition=models.Q(('released', False)), fields=('instalment',), name='instalment_billed_once'),
        ),
        migrations.AddConstraint(
            model_name='invoicedwork',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expense', None), ('instalment', None), ('time__isnull', False), ('trip', None)), models.Q(('expense', None), ('instalment', None), ('time', None), ('trip__isnull', False)), models.Q(('expense__isnull', False), ('instalment', None), ('time', None), ('trip', None)), models.Q(('expense', None), ('instalment__isnull', False), ('time', None), ('trip', None)), _connector='OR'), name='invoiced_work_is_one_thing'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='mandate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mandates.mandate', verbose_name='mandat'),
        ),
        migrations.AddField(
            model_name='instalment',
            name='schedule',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='billing.schedule', verbose_name='facturation récurrente'),
        ),
        migrations.AddIndex(
            model_name='schedule',
            index=models.Index(fields=['mandate'], name='schedule_mandate'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('months__gte', 1), ('months__lte', 12)), name='schedule_is_worth_something'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='schedule_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='instalment',
            index=models.Index(fields=['mandate'], name='instalment_mandate'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.UniqueConstraint(fields=('schedule', 'on'), name='instalment_once_a_period'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='instalment_is_worth_something'),
        ),
    ]
