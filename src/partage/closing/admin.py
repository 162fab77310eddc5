from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.closing.models import YearEnd

admin.site.register([YearEnd], LookOnly)
