from django.contrib import admin

from partage.governance.models import Cooperative, Meeting, Resolution
from partage.journal.admin import LookOnly, Parameter

admin.site.register([Meeting, Resolution], LookOnly)
admin.site.register([Cooperative], Parameter)
