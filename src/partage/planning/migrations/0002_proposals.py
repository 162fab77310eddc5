"""Plans beside the one in force, weights that people set, handovers, broken limits.

Before: assignments one at a time, an exception kept as a text. After: the tables of
proposed plans and their changes, of weights, of handovers and of broken limits; a
shortlist names its weights and its plan; a part with a decision is not deleted.
Safe while the old code runs: new tables and empty columns. Lock and time: short
locks, no row is rewritten. Next step: none. Way back: migrate to 0001.
"""

import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experts', '0003_protected_time'),
        ('needs', '0002_dropped_parts_stay'),
        ('planning', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='assignment',
            name='fixed',
            field=models.BooleanField(default=False, verbose_name='fixée'),
        ),
        migrations.AlterField(
            model_name='assignment',
            name='part',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='needs.part', verbose_name='volet'),
        ),
        migrations.AlterField(
            model_name='shortlist',
            name='part',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='needs.part', verbose_name='volet'),
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('NIGHT', 'chaque nuit'), ('ASKED', 'sur demande'), ('ABSENCE', 'après une absence'), ('DECLINED', 'après un refus'), ('NEED', 'après une demande urgente'), ('STALE', 'après un changement')], max_length=8, verbose_name='origine')),
                ('about', models.JSONField(default=dict, verbose_name='à propos de')),
                ('status', models.CharField(choices=[('WAITING', 'en attente'), ('RUNNING', 'en calcul'), ('READY', 'à décider'), ('DECIDED', 'décidé'), ('REPLACED', 'remplacé'), ('FAILED', 'interrompu')], default='WAITING', max_length=8, verbose_name='état')),
                ('on', models.DateField(verbose_name='au')),
                ('asked_at', models.DateTimeField(verbose_name='demandé le')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='dernières nouvelles')),
                ('stop_asked', models.BooleanField(default=False, verbose_name='arrêt demandé')),
                ('seconds', models.FloatField(default=0, verbose_name='secondes')),
                ('progress', models.JSONField(default=list, verbose_name='progression')),
                ('cost', models.FloatField(blank=True, null=True, verbose_name='coût')),
                ('bound', models.FloatField(blank=True, null=True, verbose_name='borne')),
                ('unavoidable', models.FloatField(default=0, verbose_name='inévitable')),
                ('before', models.JSONField(default=dict, verbose_name='avant, par poids')),
                ('after', models.JSONField(default=dict, verbose_name='après, par poids')),
                ('plan', models.JSONField(default=list, verbose_name='plan')),
                ('values', models.JSONField(default=dict, verbose_name='valeurs')),
                ('world', models.JSONField(default=dict, verbose_name='monde')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
            ],
            options={
                'verbose_name': 'plan proposé',
                'verbose_name_plural': 'plans proposés',
                'ordering': ['-asked_at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='shortlist',
            name='proposal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.proposal', verbose_name='plan proposé'),
        ),
        migrations.CreateModel(
            name='Weighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(verbose_name='depuis le')),
                ('reason', models.TextField(verbose_name='pourquoi')),
                ('level', models.DecimalField(decimal_places=2, default=Decimal('25'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='niveau')),
                ('hours', models.DecimalField(decimal_places=2, default=Decimal('30'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='heures libres')),
                ('continuity', models.DecimalField(decimal_places=2, default=Decimal('20'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='continuité')),
                ('distance', models.DecimalField(decimal_places=2, default=Decimal('10'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='distance')),
                ('balance', models.DecimalField(decimal_places=2, default=Decimal('15'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='charge')),
                ('unmet_hour', models.DecimalField(decimal_places=2, default=Decimal('60'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='une heure que personne ne fait')),
                ('late_hour', models.DecimalField(decimal_places=2, default=Decimal('2'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='une heure, par semaine de retard')),
                ('team', models.DecimalField(decimal_places=2, default=Decimal('50'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='une personne de plus chez un membre')),
                ('overload_hour', models.DecimalField(decimal_places=2, default=Decimal('30'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='une heure au-delà de la charge visée')),
                ('over_level_hour', models.DecimalField(decimal_places=2, default=Decimal('8'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='une heure, par niveau de trop')),
                ('continuity_hour', models.DecimalField(decimal_places=2, default=Decimal('10'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='une heure de qui connaît le membre (gain)')),
                ('travel_km', models.DecimalField(decimal_places=2, default=Decimal('0.72'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='un kilomètre de route')),
                ('carbon_kg', models.DecimalField(decimal_places=2, default=Decimal('0.10'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='un kilo de CO₂')),
                ('promise_asked', models.DecimalField(decimal_places=2, default=Decimal('150'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='déplacer une affectation proposée')),
                ('promise_accepted', models.DecimalField(decimal_places=2, default=Decimal('600'), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='déplacer une affectation acceptée')),
                ('urgent_percent', models.DecimalField(decimal_places=2, default=Decimal('200'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='une demande urgente, en plus')),
                ('patient_percent', models.DecimalField(decimal_places=2, default=Decimal('50'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='une demande qui peut attendre, en moins')),
                ('waiting_percent', models.DecimalField(decimal_places=2, default=Decimal('10'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='chaque semaine d’attente, en plus')),
                ('small_percent', models.DecimalField(decimal_places=2, default=Decimal('15'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='un petit membre, en plus')),
                ('most_week_hours', models.DecimalField(decimal_places=2, default=Decimal('20'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('60'))], verbose_name='heures d’un volet par semaine, au plus')),
                ('late_weeks', models.PositiveSmallIntegerField(default=8, validators=[django.core.validators.MaxValueValidator(26)], verbose_name='semaines de retard, au plus')),
                ('faster_percent', models.DecimalField(decimal_places=2, default=Decimal('10'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('30'))], verbose_name='heures en moins, par niveau de plus')),
                ('target_percent', models.DecimalField(decimal_places=2, default=Decimal('80'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='charge visée')),
                ('seconds', models.PositiveSmallIntegerField(default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1800)], verbose_name='secondes de calcul')),
                ('swaps_need_approval', models.BooleanField(default=True, verbose_name='la coordination approuve les échanges entre experts')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
            ],
            options={
                'verbose_name': 'pondération',
                'verbose_name_plural': 'pondérations',
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='proposal',
            name='weighting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.weighting', verbose_name='pondération'),
        ),
        migrations.AddField(
            model_name='shortlist',
            name='weighting',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.weighting', verbose_name='pondération'),
        ),
        migrations.CreateModel(
            name='BrokenLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('skill', 'domaine'), ('level', 'niveau'), ('language', 'langue'), ('on_site', 'travail sur place'), ('parallel', 'mandats en parallèle'), ('hours', 'heures de la semaine')], max_length=10, verbose_name='limite')),
                ('monday', models.DateField(blank=True, null=True, verbose_name='semaine du')),
                ('minutes', models.PositiveIntegerField(default=0, verbose_name='minutes de trop')),
                ('reason', models.TextField(verbose_name='pourquoi')),
                ('broken_at', models.DateTimeField(verbose_name='le')),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='broken_limits', to='planning.assignment', verbose_name='affectation')),
                ('broken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
            ],
            options={
                'verbose_name': 'dépassement',
                'verbose_name_plural': 'dépassements',
                'ordering': ['-broken_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='broken_limit_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('SWAP', 'échange'), ('PLAN', 'plan proposé')], max_length=4, verbose_name='origine')),
                ('status', models.CharField(choices=[('OPEN', 'en attente'), ('DONE', 'faite'), ('REFUSED', 'refusée'), ('CANCELLED', 'annulée')], default='OPEN', max_length=9, verbose_name='état')),
                ('weeks', models.JSONField(default=list, verbose_name='semaines')),
                ('reason', models.TextField(blank=True, verbose_name='pourquoi')),
                ('asked_at', models.DateTimeField(verbose_name='demandée le')),
                ('giver_agreed_at', models.DateTimeField(blank=True, null=True, verbose_name='accord de qui cède')),
                ('taker_agreed_at', models.DateTimeField(blank=True, null=True, verbose_name='accord de qui reprend')),
                ('approval_needed', models.BooleanField(default=True, verbose_name='à approuver')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approuvée le')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminée le')),
                ('answer', models.TextField(blank=True, verbose_name='réponse')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approuvée par')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='planning.assignment', verbose_name='affectation')),
                ('became', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.assignment', verbose_name='nouvelle affectation')),
                ('to_expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.expert', verbose_name='à qui')),
            ],
            options={
                'verbose_name': 'passation',
                'verbose_name_plural': 'passations',
                'ordering': ['-asked_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'OPEN')), fields=('assignment',), name='one_open_handover_an_assignment'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status', 'OPEN')), models.Q(models.Q(('status', 'OPEN'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='handover_ended_once_ended'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'DONE'), _negated=True), ('became__isnull', False), _connector='OR'), name='handover_done_has_its_assignment')],
            },
        ),
        migrations.CreateModel(
            name='HourValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('axis', models.CharField(choices=[('FIELD', 'domaine'), ('LANGUAGE', 'langue'), ('PROVINCE', 'province')], max_length=8, verbose_name='axe')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='valeur')),
                ('minutes', models.PositiveIntegerField(default=0, verbose_name='minutes ouvertes')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hour_values', to='planning.proposal', verbose_name='plan proposé')),
            ],
            options={
                'verbose_name': 'valeur d’une heure',
                'verbose_name_plural': 'valeurs d’une heure',
                'ordering': ['axis', '-amount', 'code'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'axis', 'code'), name='one_hour_value_a_code'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='hour_value_is_no_loss')],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('GIVE', 'confier'), ('MOVE', 'déplacer'), ('RESPREAD', 'étaler autrement'), ('RELEASE', 'libérer')], max_length=8, verbose_name='nature')),
                ('status', models.CharField(choices=[('OPEN', 'à décider'), ('ACCEPTED', 'retenu'), ('REFUSED', 'écarté'), ('STALE', 'dépassé')], default='OPEN', max_length=8, verbose_name='état')),
                ('weeks', models.JSONField(default=list, verbose_name='semaines')),
                ('gain', models.FloatField(default=0, verbose_name='gain')),
                ('reasons', models.JSONField(default=dict, verbose_name='raisons')),
                ('fresh', models.BooleanField(default=False, verbose_name='nouveau')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='décidé le')),
                ('assignment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.assignment', verbose_name='affectation')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='décidé par')),
                ('expert', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.expert', verbose_name='à qui')),
                ('held', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.assignment', verbose_name='affectation en vigueur')),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='needs.part', verbose_name='volet')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='planning.proposal', verbose_name='plan proposé')),
            ],
            options={
                'verbose_name': 'changement proposé',
                'verbose_name_plural': 'changements proposés',
                'ordering': ['-gain', 'id'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'part'), name='one_change_a_part'), models.CheckConstraint(condition=models.Q(models.Q(('expert', None), ('kind', 'RELEASE')), models.Q(models.Q(('kind', 'RELEASE'), _negated=True), ('expert__isnull', False)), _connector='OR'), name='change_says_to_whom'), models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'STALE']), ('decided_at__isnull', False), _connector='OR'), name='change_decided_once_decided')],
            },
        ),
        migrations.AddConstraint(
            model_name='weighting',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='weighting_says_why'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(fields=['status', '-asked_at'], name='proposal_status'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'READY')), fields=('status',), name='one_proposal_waits'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['WAITING', 'RUNNING', 'FAILED']), models.Q(('bound__isnull', False), ('cost__isnull', False)), _connector='OR'), name='proposal_costs_once_ready'),
        ),
    ]
