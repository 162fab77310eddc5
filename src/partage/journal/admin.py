from django.contrib import admin
from django.utils import timezone

from partage.journal import actions as journal
from partage.journal.actions import Actor
from partage.journal.models import Entry


class LookOnly(admin.ModelAdmin):
    """Rows that only acts may write: to be looked at, never touched here."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class Parameter(admin.ModelAdmin):
    """Rows that an administrator sets (rates, rules, sources), with a journal entry."""

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        journal.record(
            what=f"{obj._meta.app_label}.parameter.{'changed' if change else 'added'}",
            subject=obj,
            by=Actor(
                user_id=request.user.pk,
                name=str(request.user),
                at=timezone.now(),
                address=request.META.get("REMOTE_ADDR"),
            ),
            fields={name: str(form.cleaned_data[name]) for name in form.changed_data},
        )


@admin.register(Entry)
class EntryAdmin(LookOnly):
    list_display = ["happened_at", "actor_name", "what", "subject", "subject_id"]
    list_filter = ["subject"]
    search_fields = ["what", "actor_name"]
