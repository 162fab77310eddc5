from django.contrib import admin

from partage.closing import models
from partage.journal.admin import LookOnly

admin.site.register([getattr(models, name) for name in models.__all__], LookOnly)
