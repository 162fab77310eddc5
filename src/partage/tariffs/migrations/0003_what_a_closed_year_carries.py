"""Before: no parameter is below zero. After: what a closed year carries to rates may be.

A surplus that the general meeting carries lowers the next rates: a parameter of the
budget says by how much an hour, and a part of the rate tells it. Safe while the old
code runs: it writes neither. Lock and time: a table of some tens of rows is read once.
Next step: none. Way back: reverse it once no budget carries a surplus.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tariffs', '0002_what_a_year_costs'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='parameter',
            name='parameter_is_not_negative',
        ),
        migrations.AlterField(
            model_name='parameter',
            name='code',
            field=models.CharField(choices=[('PRACTICAL_SHARE', 'part du temps présent qui est pratique'), ('LEAVE_DAYS', 'jours d’absence prévus par personne'), ('UNUSED_IN_RATES', 'part de l’inutilisé mise dans les taux'), ('LEVEL_1', 'poids d’une heure de débutant'), ('LEVEL_2', 'poids d’une heure d’intermédiaire'), ('LEVEL_3', 'poids d’une heure de sénior'), ('ROUNDING', 'taux arrondis aux ($)'), ('CARRIED', 'report d’un exercice clos ($/h)'), ('LEAST_PEOPLE', 'personnes qu’un chiffre montré doit couvrir')], max_length=20, verbose_name='paramètre'),
        ),
        migrations.AlterField(
            model_name='ratepart',
            name='kind',
            field=models.CharField(choices=[('pay', 'salaires'), ('charges', 'charges sociales'), ('direct', 'frais directs'), ('shared', 'frais communs'), ('knowledge', 'savoir'), ('unused', 'capacité inutilisée'), ('carried', 'report d’un exercice'), ('rounding', 'arrondi de la grille')], max_length=10, verbose_name='nature'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0), ('code', 'CARRIED'), _connector='OR'), name='parameter_is_not_negative'),
        ),
    ]
