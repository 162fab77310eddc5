"""Pieces have versions, and versions have pages.

Before: a piece had one text and at most one file. After: each piece has a first
version that says what it says; a document that nobody read yet waits to be read;
pieces say who may read them, under what licence, and whether they are under
professional secrecy. Safe while the old code runs: it ignores the new tables, and
every new column has a default; what it pours meanwhile has no version until this
is run again by hand. Lock and time: one insert per piece, under a second for a
hundred thousand. Next step: none. Way back: migrate to 0001.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


FIRST_VERSIONS = """
INSERT INTO knowledge_version (piece_id, number, is_shown, title, text, file_id,
    language, author_id, added_at, reading, problem)
SELECT p.id, 1, true, p.title, p.text, p.file_id, p.language, p.author_id,
    p.poured_on::timestamp AT TIME ZONE 'America/Toronto',
    CASE WHEN p.file_id IS NULL THEN 'READ' ELSE 'WAITING' END, ''
FROM knowledge_piece p
WHERE NOT EXISTS (SELECT 1 FROM knowledge_version v WHERE v.piece_id = p.id)
"""
UNDER_SECRECY = """
UPDATE knowledge_piece p SET privileged = true FROM experts_field f
WHERE f.id = p.field_id AND f.privileged
"""


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0001_initial'),
        ('experts', '0002_professional_secrecy'),
        ('knowledge', '0001_initial'),
        ('members', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Page',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='numéro')),
                ('label', models.CharField(blank=True, max_length=100, verbose_name='étiquette')),
                ('text', models.TextField(verbose_name='texte')),
            ],
            options={
                'verbose_name': 'page',
                'verbose_name_plural': 'pages',
                'ordering': ['version', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='numéro')),
                ('is_shown', models.BooleanField(default=False, verbose_name='montrée')),
                ('title', models.CharField(max_length=200, verbose_name='titre')),
                ('text', models.TextField(verbose_name='texte')),
                ('language', models.CharField(choices=[('fr', 'français'), ('en', 'anglais')], max_length=2, verbose_name='langue')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='ajoutée le')),
                ('reading', models.CharField(choices=[('WAITING', 'lecture en attente'), ('READ', 'lu'), ('UNREADABLE', 'non lu')], default='READ', max_length=10, verbose_name='lecture')),
                ('problem', models.CharField(blank=True, max_length=30, verbose_name='problème')),
            ],
            options={
                'verbose_name': 'version',
                'verbose_name_plural': 'versions',
                'ordering': ['piece', '-number'],
            },
        ),
        migrations.AddField(
            model_name='piece',
            name='confidentiality',
            field=models.CharField(choices=[('MEMBERS', 'tous les membres'), ('HOUSE', 'l’équipe de la coopérative'), ('MANDATE', 'le mandat seulement')], default='MEMBERS', max_length=8, verbose_name='confidentialité'),
        ),
        migrations.AddField(
            model_name='piece',
            name='licence',
            field=models.CharField(choices=[('FREE', 'réemploi libre entre membres'), ('CREDIT', 'réemploi en nommant l’auteur'), ('AS_IS', 'réemploi tel quel, sans rien changer'), ('ASK', 'réemploi sur demande')], default='FREE', max_length=6, verbose_name='licence de réemploi'),
        ),
        migrations.AddField(
            model_name='piece',
            name='privileged',
            field=models.BooleanField(default=False, verbose_name='secret professionnel'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(('confidentiality', 'MANDATE'), ('status', 'RELEASED'), _negated=True), name='piece_of_the_mandate_stays_there'),
        ),
        migrations.AddField(
            model_name='version',
            name='added_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ajoutée par'),
        ),
        migrations.AddField(
            model_name='version',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.expert', verbose_name='auteur'),
        ),
        migrations.AddField(
            model_name='version',
            name='cleaned_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cleaned', to='knowledge.version', verbose_name='dépersonnalise'),
        ),
        migrations.AddField(
            model_name='version',
            name='file',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='archive.file', verbose_name='fichier'),
        ),
        migrations.AddField(
            model_name='version',
            name='piece',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='knowledge.piece', verbose_name='savoir'),
        ),
        migrations.AddField(
            model_name='page',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pages', to='knowledge.version', verbose_name='version'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('piece', 'number'), name='version_numbered_once'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(condition=models.Q(('is_shown', True)), fields=('piece',), name='one_version_shown'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.CheckConstraint(condition=models.Q(('reading', 'UNREADABLE'), ('problem', ''), _connector='XOR'), name='version_unreadable_says_why'),
        ),
        migrations.AddConstraint(
            model_name='page',
            constraint=models.UniqueConstraint(fields=('version', 'number'), name='page_numbered_once'),
        ),
        migrations.RunSQL(FIRST_VERSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(UNDER_SECRECY, migrations.RunSQL.noop),
    ]
