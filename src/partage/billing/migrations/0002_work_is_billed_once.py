"""Before: what an issued invoice is made of can be changed. After: it cannot.

A payment is written once, and one that takes another back names it. Safe while the
old code runs: it writes none of these rows. Lock and time: a nullable column and
four triggers, short locks. Next step: 0003. Way back: reverse it.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='reverses',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='billing.payment', verbose_name='annule'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoicedwork',
            trigger=pgtrigger.compiler.Trigger(name='issued_work_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NOT (TG_OP = 'UPDATE' AND NEW.released AND NOT OLD.released AND (NEW.id, NEW.line_id, NEW.time_id, NEW.trip_id, NEW.expense_id) IS NOT DISTINCT FROM (OLD.id, OLD.line_id, OLD.time_id, OLD.trip_id, OLD.expense_id)) AND EXISTS (\n                SELECT 1 FROM billing_invoice JOIN billing_invoiceline ON billing_invoiceline.invoice_id = billing_invoice.id WHERE billing_invoiceline.id IN (OLD.line_id, NEW.line_id) AND billing_invoice.number IS NOT NULL\n            ) THEN\n                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',\n                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ", hash='b7df75cd869aecc9d233b0cc5fe2842317d0b0cc', operation='UPDATE OR DELETE', pgid='pgtrigger_issued_work_is_frozen_4d141', table='billing_invoicedwork', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceline',
            trigger=pgtrigger.compiler.Trigger(name='issued_line_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NOT (false) AND EXISTS (\n                SELECT 1 FROM billing_invoice WHERE billing_invoice.id IN (OLD.invoice_id, NEW.invoice_id) AND billing_invoice.number IS NOT NULL\n            ) THEN\n                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',\n                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ", hash='8cb16a449165751941ef94f95b23c1361cd65675', operation='UPDATE OR DELETE', pgid='pgtrigger_issued_line_is_frozen_93640', table='billing_invoiceline', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoicetax',
            trigger=pgtrigger.compiler.Trigger(name='issued_tax_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NOT (false) AND EXISTS (\n                SELECT 1 FROM billing_invoice WHERE billing_invoice.id IN (OLD.invoice_id, NEW.invoice_id) AND billing_invoice.number IS NOT NULL\n            ) THEN\n                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',\n                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ", hash='4612b6bd32c348628e1ae6944c5d8e18ecca29d8', operation='UPDATE OR DELETE', pgid='pgtrigger_issued_tax_is_frozen_b4c25', table='billing_invoicetax', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='payment_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d8412b0b85602741aacc64f0e325970c1c5122c3', operation='UPDATE OR DELETE', pgid='pgtrigger_payment_is_written_once_82404', table='billing_payment', when='BEFORE')),
        ),
    ]
