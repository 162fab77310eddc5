"""A conflict of interest keeps an expert away from what came from an organisation.

Before: the reader's role saw what an expert wrote, whatever he declared since. After:
it sees nothing of the organisations that the transaction names as barred, but what is
shared with all members. Safe while the old code runs: it names none. Lock and time: a
function, and a policy changed under a short lock. Next step: none. Way back: reverse
it.
"""

from django.db import migrations

BARRED = """
CREATE FUNCTION knowledge_barred(organisation bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(organisation = ANY (
        nullif(current_setting('partage.barred', true), '')::bigint[]), false)
$$;
ALTER POLICY piece_is_seen ON knowledge_piece USING (
    current_setting('partage.everything', true) = 'on'
    OR status = 'RELEASED' AND confidentiality = 'MEMBERS'
    OR NOT knowledge_barred(organisation_id) AND (
        status = 'RELEASED' AND (
            current_setting('partage.house', true) = 'on'
            OR knowledge_inside(organisation_id, author_id))
        OR status = 'WALLED' AND knowledge_inside(organisation_id, author_id))
);
"""
AS_BEFORE = """
ALTER POLICY piece_is_seen ON knowledge_piece USING (
    current_setting('partage.everything', true) = 'on'
    OR status = 'RELEASED' AND (
        confidentiality = 'MEMBERS'
        OR current_setting('partage.house', true) = 'on'
        OR knowledge_inside(organisation_id, author_id))
    OR status = 'WALLED' AND knowledge_inside(organisation_id, author_id)
);
DROP FUNCTION knowledge_barred(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0004_finding")]

    operations = [migrations.RunSQL(BARRED, AS_BEFORE)]
