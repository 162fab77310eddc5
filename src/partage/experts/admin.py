from django.contrib import admin

from partage.experts.models import (
    Absence,
    Conflict,
    Expert,
    Field,
    Licence,
    PracticeRule,
    Schedule,
    Skill,
)
from partage.journal.admin import LookOnly, Parameter

admin.site.register([Absence, Conflict, Expert, Licence, Schedule, Skill], LookOnly)
admin.site.register([Field, PracticeRule], Parameter)
