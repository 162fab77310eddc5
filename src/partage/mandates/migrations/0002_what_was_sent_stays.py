"""What was sent stays as it was sent.

Before: only an accepted offer was protected, not its phases, lines and taxes.
After: the database refuses to change anything of an offer that is not a draft,
but its status; an offer keeps the French document given with an English one.
Safe while the old code runs: the column is empty by default, and the old code
never wrote on an offer once sent. Lock and time: short locks, no row is
rewritten. Next step: none. Way back: migrate to 0001.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0001_initial'),
        ('mandates', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='french_pdf',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='archive.file', verbose_name='document en français'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offer',
            trigger=pgtrigger.compiler.Trigger(name='sent_offer_keeps_its_words', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD."status" = \'DRAFT\'))', func="IF NEW.status = 'DRAFT' OR to_jsonb(OLD) - 'status' <> to_jsonb(NEW) - 'status' THEN RAISE EXCEPTION 'the offer is not a draft: it cannot change'; END IF; RETURN NEW;", hash='ecca63bc50043656498700a448c66a7787c30a91', operation='UPDATE', pgid='pgtrigger_sent_offer_keeps_its_words_54350', table='mandates_offer', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offerline',
            trigger=pgtrigger.compiler.Trigger(name='offer_line_of_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF TG_OP <> 'INSERT' AND (SELECT status FROM mandates_offer WHERE id = (SELECT offer_id FROM mandates_offerphase WHERE id = OLD.phase_id)) <> 'DRAFT' THEN RAISE EXCEPTION 'the offer is not a draft: % cannot change', TG_TABLE_NAME; END IF; IF TG_OP <> 'DELETE' AND (SELECT status FROM mandates_offer WHERE id = (SELECT offer_id FROM mandates_offerphase WHERE id = NEW.phase_id)) <> 'DRAFT' THEN RAISE EXCEPTION 'the offer is not a draft: % cannot change', TG_TABLE_NAME; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='0960284966936c533bd5d44628b9297b6b75b886', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_offer_line_of_a_draft_3d5d1', table='mandates_offerline', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offerphase',
            trigger=pgtrigger.compiler.Trigger(name='offer_phase_of_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF TG_OP <> 'INSERT' AND (SELECT status FROM mandates_offer WHERE id = OLD.offer_id) <> 'DRAFT' THEN RAISE EXCEPTION 'the offer is not a draft: % cannot change', TG_TABLE_NAME; END IF; IF TG_OP <> 'DELETE' AND (SELECT status FROM mandates_offer WHERE id = NEW.offer_id) <> 'DRAFT' THEN RAISE EXCEPTION 'the offer is not a draft: % cannot change', TG_TABLE_NAME; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='2950938177f58ef07cd26fb86b43b19584130483', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_offer_phase_of_a_draft_736f4', table='mandates_offerphase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offertax',
            trigger=pgtrigger.compiler.Trigger(name='offer_tax_of_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF TG_OP <> 'INSERT' AND (SELECT status FROM mandates_offer WHERE id = OLD.offer_id) <> 'DRAFT' THEN RAISE EXCEPTION 'the offer is not a draft: % cannot change', TG_TABLE_NAME; END IF; IF TG_OP <> 'DELETE' AND (SELECT status FROM mandates_offer WHERE id = NEW.offer_id) <> 'DRAFT' THEN RAISE EXCEPTION 'the offer is not a draft: % cannot change', TG_TABLE_NAME; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", hash='1f42759fc08a2065c0bc2f6a7e7c8d1cdac1c510', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_offer_tax_of_a_draft_2166e', table='mandates_offertax', when='BEFORE')),
        ),
    ]
