from django.contrib import admin

from partage.journal.admin import Parameter
from partage.agreements.models import Agreement, CoveredField, HourBank

admin.site.register([Agreement, CoveredField, HourBank], Parameter)
