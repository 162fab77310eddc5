from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.knowledge.models import (
    Anonymisation,
    Consent,
    DeliverableType,
    Page,
    Piece,
    Release,
    Replacement,
    Reuse,
    Version,
)

admin.site.register(
    [Anonymisation, Consent, Page, Piece, Release, Replacement, Reuse, Version],
    LookOnly,
)
admin.site.register([DeliverableType], Parameter)
