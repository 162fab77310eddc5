from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.knowledge.models import DeliverableType, Piece, Reuse

admin.site.register([Piece, Reuse], LookOnly)
admin.site.register([DeliverableType], Parameter)
