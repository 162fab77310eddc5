from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.balance.models import Reading

admin.site.register([Reading], LookOnly)
