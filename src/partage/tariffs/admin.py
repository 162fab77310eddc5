from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.tariffs.models import HourlyRate, MileageRate, RateCard, TaxRate

admin.site.register([HourlyRate, MileageRate, RateCard, TaxRate], LookOnly)
