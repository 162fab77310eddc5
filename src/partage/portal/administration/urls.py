"""The pages of this door, each module bringing its own."""

from django.contrib import admin
from django.urls import path

from partage.portal.administration import (
    anonymisations,
    home,
    importing,
    journal,
    parameters,
    people,
)

app_name = "administration"
urlpatterns: list = [
    *home.urls,
    *people.urls,
    *parameters.urls,
    *importing.urls,
    *journal.urls,
    *anonymisations.urls,
]
# Mounted by portal/urls.py, beside this door: its names are its own.
tables = path("administration/tables/", admin.site.urls)
