from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.timesheets.models import (
    Activity,
    Expense,
    LockedMonth,
    TimeEntry,
    Trip,
    Week,
)

admin.site.register([Expense, LockedMonth, TimeEntry, Trip, Week], LookOnly)
admin.site.register([Activity], Parameter)
