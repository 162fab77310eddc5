from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.governance.models import Cooperative, Meeting, Resolution

admin.site.register([Meeting, Resolution], LookOnly)
admin.site.register([Cooperative], Parameter)
