"""Files: kept as they came, and swept when nothing speaks of them."""

from datetime import timedelta

import pytest

from partage.archive.actions import keep_file, sweep_files
from partage.archive.models import File
from partage.archive.queries import abandoned
from partage.journal.models import Entry
from partage.needs.models import Attachment
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return builders.actor()


def later(by, days):
    return builders.actor(
        builders.user(name="Ève Roy"), at=by.at + timedelta(days=days)
    )


class TestSweepFiles:
    def test_takes_what_no_form_sent_after_a_week_and_says_so_in_the_journal(self, by):
        attached = keep_file(name="bail.pdf", content=b"%PDF bail", by=by)
        Attachment.objects.create(need=builders.need(), file=attached)
        waiting = keep_file(name="plan.png", content=b"\x89PNG", by=by)

        assert sweep_files(by=later(by, 6)) == 0
        assert sweep_files(by=later(by, 8)) == 1

        assert list(File.objects.all()) == [attached]
        entry = Entry.objects.get(what="archive.file.swept")
        assert (entry.subject_id, entry.details["name"]) == (waiting.pk, "plan.png")
        assert entry.details["sha256"] == waiting.sha256

    def test_asks_every_room_that_can_speak_of_a_file(self, by):
        asked = str(abandoned(by.at).query)

        pointing = [
            field
            for model in File._meta.apps.get_models()
            for field in model._meta.get_fields()
            if getattr(field, "concrete", False) and field.related_model is File
        ]
        assert len(pointing) >= 10
        for field in pointing:
            table = field.model._meta.db_table
            assert f'FROM "{table}"' in asked, table
