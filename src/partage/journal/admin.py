from django.contrib import admin

from partage.journal import actions as journal
from partage.journal.models import Entry


class Seen(admin.ModelAdmin):
    """Rows that whoever may enter the tables may look at: the site is the guard."""

    def has_module_permission(self, request):
        return True

    def has_view_permission(self, request, obj=None):
        return True

    def has_delete_permission(self, request, obj=None):
        return False


class LookOnly(Seen):
    """Rows that only acts may write: to be looked at, never touched here."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class Parameter(Seen):
    """Rows that an administrator sets (kinds, sources), with a journal entry."""

    def has_add_permission(self, request):
        return True

    def has_change_permission(self, request, obj=None):
        return True

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        journal.record(
            what=f"{obj._meta.app_label}.parameter.{'changed' if change else 'added'}",
            subject=obj,
            by=request.who.by,
            fields={name: str(form.cleaned_data[name]) for name in form.changed_data},
        )


@admin.register(Entry)
class EntryAdmin(LookOnly):
    list_display = ["happened_at", "actor_name", "what", "subject", "subject_id"]
    list_filter = ["subject"]
    search_fields = ["what", "actor_name"]
