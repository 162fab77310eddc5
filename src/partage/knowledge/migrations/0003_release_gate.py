"""The release gate, and what reuse is credited with.

Before: sharing a piece was one click; what a reuse saved was what was said. After:
a release with its replacements, its consent and its line in the register; a reuse
keeps what was declared, and whether it helped. Safe while the old code runs: new
tables, and columns with defaults; what it shares meanwhile has no release. What was
shared before stays shared. Lock and time: short locks; one update of the reuses.
Next step: none. Way back: migrate to 0002.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0002_documents'),
        ('members', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='reuse',
            name='helped',
            field=models.BooleanField(blank=True, null=True, verbose_name='a aidé'),
        ),
        migrations.AddField(
            model_name='reuse',
            name='helped_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='avis donné le'),
        ),
        migrations.AddField(
            model_name='reuse',
            name='helped_words',
            field=models.TextField(blank=True, verbose_name='mot du membre'),
        ),
        migrations.AddField(
            model_name='reuse',
            name='minutes_adapting',
            field=models.PositiveIntegerField(default=0, verbose_name='minutes d’adaptation'),
        ),
        migrations.AddField(
            model_name='reuse',
            name='minutes_declared',
            field=models.PositiveIntegerField(default=0, verbose_name='minutes déclarées'),
        ),
        migrations.AddField(
            model_name='reuse',
            name='recorded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='consigné par'),
        ),
        migrations.AddField(
            model_name='version',
            name='hidden',
            field=models.JSONField(blank=True, default=dict, verbose_name='hors de vue'),
        ),
        migrations.AlterField(
            model_name='version',
            name='problem',
            field=models.CharField(blank=True, choices=[('EMPTY', 'Ce document est vide. Vérifiez-le, puis ajoutez-le.'), ('TOO_LARGE', 'Ce document pèse plus de 20 Mo. Allégez-le ou séparez-le.'), ('UNKNOWN', 'Ce n’est pas un document que nous savons lire, quel que soit son nom. Enregistrez-le en PDF, Word, Excel, PowerPoint, ODT ou texte.'), ('IMAGE', 'C’est une image : on peut la télécharger, mais la recherche n’y lit rien. Décrivez-la dans le texte du savoir.'), ('OLD_FORMAT', 'C’est un ancien format (.doc, .xls, .ppt ou .rtf). Enregistrez-le en .docx, .xlsx, .pptx ou PDF, puis ajoutez-le.'), ('PASSWORD', 'Ce document est protégé par un mot de passe. Enregistrez-le sans mot de passe, puis ajoutez-le.'), ('MACROS', 'Ce document contient des macros, qui pourraient nuire à qui l’ouvre. Enregistrez-le sans macros (.docx, .xlsx), puis ajoutez-le.'), ('BROKEN', 'Ce document est abîmé ou coupé. Ouvrez-le pour le vérifier, enregistrez-le de nouveau, puis ajoutez-le.'), ('BOMB', 'Ce document gonfle démesurément quand on l’ouvre : nous ne l’avons pas ouvert. Enregistrez-le de nouveau depuis le logiciel d’origine.'), ('ENTITIES', 'Ce document contient des instructions cachées qu’aucun logiciel de bureau n’écrit : nous ne l’avons pas ouvert. Enregistrez-le de nouveau depuis le logiciel d’origine.'), ('TOO_LONG', 'La lecture de ce document a pris trop de temps et a été arrêtée. Séparez-le en parties, ou enregistrez-le en PDF.'), ('TOO_HEAVY', 'Ce document demande trop de mémoire pour être lu. Séparez-le en parties.'), ('NO_TEXT', 'Ce document n’a que des images : il a sans doute été numérisé. Passez-le à la reconnaissance de texte, ou décrivez-le dans le texte du savoir.')], max_length=30, verbose_name='problème'),
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('REVIEW', 'à relire'), ('CONSENT', 'attend le consentement'), ('SHARED', 'partagé'), ('REFUSED', 'refusé par le membre'), ('REVOKED', 'consentement retiré'), ('ENDED', 'abandonné')], default='REVIEW', max_length=8, verbose_name='état')),
                ('opened_at', models.DateTimeField(verbose_name='préparé le')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='signé le')),
                ('secrecy_lifted', models.TextField(blank=True, verbose_name='levée du secret professionnel')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='terminé le')),
                ('cleaned', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.version', verbose_name='version dépersonnalisée')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='préparé par')),
                ('piece', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='knowledge.piece', verbose_name='savoir')),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signé par')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.version', verbose_name='version d’origine')),
            ],
            options={
                'verbose_name': 'partage',
                'verbose_name_plural': 'partages',
                'ordering': ['-opened_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sentence', models.TextField(verbose_name='texte montré')),
                ('language', models.CharField(choices=[('fr', 'français'), ('en', 'anglais')], max_length=2, verbose_name='langue')),
                ('asked_at', models.DateTimeField(verbose_name='demandé le')),
                ('accepted', models.BooleanField(null=True, verbose_name='consent')),
                ('words', models.TextField(blank=True, verbose_name='mot du membre')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='répondu le')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='retiré le')),
                ('revoked_why', models.TextField(blank=True, verbose_name='motif du retrait')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='répondu par')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandé par')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation', verbose_name='organisation')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='retiré par')),
                ('release', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='consent', to='knowledge.release', verbose_name='partage')),
            ],
            options={
                'verbose_name': 'consentement',
                'verbose_name_plural': 'consentements',
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Anonymisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='date')),
                ('title', models.CharField(max_length=200, verbose_name='titre')),
                ('information', models.JSONField(default=dict, verbose_name='renseignements')),
                ('purpose', models.TextField(verbose_name='fins')),
                ('techniques', models.TextField(verbose_name='techniques')),
                ('measures', models.TextField(verbose_name='mesures de protection')),
                ('risk', models.CharField(choices=[('VERY_LOW', 'très faible'), ('LOW', 'faible, et acceptable pour cet usage')], max_length=8, verbose_name='risque résiduel')),
                ('risk_words', models.TextField(verbose_name='analyse du risque')),
                ('signed_by_name', models.CharField(max_length=200, verbose_name='signé par')),
                ('release', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.release', verbose_name='partage')),
            ],
            options={
                'verbose_name': 'anonymisation',
                'verbose_name_plural': 'anonymisations',
                'ordering': ['-on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Replacement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('EMAIL', 'courriel'), ('WEB', 'adresse web'), ('TAX', 'numéro de taxe'), ('CARD', 'numéro de carte'), ('HEALTH', 'numéro d’assurance maladie'), ('NEQ', 'NEQ'), ('SIN', 'numéro d’assurance sociale'), ('PHONE', 'téléphone'), ('POSTAL', 'code postal'), ('ADDRESS', 'adresse'), ('ORGANISATION', 'organisation'), ('PERSON', 'personne'), ('PARTY', 'le membre'), ('PARTY_PERSON', 'personne du mandat'), ('HAND', 'trouvé à la relecture')], max_length=14, verbose_name='quoi')),
                ('before', models.CharField(max_length=300, verbose_name='avant')),
                ('after', models.CharField(blank=True, max_length=300, verbose_name='après')),
                ('times', models.PositiveIntegerField(default=0, verbose_name='fois')),
                ('applies', models.BooleanField(default=True, verbose_name='remplacer')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replacements', to='knowledge.release', verbose_name='partage')),
            ],
            options={
                'verbose_name': 'remplacement',
                'verbose_name_plural': 'remplacements',
                'ordering': ['release', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('REVIEW', 'CONSENT', 'SHARED'))), fields=('piece',), name='one_release_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('REVIEW', 'ENDED')), models.Q(('cleaned__isnull', False), ('signed_at__isnull', False)), _connector='OR'), name='release_signed_before_it_goes'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted', None), ('answered_at', None)), models.Q(('accepted__isnull', False), ('answered_at__isnull', False)), _connector='OR'), name='consent_answered_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('revoked_at', None), ('accepted', True), _connector='OR'), name='consent_revoked_once_given'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='anonymisation',
            trigger=pgtrigger.compiler.Trigger(name='anonymisation_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='59960e9857ce70ebe6f12e9ea672ec68116cdfc2', operation='UPDATE OR DELETE', pgid='pgtrigger_anonymisation_is_written_once_d8327', table='knowledge_anonymisation', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='replacement',
            constraint=models.UniqueConstraint(fields=('release', 'before'), name='words_replaced_once'),
        ),
        migrations.RunSQL(
            "UPDATE knowledge_reuse SET minutes_declared = minutes_saved",
            migrations.RunSQL.noop,
        ),
    ]
