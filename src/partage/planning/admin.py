from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.planning import models

admin.site.register(
    [getattr(models, name) for name in models.__all__],
    LookOnly,
)
