from django.contrib import admin

from partage.impact.models import AvoidedTrip, EmissionFactor
from partage.journal.admin import LookOnly

admin.site.register([AvoidedTrip, EmissionFactor], LookOnly)
