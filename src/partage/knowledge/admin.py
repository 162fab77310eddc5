from django.contrib import admin

from partage.journal.admin import LookOnly, Parameter
from partage.knowledge.models import DeliverableType, Page, Piece, Reuse, Version

admin.site.register([Page, Piece, Reuse, Version], LookOnly)
admin.site.register([DeliverableType], Parameter)
