"""All the addresses of this house."""

from django.urls import include, path

urlpatterns = [
    path("", include("partage.portal.urls")),
]
