from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.needs.models import Attachment, Need, Part, Triage

admin.site.register([Attachment, Need, Part, Triage], LookOnly)
