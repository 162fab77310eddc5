from django.contrib import admin

from partage.impact.models import AvoidedTrip, EmissionFactor
from partage.journal.admin import LookOnly, Parameter

admin.site.register([AvoidedTrip], LookOnly)
admin.site.register([EmissionFactor], Parameter)
