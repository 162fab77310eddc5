"""The addresses of Partage, and those that only the tests of the face need."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import include, path

from partage.portal.access import open_to_all


@open_to_all
def forbidden(request):
    raise PermissionDenied


@open_to_all
def broken(request):
    raise RuntimeError("a page that breaks")


@open_to_all
def refused(request):
    return render(
        request, "409.html", {"refused": "La facture 12 est émise."}, status=409
    )


urlpatterns = [
    path("", include("partage.config.urls")),
    path("", include("partage.portal.gallery")),
    path("interdite", forbidden),
    path("cassee", broken),
    path("refusee", refused),
]
