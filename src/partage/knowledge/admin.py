from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.knowledge import models

admin.site.register(
    [
        models.Anonymisation,
        models.Change,
        models.Consent,
        models.Miss,
        models.Page,
        models.Piece,
        models.Release,
        models.Replacement,
        models.Reuse,
        models.Version,
    ],
    LookOnly,
)
admin.site.register([models.Concept, models.DeliverableType, models.Term], Parameter)
