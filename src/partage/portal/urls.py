"""The portal's addresses. Each door adds its own under its French word."""

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from partage.portal import home

urlpatterns = [
    path("", home.home, name="home"),
    path("langue", set_language, name="set_language"),
    path("compte/", include("allauth.urls")),
]
if settings.DEBUG:
    urlpatterns += [path("", include("partage.portal.gallery"))]
