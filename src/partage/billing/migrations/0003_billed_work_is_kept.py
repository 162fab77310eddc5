"""Before: billed time, trips and expenses can be changed. After: they cannot.

Work in a draft is held too: leave its line out of the draft to correct it. The
triggers stand here, downstream of the tables that they guard, because only billing
knows what is billed. Safe while the old code runs: it never changes billed work.
Lock and time: a short lock on three tables. Next step: none. Way back: reverse it.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION billing_keep_billed_work() RETURNS trigger AS $$
DECLARE billed boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT 1 FROM billing_invoicedwork'
        ' WHERE %I = $1 AND NOT released)', TG_ARGV[0]
    ) INTO billed USING OLD.id;
    IF billed THEN
        RAISE EXCEPTION 'billed work never changes: % %', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billed_work_is_kept';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
"""
WORK = {"timeentry": "time_id", "trip": "trip_id", "expense": "expense_id"}


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0002_work_is_billed_once'),
        ('timesheets', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION billing_keep_billed_work()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER billed_work_is_kept BEFORE UPDATE OR DELETE"
                f" ON timesheets_{table} FOR EACH ROW"
                f" EXECUTE FUNCTION billing_keep_billed_work('{column}')",
                f"DROP TRIGGER billed_work_is_kept ON timesheets_{table}",
            )
            for table, column in WORK.items()
        ),
    ]
