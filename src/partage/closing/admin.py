from django.contrib import admin

from partage.closing.models import YearEnd
from partage.journal.admin import LookOnly

admin.site.register([YearEnd], LookOnly)
