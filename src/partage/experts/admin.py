from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.experts.models import Absence, Conflict, Expert, Field, Licence, PracticeRule, Schedule, Skill

admin.site.register([Absence, Conflict, Expert, Licence, Schedule, Skill], LookOnly)
admin.site.register([Field, PracticeRule], Parameter)
