"""The portal's addresses. Each door adds its own under its French word."""

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from partage.portal import (
    converters,  # noqa: F401  registers <date:> and <month:>
    home,
    me,
)
from partage.portal.administration.urls import tables

urlpatterns = [
    path("", home.home, name="home"),
    path("langue", set_language, name="set_language"),
    path("compte/moi", me.mine, name="me"),
    path("compte/", include("allauth.urls")),
    path("membre/", include("partage.portal.member.urls")),
    path("expert/", include("partage.portal.expert.urls")),
    path("coordination/", include("partage.portal.coordination.urls")),
    path("finances/", include("partage.portal.finance.urls")),
    path("conseil/", include("partage.portal.board.urls")),
    tables,
    path("administration/", include("partage.portal.administration.urls")),
]
if settings.DEBUG:
    urlpatterns += [path("", include("partage.portal.gallery"))]
