"""What the meeting resolved is written once, and taken back without erasing."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from partage.billing.models import Invoice
from partage.closing.actions import (
    recommend,
    reopen_year,
    start_posting,
)
from partage.closing.actions.deciding import (
    NotAGeneralMeeting,
    NotAt,
    ResolutionSilent,
)
from partage.closing.actions.posting import (
    DraftsRemain,
    HoursNotApproved,
    ReasonMissing,
    WorkToBill,
    YearNotClosed,
)
from partage.closing.actions.running import RunUnderWay
from partage.closing.models import (
    Posting,
    Proposal,
    ReserveMovement,
    Run,
    YearEnd,
    YearStatement,
)
from partage.closing.queries import held, ledgers
from partage.closing.queries.checks import checks_of
from partage.journal.models import Entry
from partage.tariffs.models import CostModel
from partage.timesheets.models import LockedMonth, Week
from tests import builders
from tests.rooms.closing.conftest import (
    adopted,
    compute,
    fund,
    post,
    propose,
    resolve,
    run,
)

AG = {"number": "AG-2026-09-01", "text": "Rouvrir l’exercice 2024-2025."}


@pytest.fixture
def proposal(year):
    """A surplus of 70 $, of which 39.10 $ go back to members."""
    fund("115970.00")
    return adopted(year)


class TestPosting:
    def test_writes_documents_reserves_and_statements_then_closes(self, proposal):
        done = post(proposal)
        assert done.status == Run.Status.DONE, done.message
        assert sum(Posting.objects.values_list("amount", flat=True)) == Decimal("39.10")
        # What is given back bears the taxes of each province: QC 14.975 %, NB 15 %.
        notes = Invoice.objects.filter(kind="CREDIT").order_by("province")
        assert [(one.province, one.net, one.total) for one in notes] == [
            ("NB", Decimal("-15.64"), Decimal("-17.99")),
            ("QC", Decimal("-23.46"), Decimal("-26.97")),
        ]
        assert notes[0].lines.get().description.startswith("Right-cost adjustment")
        assert held() == {
            "RESERVE": Decimal("6.18"),
            "STABILISATION": Decimal("24.72"),
            "CARRIED": Decimal("0.00"),
        }
        assert YearStatement.objects.filter(proposal=proposal).count() == 2
        year = YearEnd.objects.get()
        assert (year.status, year.minutes, year.resolution.number) == (
            "CLOSED",
            600,
            "AG-2025-06-03",
        )
        assert LockedMonth.objects.count() == 12
        assert CostModel.objects.get().frozen_at
        checks = checks_of(proposal.computation, Proposal.objects.get())
        assert [one.pair.name for one in checks if not one.holds] == []
        assert len(checks) == 10

    def test_asks_for_a_deficit_with_invoices(self, year):
        assert post(adopted(year)).status == Run.Status.DONE
        owed = Invoice.objects.filter(period_start=date(2024, 4, 1))
        assert sum(one.net for one in owed) == 130
        assert {one.kind for one in owed} == {"INVOICE"}

    def test_carries_the_rest_to_the_next_rates(self, year):
        fund("115970.00")
        post(adopted(year, adjusted="0", carried="1"))
        assert held()["CARRIED"] == Decimal("25.10")
        # Nothing to adjust: each member is written all the same, without a document.
        assert list(Posting.objects.values_list("amount", "invoice")) == [(0, None)] * 2

    def test_tells_every_member(self, proposal):
        post(proposal)
        entries = Entry.objects.filter(what="closing.member.posted")
        assert {one.details["amount"] for one in entries} == {"23.46", "15.64"}

    def test_measures_the_year_again_before_the_first_line(self, proposal):
        fund("115971.00")
        done = post(proposal)
        assert done.status == Run.Status.REFUSED
        assert "a bougé" in done.message
        assert not Posting.objects.exists()
        assert not ReserveMovement.objects.exists()
        assert Proposal.objects.get().status == Proposal.Status.ADOPTED

    def test_is_for_an_adopted_proposal_alone(self, year):
        compute(year)
        scenario = propose(year)
        for _again in range(2):
            with pytest.raises(NotAt):
                start_posting(proposal_id=scenario.pk, by=builders.actor())
            scenario.refresh_from_db()
            if scenario.status == Proposal.Status.DRAFT:
                recommend(proposal_id=scenario.pk, by=builders.actor())

    def test_waits_for_hours_drafts_and_work_to_bill(self, proposal, people):
        mandate = builders.mandate(people["expert"], org=people["moncton"])
        entry = builders.worked(people["expert"], mandate, 15, date(2025, 3, 12))
        Week.objects.filter(pk=entry.week_id).update(status="SUBMITTED")
        with pytest.raises(HoursNotApproved):
            start_posting(proposal_id=proposal.pk, by=builders.actor())
        Week.objects.filter(pk=entry.week_id).update(status="APPROVED")
        with pytest.raises(WorkToBill):
            start_posting(proposal_id=proposal.pk, by=builders.actor())
        builders.draft(on=mandate)
        with pytest.raises(DraftsRemain):
            start_posting(proposal_id=proposal.pk, by=builders.actor())
        assert not LockedMonth.objects.exists()

    def test_two_treasurers_start_one_run(self, proposal):
        start_posting(proposal_id=proposal.pk, by=builders.actor())
        with pytest.raises(RunUnderWay, match="écriture"):
            start_posting(proposal_id=proposal.pk, by=builders.actor())


class TestTheDatabase:
    def test_lets_nothing_be_written_without_the_resolution(self, year):
        compute(year)
        scenario = propose(year)
        for status in ("DRAFT", "RECOMMENDED", "ON_AGENDA"):
            Proposal.objects.filter(pk=scenario.pk).update(status=status)
            with pytest.raises(DatabaseError, match="no adopted"), transaction.atomic():
                ReserveMovement.objects.create(
                    fund="RESERVE", on=date(2025, 4, 7), amount=5, proposal=scenario
                )

    def test_nor_by_a_resolution_of_the_board(self, proposal):
        board = resolve(proposal, body="BOARD", number="CA-1")
        Proposal.objects.update(resolution=board, status="POSTING")
        with pytest.raises(DatabaseError, match="no adopted"), transaction.atomic():
            Posting.objects.create(
                proposal=proposal,
                member_year=proposal.computation.years.first(),
                amount=0,
                posted_at=builders.NOW,
            )

    def test_keeps_postings_reserves_and_the_closed_year_as_they_are(self, proposal):
        post(proposal)
        for rows in (Posting, ReserveMovement, YearStatement):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.objects.all().delete()
        for change in ({"minutes": 1}, {"status": "OPEN", "closed_at": None}):
            with pytest.raises(DatabaseError), transaction.atomic():
                YearEnd.objects.update(**change)

    def test_writes_a_member_once_a_proposal(self, proposal):
        post(proposal)
        one = Posting.objects.first()
        Proposal.objects.update(status="POSTING")
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.create(
                proposal=proposal,
                member_year=one.member_year,
                amount=one.amount,
                posted_at=builders.NOW,
            )


class TestReopening:
    def reopen(self, reason="Une facture de mars manquait.", **resolution):
        proposal = Proposal.objects.get()
        found = resolve(proposal, **(AG | resolution))
        return reopen_year(
            year_id=proposal.year_id,
            reason=reason,
            resolution_id=found.pk,
            by=builders.actor(),
        )

    def test_writes_the_contrary_of_each_line_and_erases_none(self, proposal):
        post(proposal)
        row = self.reopen()
        done = run(Run.objects.filter(kind="REVERSE").get())
        assert done.status == Run.Status.DONE, done.message
        assert Posting.objects.count() == 4
        assert sum(Posting.objects.values_list("amount", flat=True)) == 0
        adjusted = Invoice.objects.filter(period_start=date(2024, 4, 1))
        assert adjusted.count() == 4
        assert sum(one.total for one in adjusted) == 0
        assert set(held().values()) == {0}
        assert [line.balance for line in ledgers()["RESERVE"]] == [Decimal("6.18"), 0]
        year = YearEnd.objects.get()
        assert (year.status, year.resolution) == ("OPEN", None)
        assert row.reason == "Une facture de mars manquait."
        assert Entry.objects.filter(what="closing.year.reopened").count() == 1
        assert Proposal.objects.get().status == Proposal.Status.REVERSED
        assert CostModel.objects.get().frozen_at is None

    def test_lets_the_year_be_closed_again_by_another_proposal(self, proposal):
        post(proposal)
        self.reopen()
        run(Run.objects.filter(kind="REVERSE").get())
        fund("115980.00")
        second = compute(proposal.year)
        assert (second.number, second.surplus) == (2, 80)
        again = propose(proposal.year)
        recommend(proposal_id=again.pk, by=builders.actor())
        resolution = resolve(again, number="AG-2026-09-02")
        from partage.closing.actions import adopt

        adopt(proposal_id=again.pk, resolution_id=resolution.pk, by=builders.actor())
        assert post(again).status == Run.Status.DONE
        assert YearEnd.objects.get().status == "CLOSED"
        assert held()["RESERVE"] == again.reserve

    def test_needs_a_reason_and_a_resolution_that_names_the_year(self, proposal):
        with pytest.raises(YearNotClosed):
            self.reopen()
        post(proposal)
        with pytest.raises(ReasonMissing):
            self.reopen(reason=" ", number="AG-a")
        with pytest.raises(NotAGeneralMeeting):
            self.reopen(body="BOARD", number="CA-b")
        with pytest.raises(ResolutionSilent):
            self.reopen(text="Rouvrir l’exercice.", number="AG-c")
        # Not by the resolution that closed it, even if it names the year.
        with pytest.raises(ResolutionSilent):
            reopen_year(
                year_id=proposal.year_id,
                reason="Encore",
                resolution_id=proposal.resolution_id,
                by=builders.actor(),
            )
        assert YearEnd.objects.get().status == "CLOSED"


KILLED = """
import os, signal, django
django.setup()
from django.conf import settings
from partage.closing.actions import posting, work
from tests import builders
whole, done = posting.post_member, []
def killed(**facts):
    if len(done) == {after}:
        if {inside}:
            from django.db import transaction
            with transaction.atomic():
                whole(**facts)
                os.kill(os.getpid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(whole(**facts))
posting.post_member = killed
work({run}, at=builders.NOW)
"""


@pytest.mark.django_db(transaction=True)
class TestAKill:
    """A process is really killed; another takes the posting up where it was."""

    @pytest.mark.parametrize(("after", "inside"), [(0, False), (1, False), (1, True)])
    def test_in_the_middle_loses_nothing_and_doubles_nothing(
        self, proposal, after, inside
    ):
        started = start_posting(proposal_id=proposal.pk, by=builders.actor())
        code = KILLED.format(run=started.pk, after=after, inside=inside)
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ
            | {
                "DATABASE_URL": _url(),
                "DJANGO_SETTINGS_MODULE": "partage.config.settings",
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL
        assert Posting.objects.count() == after
        _wait_for_the_server_to_notice(proposal.year_id)
        done = post(proposal)
        assert done.status == Run.Status.DONE, done.message
        assert Posting.objects.count() == 2
        assert Invoice.objects.filter(kind="CREDIT").count() == 2
        assert ReserveMovement.objects.count() == 2
        numbers = sorted(
            Invoice.objects.filter(number__isnull=False).values_list(
                "number", flat=True
            )
        )
        assert numbers == [1, 2, 3, 4]
        checks = checks_of(proposal.computation, Proposal.objects.get())
        assert [one.pair.name for one in checks if not one.holds] == []


def _url() -> str:
    """The address of this test's own database, for another process."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(url._replace(path="/" + connection.settings_dict["NAME"]))


def _wait_for_the_server_to_notice(year_id: int) -> None:
    """The server ends the session of a killed process a moment later."""
    from partage.closing.actions.running import is_held

    for _try in range(100):
        if not is_held(year_id):
            return
        time.sleep(0.05)
