"""Before: a payment is recorded by hand. After: also from a bank's file of deposits.

Safe while the old code runs: new tables, and a nullable column it does not write.
Lock and time: a short lock on payments. Next step: none. Way back: reverse it; the
deposits are lost, the payments stay.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0001_initial'),
        ('billing', '0004_adjustments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='empreinte')),
                ('source', models.CharField(choices=[('OFX', 'OFX'), ('CSV', 'CSV')], max_length=3, verbose_name='format')),
                ('account', models.CharField(blank=True, max_length=40, verbose_name='compte')),
                ('first_on', models.DateField(verbose_name='du')),
                ('last_on', models.DateField(verbose_name='au')),
                ('withdrawals', models.PositiveIntegerField(default=0, verbose_name='retraits laissés de côté')),
                ('known', models.PositiveIntegerField(default=0, verbose_name='dépôts déjà là')),
                ('brought_at', models.DateTimeField(verbose_name='apporté le')),
                ('brought_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='archive.file', verbose_name='fichier')),
            ],
            options={
                'verbose_name': 'fichier bancaire',
                'verbose_name_plural': 'fichiers bancaires',
                'ordering': ['-brought_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Deposit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(blank=True, max_length=40, verbose_name='compte')),
                ('fingerprint', models.CharField(max_length=120, verbose_name='empreinte')),
                ('on', models.DateField(verbose_name='reçu le')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='montant ($)')),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='ce que dit la banque')),
                ('cheque', models.CharField(blank=True, max_length=20, verbose_name='numéro de chèque')),
                ('status', models.CharField(choices=[('WAITING', 'à confirmer'), ('MATCHED', 'rapproché'), ('ASIDE', 'écarté')], default='WAITING', max_length=8, verbose_name='état')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='pourquoi il est écarté')),
                ('bank_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deposits', to='billing.bankfile', verbose_name='fichier bancaire')),
            ],
            options={
                'verbose_name': 'dépôt',
                'verbose_name_plural': 'dépôts',
                'ordering': ['on', 'id'],
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='deposit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='billing.deposit', verbose_name='dépôt'),
        ),
        migrations.AddIndex(
            model_name='deposit',
            index=models.Index(fields=['status', 'on'], name='deposit_status'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.UniqueConstraint(fields=('account', 'fingerprint'), name='deposit_brought_once'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='deposit_is_received'),
        ),
    ]
