from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.planning.models import Allocation, Assignment, Shortlist

admin.site.register([Allocation, Assignment, Shortlist], LookOnly)
