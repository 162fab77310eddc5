"""The database must flow the same way as the imports.

import-linter cannot see a foreign key written as a string, nor a reverse
accessor (`mandate.invoice_set`), and both are ways to look downstream.
"""

import pytest
from django.apps import apps
from django.conf import settings

ORDER = {room: place for place, room in enumerate(settings.ROOMS)}
LINKS = [
    field
    for model in apps.get_models()
    if model._meta.app_label in ORDER
    for field in model._meta.get_fields()
    if field.many_to_one or field.one_to_one or field.many_to_many
    if field.concrete and field.related_model._meta.app_label != model._meta.app_label
    if field.related_model._meta.app_label in ORDER
]


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_a_row_only_points_upstream(link):
    here, there = link.model._meta.app_label, link.related_model._meta.app_label

    assert ORDER[there] < ORDER[here], (
        f"{link} points downstream, from {here} to {there}"
    )


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_an_upstream_row_does_not_know_who_points_at_it(link):
    assert link.remote_field.hidden, f'give {link} related_name="+"'


def test_the_stream_has_links_to_check():
    assert len(LINKS) > 40
