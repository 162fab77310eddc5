"""The reservoir has a change log, concepts, and readers that PostgreSQL holds back.

Before: what changed was known to nobody, and only the application filtered what a
person sees. After: triggers note each change in its own transaction; what search
shows is read by a role under row-level security; concepts and vain searches have
their tables. Safe while the old code runs: it owns the tables, so the policies do
not touch it, and the triggers work for it too. Lock and time: new tables, triggers
and policies, short locks; one insert per piece. The account needs CREATEROLE, or the
role `partage_reader` made and granted to it beforehand. Next step: none. Way back:
reverse it.
"""

import django.db.models.deletion
from django.db import migrations, models


# What a changed row of each table changes: the pieces, or the concepts.
TOUCHED = {
    "piece": ("PIECE", "SELECT id FROM changed"),
    "version": ("PIECE", "SELECT piece_id FROM changed"),
    "page": (
        "PIECE",
        "SELECT v.piece_id FROM changed c JOIN knowledge_version v"
        " ON v.id = c.version_id",
    ),
    "concept": ("CONCEPT", "SELECT id FROM changed"),
    "term": ("CONCEPT", "SELECT concept_id FROM changed"),
}
NOTE = """
CREATE FUNCTION knowledge_note_change(kind text, numbers bigint[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO knowledge_change (subject, number, xid)
    SELECT DISTINCT kind, n, pg_current_xact_id()::text::bigint
    FROM unnest(numbers) AS n WHERE n IS NOT NULL ORDER BY n
    ON CONFLICT (subject, number) DO UPDATE SET xid = EXCLUDED.xid,
        id = nextval(pg_get_serial_sequence('knowledge_change', 'id'))
$$;
CREATE FUNCTION knowledge_note_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM knowledge_note_change('ALL', ARRAY[0]);
    RETURN NULL;
END $$;
CREATE TRIGGER knowledge_is_emptied AFTER TRUNCATE ON knowledge_piece
    FOR EACH STATEMENT EXECUTE FUNCTION knowledge_note_emptying();
"""
FORGET = "".join(
    f"DROP FUNCTION knowledge_note_{table}() CASCADE;" for table in TOUCHED
) + (
    "DROP FUNCTION knowledge_note_emptying() CASCADE;"
    "DROP FUNCTION knowledge_note_change(text, bigint[]);"
)


def note_changes_of(table: str, kind: str, touched: str) -> str:
    triggers = "".join(
        f"CREATE TRIGGER knowledge_{table}_{act.lower()}_is_noted AFTER {act}"
        f" ON knowledge_{table} REFERENCING {side} TABLE AS changed"
        f" FOR EACH STATEMENT EXECUTE FUNCTION knowledge_note_{table}();"
        for act, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    )
    return (
        f"CREATE FUNCTION knowledge_note_{table}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN PERFORM knowledge_note_change('{kind}', ARRAY({touched}));"
        f" RETURN NULL; END $$; {triggers}"
    )


# Those that are here already are noted once, and so indexed.
NOTE_ALL = "SELECT knowledge_note_change('PIECE', ARRAY(SELECT id FROM knowledge_piece))"

# A role that sees only what the sight of this transaction reaches: see
# knowledge.queries.seeing, of which this is the second lock.
READER = """
DO $$ BEGIN
    CREATE ROLE partage_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    IF NOT pg_has_role(current_user, 'partage_reader', 'MEMBER') THEN
        GRANT partage_reader TO CURRENT_USER;
    END IF;
END $$;
DO $$ BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO partage_reader', current_schema());
END $$;
GRANT SELECT ON knowledge_piece, knowledge_version, knowledge_page TO partage_reader;
ALTER TABLE knowledge_piece ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_page ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION knowledge_inside(organisation bigint, author bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(organisation = ANY (
        nullif(current_setting('partage.organisations', true), '')::bigint[]), false)
    OR coalesce(
        author = nullif(current_setting('partage.author', true), '')::bigint, false)
$$;
CREATE POLICY piece_is_seen ON knowledge_piece FOR SELECT TO partage_reader USING (
    current_setting('partage.everything', true) = 'on'
    OR status = 'RELEASED' AND (
        confidentiality = 'MEMBERS'
        OR current_setting('partage.house', true) = 'on'
        OR knowledge_inside(organisation_id, author_id))
    OR status = 'WALLED' AND knowledge_inside(organisation_id, author_id)
);
CREATE POLICY version_is_seen ON knowledge_version FOR SELECT TO partage_reader USING (
    is_shown AND EXISTS (SELECT 1 FROM knowledge_piece p WHERE p.id = piece_id)
);
CREATE POLICY page_is_seen ON knowledge_page FOR SELECT TO partage_reader USING (
    EXISTS (SELECT 1 FROM knowledge_version v WHERE v.id = version_id)
);
"""
# The role stays: other databases of the server may use it.
NO_READER = """
DROP POLICY page_is_seen ON knowledge_page;
DROP POLICY version_is_seen ON knowledge_version;
DROP POLICY piece_is_seen ON knowledge_piece;
DROP FUNCTION knowledge_inside(bigint, bigint);
ALTER TABLE knowledge_piece DISABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_version DISABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_page DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON knowledge_piece, knowledge_version, knowledge_page FROM partage_reader;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('experts', '0003_protected_time'),
        ('knowledge', '0003_release_gate'),
    ]

    operations = [
        migrations.CreateModel(
            name='Concept',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='remarque')),
            ],
            options={
                'verbose_name': 'notion',
                'verbose_name_plural': 'notions',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[('PIECE', 'savoir'), ('CONCEPT', 'notion'), ('ALL', 'tout le réservoir')], max_length=8, verbose_name='objet')),
                ('number', models.BigIntegerField(verbose_name='numéro')),
                ('xid', models.BigIntegerField(verbose_name='transaction')),
            ],
            options={
                'verbose_name': 'changement',
                'verbose_name_plural': 'changements',
                'indexes': [models.Index(fields=['xid'], name='change_xid')],
                'constraints': [models.UniqueConstraint(fields=('subject', 'number'), name='one_change_of_a_subject')],
            },
        ),
        migrations.CreateModel(
            name='Miss',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=100, verbose_name='mots')),
                ('on', models.DateField(verbose_name='date')),
                ('times', models.PositiveIntegerField(default=1, verbose_name='fois')),
                ('field', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='experts.field', verbose_name='domaine')),
            ],
            options={
                'verbose_name': 'recherche vaine',
                'verbose_name_plural': 'recherches vaines',
                'constraints': [models.UniqueConstraint(fields=('words', 'field', 'on'), name='one_miss_of_words_a_day', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Term',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=100, verbose_name='terme')),
                ('language', models.CharField(choices=[('fr', 'français'), ('en', 'anglais')], max_length=2, verbose_name='langue')),
                ('folded', models.CharField(editable=False, max_length=100)),
                ('concept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='knowledge.concept', verbose_name='notion')),
            ],
            options={
                'verbose_name': 'terme',
                'verbose_name_plural': 'termes',
                'ordering': ['concept', '-language', 'id'],
                'constraints': [models.UniqueConstraint(fields=('concept', 'folded'), name='term_once_in_a_concept')],
            },
        ),
        migrations.RunSQL(
            NOTE + "".join(note_changes_of(t, *each) for t, each in TOUCHED.items()),
            FORGET,
        ),
        migrations.RunSQL(NOTE_ALL, migrations.RunSQL.noop),
        migrations.RunSQL(READER, NO_READER),
    ]
