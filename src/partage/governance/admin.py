from django.contrib import admin

from partage.governance.models import Cooperative, Meeting, Resolution
from partage.journal.admin import LookOnly

admin.site.register([Cooperative, Meeting, Resolution], LookOnly)
