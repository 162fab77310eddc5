from django.contrib import admin

from partage.agreements.models import Agreement, CoveredField, HourBank
from partage.journal.admin import LookOnly

admin.site.register([Agreement, CoveredField, HourBank], LookOnly)
