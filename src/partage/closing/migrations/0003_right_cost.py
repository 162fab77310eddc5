"""Before: a year is closed by a resolution, and nothing of it is measured. After: it is
measured, proposed, decided and written, and what is written stays.

Safe while the old code runs: new tables, and a trigger that lets a closed year open
again only when its reopening was written. Lock and time: short locks on small tables.
Next step: none. Way back: reverse it; what was measured goes with it.
"""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0001_initial'),
        ('billing', '0005_bank_files'),
        ('closing', '0002_closed_year_is_frozen'),
        ('experts', '0003_protected_time'),
        ('governance', '0001_initial'),
        ('members', '0001_initial'),
        ('tariffs', '0002_what_a_year_costs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClosingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(choices=[('RESERVE', 'part du surplus à la réserve'), ('FURTHER', 'part de plus à la réserve ou en parts'), ('EQUITY_OF_DEBTS', 'avoir à atteindre, en part des dettes'), ('BAND', 'bande de stabilisation, en part du coût')], max_length=15, verbose_name='règle')),
                ('value', models.DecimalField(decimal_places=4, help_text='0,03 pour 3\xa0%', max_digits=5, verbose_name='valeur')),
                ('starts_on', models.DateField(verbose_name='du')),
                ('source', models.CharField(max_length=200, verbose_name='source')),
            ],
            options={
                'verbose_name': 'règle de clôture',
                'verbose_name_plural': 'règles de clôture',
                'ordering': ['code', '-starts_on'],
            },
        ),
        migrations.CreateModel(
            name='Computation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='rang')),
                ('computed_at', models.DateTimeField(verbose_name='fait le')),
                ('entries', models.PositiveIntegerField(verbose_name='lignes lues')),
                ('members', models.PositiveIntegerField(verbose_name='membres')),
                ('minutes', models.PositiveBigIntegerField(verbose_name='minutes')),
                ('charged', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='facturé ($)')),
                ('to_invoice', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='à facturer ($)')),
                ('full_cost', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='coût complet ($)')),
                ('funding', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='financement d’ailleurs ($)')),
                ('cost', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='coût à porter ($)')),
                ('surplus', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='surplus ($)')),
                ('cards', models.CharField(max_length=200, verbose_name='grilles')),
                ('fingerprint', models.CharField(max_length=64, verbose_name='empreinte')),
            ],
            options={
                'verbose_name': 'calcul de clôture',
                'verbose_name_plural': 'calculs de clôture',
                'ordering': ['-year__starts_on', '-number'],
            },
        ),
        migrations.CreateModel(
            name='FinalRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'débutant'), (2, 'intermédiaire'), (3, 'sénior')], verbose_name='niveau')),
                ('minutes', models.PositiveBigIntegerField(verbose_name='minutes')),
                ('charged', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='facturé ($)')),
                ('final', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='au taux définitif ($)')),
                ('rate', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='taux ($/h)')),
            ],
            options={
                'verbose_name': 'taux définitif',
                'verbose_name_plural': 'taux définitifs',
            },
        ),
        migrations.CreateModel(
            name='MemberLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'débutant'), (2, 'intermédiaire'), (3, 'sénior')], verbose_name='niveau')),
                ('minutes', models.PositiveBigIntegerField(verbose_name='minutes')),
                ('provisional', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='taux provisoire ($/h)')),
                ('charged', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='facturé ($)')),
                ('rate', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='taux définitif ($/h)')),
                ('final', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='au taux définitif ($)')),
            ],
            options={
                'verbose_name': 'ligne d’année',
                'verbose_name_plural': 'lignes d’année',
            },
        ),
        migrations.CreateModel(
            name='MemberYear',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('province', models.CharField(choices=[('QC', 'Québec'), ('ON', 'Ontario'), ('NB', 'Nouveau-Brunswick'), ('AB', 'Alberta'), ('NS', 'Nouvelle-Écosse'), ('PE', 'Île-du-Prince-Édouard'), ('NL', 'Terre-Neuve-et-Labrador'), ('MB', 'Manitoba'), ('SK', 'Saskatchewan'), ('BC', 'Colombie-Britannique'), ('YT', 'Yukon'), ('NT', 'Territoires du Nord-Ouest'), ('NU', 'Nunavut')], max_length=2, verbose_name='province')),
                ('minutes', models.PositiveBigIntegerField(verbose_name='minutes')),
                ('charged', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='facturé ($)')),
                ('at_rates', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='aux taux définitifs ($)')),
                ('remainder', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='part hors taux ($)')),
                ('adjustment', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='écart ($)')),
            ],
            options={
                'verbose_name': 'année d’un membre',
                'verbose_name_plural': 'années des membres',
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='montant ($)')),
                ('posted_at', models.DateTimeField(verbose_name='écrite le')),
            ],
            options={
                'verbose_name': 'écriture de clôture',
                'verbose_name_plural': 'écritures de clôture',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=20, unique=True, verbose_name='référence')),
                ('name', models.CharField(max_length=100, verbose_name='nom')),
                ('status', models.CharField(choices=[('DRAFT', 'scénario'), ('RECOMMENDED', 'recommandée par le conseil'), ('ON_AGENDA', 'à l’ordre du jour'), ('ADOPTED', 'adoptée'), ('POSTING', 'en cours d’écriture'), ('POSTED', 'écrite'), ('REVERSING', 'en cours de contre-écriture'), ('REVERSED', 'contre-écrite')], default='DRAFT', max_length=12, verbose_name='état')),
                ('band', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='bande')),
                ('adjusted_share', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='part ajustée')),
                ('carried_share', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='part reportée')),
                ('rebates_share', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='part en ristournes')),
                ('surplus', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='surplus ($)')),
                ('adjusted', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='ajustements ($)')),
                ('stabilisation', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='stabilisation ($)')),
                ('carried', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='report aux taux ($)')),
                ('reserve', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='réserve ($)')),
                ('rebates', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='ristournes ($)')),
                ('expected_minutes', models.PositiveBigIntegerField(verbose_name='minutes prévues')),
                ('rate_change', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='variation des taux ($/h)')),
                ('basis', models.JSONField(verbose_name='fondements')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('made_at', models.DateTimeField(verbose_name='faite le')),
                ('recommended_at', models.DateTimeField(blank=True, null=True, verbose_name='recommandée le')),
                ('posted_at', models.DateTimeField(blank=True, null=True, verbose_name='écrite le')),
            ],
            options={
                'verbose_name': 'proposition à l’assemblée',
                'verbose_name_plural': 'propositions à l’assemblée',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Reopening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('closed_at', models.DateTimeField(verbose_name='close le')),
                ('reason', models.TextField(verbose_name='motif')),
                ('reopened_at', models.DateTimeField(verbose_name='rouverte le')),
            ],
            options={
                'verbose_name': 'réouverture',
                'verbose_name_plural': 'réouvertures',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ReserveMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fund', models.CharField(choices=[('RESERVE', 'réserve générale'), ('STABILISATION', 'réserve de stabilisation'), ('CARRIED', 'report aux taux')], max_length=13, verbose_name='réserve')),
                ('on', models.DateField(verbose_name='date')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='montant ($)')),
                ('words', models.CharField(blank=True, max_length=200, verbose_name='libellé')),
            ],
            options={
                'verbose_name': 'mouvement de réserve',
                'verbose_name_plural': 'mouvements de réserve',
                'ordering': ['on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('COMPUTE', 'calcul'), ('CHECK', 'vérification'), ('PRINT', 'impression des relevés'), ('POST', 'écriture'), ('REVERSE', 'contre-écriture')], max_length=8, verbose_name='nature')),
                ('status', models.CharField(choices=[('WAITING', 'en attente'), ('RUNNING', 'en cours'), ('STOPPING', 's’arrête'), ('STOPPED', 'arrêté'), ('REFUSED', 'refusé'), ('DONE', 'terminé')], default='WAITING', max_length=8, verbose_name='état')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='faits')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='en tout')),
                ('message', models.TextField(blank=True, verbose_name='message')),
                ('started_at', models.DateTimeField(verbose_name='lancé le')),
            ],
            options={
                'verbose_name': 'travail de clôture',
                'verbose_name_plural': 'travaux de clôture',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='YearFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('equity', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='avoir ($)')),
                ('debts', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='dettes ($)')),
                ('source', models.CharField(max_length=200, verbose_name='source')),
            ],
            options={
                'verbose_name': 'chiffres de fin d’exercice',
                'verbose_name_plural': 'chiffres de fin d’exercice',
            },
        ),
        migrations.CreateModel(
            name='YearStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'relevé d’année',
                'verbose_name_plural': 'relevés d’année',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='yearend',
            name='closed_year_is_frozen',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='yearend',
            trigger=pgtrigger.compiler.Trigger(name='closed_year_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."status" = \'CLOSED\')', func="\n                    IF TG_OP = 'UPDATE' AND NEW.status = 'OPEN' AND EXISTS (\n                        SELECT 1 FROM closing_reopening\n                        WHERE year_id = OLD.id AND closed_at = OLD.closed_at\n                    ) THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a closed year never changes: %', OLD.id\n                        USING ERRCODE = 'restrict_violation';\n                ", hash='5f291b88c5e2d166d02991e211777ffd2830b761', operation='UPDATE OR DELETE', pgid='pgtrigger_closed_year_is_frozen_9c225', table='closing_yearend', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='closingrule',
            constraint=models.UniqueConstraint(fields=('code', 'starts_on'), name='one_closing_rule_a_day'),
        ),
        migrations.AddConstraint(
            model_name='closingrule',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0), ('value__lte', 1)), name='closing_rule_is_a_fraction'),
        ),
        migrations.AddField(
            model_name='computation',
            name='computed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='computation',
            name='cost_model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tariffs.costmodel', verbose_name='modèle de coûts'),
        ),
        migrations.AddField(
            model_name='computation',
            name='year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='computations', to='closing.yearend', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='finalrate',
            name='computation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='closing.computation', verbose_name='calcul'),
        ),
        migrations.AddField(
            model_name='finalrate',
            name='field',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.field', verbose_name='domaine'),
        ),
        migrations.AddField(
            model_name='memberline',
            name='field',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.field', verbose_name='domaine'),
        ),
        migrations.AddField(
            model_name='memberyear',
            name='computation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='years', to='closing.computation', verbose_name='calcul'),
        ),
        migrations.AddField(
            model_name='memberyear',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation', verbose_name='organisation'),
        ),
        migrations.AddField(
            model_name='memberline',
            name='year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='closing.memberyear', verbose_name='année'),
        ),
        migrations.AddField(
            model_name='posting',
            name='invoice',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.invoice', verbose_name='facture'),
        ),
        migrations.AddField(
            model_name='posting',
            name='member_year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='closing.memberyear', verbose_name='année du membre'),
        ),
        migrations.AddField(
            model_name='posting',
            name='reverses',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='closing.posting', verbose_name='annule'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='computation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='closing.computation', verbose_name='calcul'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='meeting',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.meeting', verbose_name='assemblée'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='recommended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recommandée par'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='resolution',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.resolution', verbose_name='résolution'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='closing.yearend', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='posting',
            name='proposal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='closing.proposal', verbose_name='proposition'),
        ),
        migrations.AddField(
            model_name='reopening',
            name='proposal',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='closing.proposal', verbose_name='proposition'),
        ),
        migrations.AddField(
            model_name='reopening',
            name='reopened_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='reopening',
            name='resolution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.resolution', verbose_name='résolution'),
        ),
        migrations.AddField(
            model_name='reopening',
            name='year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reopenings', to='closing.yearend', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='reservemovement',
            name='proposal',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='closing.proposal', verbose_name='proposition'),
        ),
        migrations.AddField(
            model_name='reservemovement',
            name='resolution',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.resolution', verbose_name='résolution'),
        ),
        migrations.AddField(
            model_name='reservemovement',
            name='reverses',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='closing.reservemovement', verbose_name='annule'),
        ),
        migrations.AddField(
            model_name='reservemovement',
            name='year',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='closing.yearend', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='run',
            name='started_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='run',
            name='year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='closing.yearend', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='yearfigures',
            name='year',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='closing.yearend', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='yearstatement',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='archive.file', verbose_name='document'),
        ),
        migrations.AddField(
            model_name='yearstatement',
            name='member_year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='closing.memberyear', verbose_name='année du membre'),
        ),
        migrations.AddField(
            model_name='yearstatement',
            name='proposal',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='closing.proposal', verbose_name='proposition'),
        ),
        migrations.AddConstraint(
            model_name='computation',
            constraint=models.UniqueConstraint(fields=('year', 'number'), name='one_computation_a_number'),
        ),
        migrations.AddConstraint(
            model_name='computation',
            constraint=models.CheckConstraint(condition=models.Q(('cost', django.db.models.expressions.CombinedExpression(models.F('full_cost'), '-', models.F('funding'))), ('surplus', django.db.models.expressions.CombinedExpression(models.F('charged'), '-', models.F('cost')))), name='surplus_is_charged_less_cost'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='computation',
            trigger=pgtrigger.compiler.Trigger(name='computation_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4525c6a46b35d4b1c3a6ef470643daa4b4dc3f24', operation='UPDATE OR DELETE', pgid='pgtrigger_computation_is_frozen_43774', table='closing_computation', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='finalrate',
            constraint=models.UniqueConstraint(fields=('computation', 'field', 'level'), name='one_final_rate'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='finalrate',
            trigger=pgtrigger.compiler.Trigger(name='final_rate_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fdd519773eb3829e48be2e28e09d37b7c777cba7', operation='UPDATE OR DELETE', pgid='pgtrigger_final_rate_is_frozen_eb3d6', table='closing_finalrate', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='memberyear',
            index=models.Index(fields=['organisation'], name='member_year_org'),
        ),
        migrations.AddConstraint(
            model_name='memberyear',
            constraint=models.UniqueConstraint(fields=('computation', 'organisation', 'province'), name='one_year_a_member_and_province'),
        ),
        migrations.AddConstraint(
            model_name='memberyear',
            constraint=models.CheckConstraint(condition=models.Q(('adjustment', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('charged'), '-', models.F('at_rates')), '-', models.F('remainder')))), name='adjustment_is_charged_less_final'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='memberyear',
            trigger=pgtrigger.compiler.Trigger(name='member_year_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bf71e29dcfa20724fe86fe16f509716b66b9070e', operation='UPDATE OR DELETE', pgid='pgtrigger_member_year_is_frozen_4c9c2', table='closing_memberyear', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='memberline',
            trigger=pgtrigger.compiler.Trigger(name='member_line_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a879a827d124b7c32dfe9ed7963283f9b9dedcdc', operation='UPDATE OR DELETE', pgid='pgtrigger_member_line_is_frozen_b700b', table='closing_memberline', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('surplus', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('adjusted'), '+', models.F('stabilisation')), '+', models.F('carried')), '+', models.F('reserve')), '+', models.F('rebates')))), name='proposal_parts_make_the_surplus'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('RECOMMENDED', 'ON_AGENDA', 'ADOPTED', 'POSTING', 'POSTED', 'REVERSING'))), fields=('year',), name='one_proposal_goes_forward'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('ADOPTED', 'POSTING', 'POSTED', 'REVERSING', 'REVERSED')), _negated=True), ('resolution__isnull', False), _connector='OR'), name='proposal_decided_by_a_resolution'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proposal',
            trigger=pgtrigger.compiler.Trigger(name='proposal_keeps_what_it_says', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF NEW.computation_id IS DISTINCT FROM OLD.computation_id OR NEW.reference IS DISTINCT FROM OLD.reference OR NEW.name IS DISTINCT FROM OLD.name OR NEW.band IS DISTINCT FROM OLD.band OR NEW.adjusted_share IS DISTINCT FROM OLD.adjusted_share OR NEW.carried_share IS DISTINCT FROM OLD.carried_share OR NEW.rebates_share IS DISTINCT FROM OLD.rebates_share OR NEW.surplus IS DISTINCT FROM OLD.surplus OR NEW.adjusted IS DISTINCT FROM OLD.adjusted OR NEW.stabilisation IS DISTINCT FROM OLD.stabilisation OR NEW.carried IS DISTINCT FROM OLD.carried OR NEW.reserve IS DISTINCT FROM OLD.reserve OR NEW.rebates IS DISTINCT FROM OLD.rebates OR NEW.expected_minutes IS DISTINCT FROM OLD.expected_minutes OR NEW.rate_change IS DISTINCT FROM OLD.rate_change OR NEW.basis IS DISTINCT FROM OLD.basis THEN RAISE EXCEPTION 'proposal % never changes', OLD.reference USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;", hash='970506bacc79a973875975870df885e3ddcbf834', operation='UPDATE', pgid='pgtrigger_proposal_keeps_what_it_says_f99d8', table='closing_proposal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proposal',
            trigger=pgtrigger.compiler.Trigger(name='chosen_proposal_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD."status" = \'DRAFT\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='cda37ceecdd00e5e3d40f54762a23b875a4b72c4', operation='DELETE', pgid='pgtrigger_chosen_proposal_is_kept_29791', table='closing_proposal', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses', None)), fields=('proposal', 'member_year'), name='adjusted_once_a_proposal'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='posting_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8d2ca4733174bde83b8d4a2c7e3918c381be6d98', operation='UPDATE OR DELETE', pgid='pgtrigger_posting_is_written_once_a096e', table='closing_posting', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='posting_needs_a_resolution', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NEW.proposal_id IS NOT NULL AND NOT EXISTS (\n        SELECT 1 FROM closing_proposal p\n        JOIN governance_resolution r ON r.id = p.resolution_id\n        JOIN governance_meeting m ON m.id = r.meeting_id\n        WHERE p.id = NEW.proposal_id AND p.status IN ('POSTING', 'REVERSING')\n        AND r.adopted AND m.body IN ('GENERAL', 'SPECIAL')\n        AND position(p.reference in r.text) > 0\n    ) THEN\n        RAISE EXCEPTION 'no adopted resolution of a general meeting names proposal %',\n            NEW.proposal_id USING ERRCODE = 'restrict_violation';\n    END IF;\n    RETURN NEW;\n", hash='3c5d0698eef963389ab498d4ff5dc9da60cb7cd1', operation='INSERT', pgid='pgtrigger_posting_needs_a_resolution_7e021', table='closing_posting', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.UniqueConstraint(fields=('year', 'closed_at'), name='a_closing_is_undone_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reopening',
            trigger=pgtrigger.compiler.Trigger(name='reopening_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='57eeffc7c8e0485bf515fea9e6e7d3aca700f62a', operation='UPDATE OR DELETE', pgid='pgtrigger_reopening_is_kept_ef4e2', table='closing_reopening', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reservemovement',
            constraint=models.UniqueConstraint(condition=models.Q(('proposal__isnull', False), ('reverses', None)), fields=('proposal', 'fund'), name='moved_once_a_proposal'),
        ),
        migrations.AddConstraint(
            model_name='reservemovement',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='reserve_movement_is_not_nothing'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservemovement',
            trigger=pgtrigger.compiler.Trigger(name='reserve_movement_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f9791c59985e6409fc4089553420dabe0f024d50', operation='UPDATE OR DELETE', pgid='pgtrigger_reserve_movement_is_written_once_2975a', table='closing_reservemovement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservemovement',
            trigger=pgtrigger.compiler.Trigger(name='reserve_movement_needs_a_resolution', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NEW.proposal_id IS NOT NULL AND NOT EXISTS (\n        SELECT 1 FROM closing_proposal p\n        JOIN governance_resolution r ON r.id = p.resolution_id\n        JOIN governance_meeting m ON m.id = r.meeting_id\n        WHERE p.id = NEW.proposal_id AND p.status IN ('POSTING', 'REVERSING')\n        AND r.adopted AND m.body IN ('GENERAL', 'SPECIAL')\n        AND position(p.reference in r.text) > 0\n    ) THEN\n        RAISE EXCEPTION 'no adopted resolution of a general meeting names proposal %',\n            NEW.proposal_id USING ERRCODE = 'restrict_violation';\n    END IF;\n    RETURN NEW;\n", hash='c5cbe6964abfc7c3ca3f33593fe98cdda2bf1868', operation='INSERT', pgid='pgtrigger_reserve_movement_needs_a_resolution_9ca93', table='closing_reservemovement', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('WAITING', 'RUNNING', 'STOPPING'))), fields=('year',), name='one_live_run_a_year'),
        ),
        migrations.AddConstraint(
            model_name='yearfigures',
            constraint=models.CheckConstraint(condition=models.Q(('debts__gte', 0)), name='debts_are_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='yearstatement',
            constraint=models.UniqueConstraint(fields=('member_year', 'proposal'), name='one_statement_a_stage', nulls_distinct=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='yearstatement',
            trigger=pgtrigger.compiler.Trigger(name='year_statement_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2afa23d7593b3909c866aba7e914d6462067e399', operation='UPDATE OR DELETE', pgid='pgtrigger_year_statement_is_kept_4f430', table='closing_yearstatement', when='BEFORE')),
        ),
    ]
