"""Before: what an invoice must show stands in the code. After: in dated rows.

Safe while the old code runs: it reads none of them. Lock and time: an empty table.
Next step: load the reference again, or set the amounts in Administration; until then
each invoice shows all. Way back: reverse it.
"""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0010_hour_banks'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContentRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(unique=True, verbose_name='depuis le')),
                ('registrations_from', models.DecimalField(decimal_places=2, max_digits=8, verbose_name='numéros d’inscription dès ($)')),
                ('purchaser_from', models.DecimalField(decimal_places=2, max_digits=8, verbose_name='acheteur, modalités et description dès ($)')),
                ('source', models.CharField(max_length=200, verbose_name='source')),
            ],
            options={
                'verbose_name': 'règle de contenu',
                'verbose_name_plural': 'règles de contenu',
                'ordering': ['-starts_on'],
                'constraints': [models.CheckConstraint(condition=models.Q(('purchaser_from__gte', models.F('registrations_from')), ('registrations_from__gte', 0)), name='content_rule_rises_with_the_amount')],
            },
        ),
    ]
