from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.tariffs.models import HourlyRate, MileageRate, RateCard, TaxRate

admin.site.register([HourlyRate, RateCard], LookOnly)
admin.site.register([MileageRate, TaxRate], Parameter)
