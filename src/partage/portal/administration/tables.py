"""Django's admin site: every row as it is, for whoever administers."""

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from partage.people.models import Role


class Tables(AdminSite):
    """The tables of the rooms. What only acts may write can only be looked at."""

    site_header = _("Les tables de Partage")
    site_title = _("Tables")
    index_title = _("Toutes les lignes, telles qu’elles sont")
    site_url = "/administration/"

    def has_permission(self, request):
        user = request.user
        return user.is_active and Role.ADMINISTRATION in request.who.roles

    def login(self, request, extra_context=None):
        """Send to the one sign-in page; who is signed in already may not enter."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", "/administration/tables/"))
