from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.people.models import User


@admin.register(User)
class UserAdmin(LookOnly):
    list_display = ["email", "name", "language", "is_active"]
    search_fields = ["email", "name"]
    exclude = ["password"]
