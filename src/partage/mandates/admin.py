from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.mandates.models import (
    Answer,
    Deliverable,
    Mandate,
    Milestone,
    Offer,
    OfferLine,
    OfferPhase,
    OfferTax,
    Satisfaction,
    TeamMember,
)

admin.site.register(
    [
        Answer,
        Deliverable,
        Mandate,
        Milestone,
        Offer,
        OfferLine,
        OfferPhase,
        OfferTax,
        Satisfaction,
        TeamMember,
    ],
    LookOnly,
)
