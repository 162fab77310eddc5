from django.contrib import admin

from partage.balance.models import Reading
from partage.journal.admin import LookOnly

admin.site.register([Reading], LookOnly)
