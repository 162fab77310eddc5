from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.members.models import (
    Membership,
    Organisation,
    Representation,
    ShareMovement,
)

admin.site.register([Membership, Organisation, Representation, ShareMovement], LookOnly)
