"""The register of anonymisations."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.anonymisations import show_register


@allow(Role.BOARD)
def anonymisations(request: HttpRequest) -> HttpResponse:
    return show_register(request)


urls = [path("anonymisations/", anonymisations, name="anonymisations")]
