from django.contrib import admin

from partage.importing.models import Import, ImportedRow
from partage.journal.admin import LookOnly

admin.site.register([Import, ImportedRow], LookOnly)
