"""Before: a rate card is typed. After: it comes from what a year costs.

Cost models, their lines and the parts of rates get their tables; cards get a state, a
version and the model they come from. Cards already here count as adopted. Safe while
the old code runs: it writes adopted cards without a model, as before. Lock and time:
new tables, and short locks on a table of a few rows. Next step: none. Way back:
reverse it; proposals and models are lost, adopted cards stay.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experts', '0001_initial'),
        ('governance', '0001_initial'),
        ('tariffs', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpectedHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'débutant'), (2, 'intermédiaire'), (3, 'sénior')], verbose_name='niveau')),
                ('minutes', models.PositiveIntegerField(verbose_name='minutes')),
            ],
            options={
                'verbose_name': 'heures prévues',
                'verbose_name_plural': 'heures prévues',
                'ordering': ['field__name_fr', 'level'],
            },
        ),
        migrations.CreateModel(
            name='ModerateCost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='du')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='au')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=7, verbose_name='seuil ($/h)')),
                ('source', models.CharField(max_length=200, verbose_name='source')),
            ],
            options={
                'verbose_name': 'coût modéré',
                'verbose_name_plural': 'coûts modérés',
                'ordering': ['field', 'starts_on'],
            },
        ),
        migrations.CreateModel(
            name='Parameter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('code', models.CharField(choices=[('PRACTICAL_SHARE', 'part du temps présent qui est pratique'), ('LEAVE_DAYS', 'jours d’absence prévus par personne'), ('UNUSED_IN_RATES', 'part de l’inutilisé mise dans les taux'), ('LEVEL_1', 'poids d’une heure de débutant'), ('LEVEL_2', 'poids d’une heure d’intermédiaire'), ('LEVEL_3', 'poids d’une heure de sénior'), ('ROUNDING', 'taux arrondis aux ($)'), ('LEAST_PEOPLE', 'personnes qu’un chiffre montré doit couvrir')], max_length=20, verbose_name='paramètre')),
                ('value', models.DecimalField(decimal_places=4, max_digits=9, verbose_name='valeur')),
            ],
            options={
                'verbose_name': 'paramètre',
                'verbose_name_plural': 'paramètres',
            },
        ),
        migrations.CreateModel(
            name='Pay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('name', models.CharField(max_length=120, verbose_name='personne ou poste')),
                ('starts_on', models.DateField(verbose_name='du')),
                ('ends_on', models.DateField(verbose_name='au')),
                ('yearly_pay', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='salaire annuel ($)')),
                ('charges_rate', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='charges')),
                ('present_minutes', models.PositiveIntegerField(default=0, verbose_name='minutes présentes')),
                ('knowledge', models.PositiveSmallIntegerField(default=0, help_text='verser, libérer, réemployer', verbose_name='temps au savoir, sur 100')),
                ('common', models.PositiveSmallIntegerField(default=0, verbose_name='temps pour tous, sur 100')),
            ],
            options={
                'verbose_name': 'rémunération',
                'verbose_name_plural': 'rémunérations',
                'ordering': ['name', 'starts_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RatePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('pay', 'salaires'), ('charges', 'charges sociales'), ('direct', 'frais directs'), ('shared', 'frais communs'), ('knowledge', 'savoir'), ('unused', 'capacité inutilisée'), ('rounding', 'arrondi de la grille')], max_length=10, verbose_name='nature')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='nom')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=7, verbose_name='$/h')),
            ],
            options={
                'verbose_name': 'composante',
                'verbose_name_plural': 'composantes',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Retouch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='moment')),
                ('by_name', models.CharField(max_length=150, verbose_name='par')),
                ('table', models.CharField(max_length=20, verbose_name='tableau')),
                ('line_id', models.BigIntegerField(verbose_name='ligne')),
                ('before', models.JSONField(null=True, verbose_name='avant')),
                ('after', models.JSONField(null=True, verbose_name='après')),
                ('undone', models.BooleanField(default=False, verbose_name='annulée')),
            ],
            options={
                'verbose_name': 'retouche',
                'verbose_name_plural': 'retouches',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TimeShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'débutant'), (2, 'intermédiaire'), (3, 'sénior')], verbose_name='niveau')),
                ('weight', models.PositiveSmallIntegerField(verbose_name='temps, sur 100')),
            ],
            options={
                'verbose_name': 'part du temps',
                'verbose_name_plural': 'parts du temps',
                'ordering': ['-weight', 'id'],
            },
        ),
        migrations.AlterModelOptions(
            name='ratecard',
            options={'ordering': ['-starts_on', '-version'], 'verbose_name': 'grille tarifaire', 'verbose_name_plural': 'grilles tarifaires'},
        ),
        migrations.AddField(
            model_name='ratecard',
            name='proposed_on',
            field=models.DateField(blank=True, null=True, verbose_name='proposée le'),
        ),
        migrations.AddField(
            model_name='ratecard',
            name='status',
            field=models.CharField(choices=[('PROPOSED', 'proposée'), ('ADOPTED', 'adoptée'), ('WITHDRAWN', 'retirée')], default='ADOPTED', max_length=10, verbose_name='état'),
        ),
        migrations.AddField(
            model_name='ratecard',
            name='version',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='version'),
        ),
        migrations.AlterField(
            model_name='ratecard',
            name='name',
            field=models.CharField(max_length=80, verbose_name='nom'),
        ),
        migrations.AlterField(
            model_name='ratecard',
            name='starts_on',
            field=models.DateField(verbose_name='du'),
        ),
        migrations.CreateModel(
            name='CostModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('BUDGET', 'budget'), ('ACTUAL', 'réel')], max_length=6, verbose_name='état')),
                ('starts_on', models.DateField(verbose_name='du')),
                ('ends_on', models.DateField(verbose_name='au')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='version')),
                ('common_by', models.CharField(choices=[('people', 'personnes'), ('practical_hours', 'heures de capacité'), ('expected_hours', 'heures prévues')], default='practical_hours', max_length=20, verbose_name='clé du travail pour tous')),
                ('knowledge_by', models.CharField(choices=[('people', 'personnes'), ('practical_hours', 'heures de capacité'), ('expected_hours', 'heures prévues')], default='practical_hours', max_length=20, verbose_name='clé du travail de savoir')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('frozen_at', models.DateTimeField(blank=True, null=True, verbose_name='figé le')),
            ],
            options={
                'verbose_name': 'modèle de coûts',
                'verbose_name_plural': 'modèles de coûts',
                'ordering': ['-starts_on', 'state', '-version'],
                'constraints': [models.UniqueConstraint(fields=('starts_on', 'state', 'version'), name='cost_model_version_once'), models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='cost_model_is_in_order')],
            },
        ),
        migrations.CreateModel(
            name='CostItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('kind', models.CharField(choices=[('DIRECT', 'frais directs'), ('SHARED', 'frais communs'), ('KNOWLEDGE', 'réservoir de savoirs'), ('FUNDING', 'financement d’ailleurs')], max_length=10, verbose_name='nature')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='montant ($)')),
                ('key', models.CharField(blank=True, choices=[('people', 'personnes'), ('practical_hours', 'heures de capacité'), ('expected_hours', 'heures prévues')], max_length=20, verbose_name='clé de partage')),
                ('field', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.field', verbose_name='domaine')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='tariffs.costmodel', verbose_name='modèle de coûts')),
            ],
            options={
                'verbose_name': 'frais',
                'verbose_name_plural': 'frais',
                'ordering': ['kind', 'name', 'id'],
            },
        ),
        migrations.AddField(
            model_name='ratecard',
            name='model',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cards', to='tariffs.costmodel', verbose_name='modèle de coûts'),
        ),
        migrations.AddConstraint(
            model_name='ratecard',
            constraint=models.UniqueConstraint(fields=('name', 'version'), name='rate_card_version_once'),
        ),
        migrations.AddConstraint(
            model_name='ratecard',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'ADOPTED')), fields=('starts_on',), name='one_card_adopted_from_a_date'),
        ),
        migrations.AddConstraint(
            model_name='ratecard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'ADOPTED'), _negated=True), ('model', None), ('resolution__isnull', False), _connector='OR'), name='derived_card_is_adopted_by_a_resolution'),
        ),
        migrations.AddConstraint(
            model_name='ratecard',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'ADOPTED'), ('resolution', None), _connector='OR'), name='only_an_adopted_card_has_a_resolution'),
        ),
        migrations.AddField(
            model_name='expectedhours',
            name='field',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.field', verbose_name='domaine'),
        ),
        migrations.AddField(
            model_name='expectedhours',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='tariffs.costmodel', verbose_name='modèle de coûts'),
        ),
        migrations.AddField(
            model_name='moderatecost',
            name='field',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.field', verbose_name='domaine'),
        ),
        migrations.AddField(
            model_name='parameter',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parameters', to='tariffs.costmodel', verbose_name='modèle de coûts'),
        ),
        migrations.AddField(
            model_name='pay',
            name='expert',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.expert', verbose_name='expert'),
        ),
        migrations.AddField(
            model_name='pay',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pays', to='tariffs.costmodel', verbose_name='modèle de coûts'),
        ),
        migrations.AddField(
            model_name='ratepart',
            name='rate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='tariffs.hourlyrate', verbose_name='taux horaire'),
        ),
        migrations.AddField(
            model_name='retouch',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='retouches', to='tariffs.costmodel', verbose_name='modèle de coûts'),
        ),
        migrations.AddField(
            model_name='timeshare',
            name='field',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.field', verbose_name='domaine'),
        ),
        migrations.AddField(
            model_name='timeshare',
            name='pay',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='tariffs.pay', verbose_name='rémunération'),
        ),
        migrations.AddConstraint(
            model_name='costitem',
            constraint=models.UniqueConstraint(fields=('model', 'kind', 'name', 'field'), name='cost_item_said_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='costitem',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='cost_item_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='costitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('field__isnull', False), ('key', ''), ('kind', 'DIRECT')), models.Q(('field', None), ('kind__in', ['SHARED', 'KNOWLEDGE']), models.Q(('key', ''), _negated=True)), models.Q(('field', None), ('key', ''), ('kind', 'FUNDING')), _connector='OR'), name='cost_item_is_borne_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='expectedhours',
            constraint=models.UniqueConstraint(fields=('model', 'field', 'level'), name='expected_hours_said_once'),
        ),
        migrations.AddConstraint(
            model_name='moderatecost',
            constraint=models.UniqueConstraint(fields=('field', 'starts_on'), name='one_moderate_cost_from_a_date'),
        ),
        migrations.AddConstraint(
            model_name='moderatecost',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='moderate_cost_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.UniqueConstraint(fields=('model', 'code'), name='parameter_said_once_a_model'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='parameter_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='pay',
            constraint=models.CheckConstraint(condition=models.Q(('charges_rate__gte', 0), ('yearly_pay__gte', 0)), name='pay_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='pay',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='pay_is_in_order'),
        ),
        migrations.AddConstraint(
            model_name='ratepart',
            constraint=models.UniqueConstraint(fields=('rate', 'kind', 'name'), name='rate_part_said_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ratepart',
            trigger=pgtrigger.compiler.Trigger(name='rate_part_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='06ee74f827b3bc3d7827492f52da68a97a6ee193', operation='UPDATE', pgid='pgtrigger_rate_part_is_written_once_177b2', table='tariffs_ratepart', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='timeshare',
            constraint=models.UniqueConstraint(fields=('pay', 'field'), name='time_share_said_once_a_field'),
        ),
    ]
