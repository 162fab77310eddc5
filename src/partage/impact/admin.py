from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.impact.models import AvoidedTrip, EmissionFactor

admin.site.register([AvoidedTrip], LookOnly)
admin.site.register([EmissionFactor], Parameter)
