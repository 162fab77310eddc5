"""Before: what is late is only seen. After: it is reminded, by steps one can choose.

Safe while the old code runs: new tables, which it does not know. Lock and time: none.
Next step: none. Way back: reverse it; what was sent is forgotten, the journal keeps it.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0001_initial'),
        ('billing', '0006_books'),
        ('members', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReminderStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.SmallIntegerField(verbose_name='jours après l’échéance')),
                ('tone', models.CharField(choices=[('COURTEOUS', 'courtois'), ('FIRM', 'ferme'), ('FINAL', 'dernier avis')], max_length=9, verbose_name='ton')),
                ('recipient', models.CharField(choices=[('BILLING', 'l’adresse de l’organisation'), ('SIGNERS', 'ceux qui signent pour elle'), ('BOTH', 'les deux')], default='BILLING', max_length=8, verbose_name='à qui')),
                ('automatic', models.BooleanField(default=False, verbose_name='part seul')),
                ('starts_on', models.DateField(verbose_name='du')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='au')),
            ],
            options={
                'verbose_name': 'étape de rappel',
                'verbose_name_plural': 'étapes de rappel',
                'ordering': ['days', 'starts_on'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ends_on', None)), fields=('days',), name='one_reminder_step_a_day'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='reminder_step_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='ReminderHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200, verbose_name='pourquoi')),
                ('since', models.DateField(verbose_name='depuis le')),
                ('until', models.DateField(blank=True, null=True, verbose_name='jusqu’au')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'suspension des rappels',
                'verbose_name_plural': 'suspensions des rappels',
                'ordering': ['-since', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('organisation',), name='reminders_held_once')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_on', models.DateField(verbose_name='envoyé le')),
                ('balance', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='solde ($)')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='billing.invoice', verbose_name='facture')),
                ('pdf', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='archive.file', verbose_name='lettre')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.reminderstep', verbose_name='étape de rappel')),
            ],
            options={
                'verbose_name': 'rappel',
                'verbose_name_plural': 'rappels',
                'ordering': ['-sent_on', '-id'],
                'constraints': [models.UniqueConstraint(fields=('invoice', 'step'), name='reminded_once_a_step')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reminder',
            trigger=pgtrigger.compiler.Trigger(name='reminder_is_written_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c4deb8ba4c42d284f643e32d9d17df95cc57e877', operation='UPDATE OR DELETE', pgid='pgtrigger_reminder_is_written_once_39a7c', table='billing_reminder', when='BEFORE')),
        ),
    ]
