"""Finance and the board close a year; a member reads its own."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from partage.billing.models import Invoice
from partage.closing.actions import work
from partage.closing.models import Computation, MemberYear, Proposal, Run, YearEnd
from partage.governance.actions import call_meeting
from partage.jobs.tasks import closing_run
from partage.people.models import Role
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.rooms.closing.conftest import (
    RULES,
    adopted,
    compute,
    fund,
    house,
    people,
    propose,
    resolve,
    year,
)

__all__ = ["house", "people", "year"]
pytestmark = pytest.mark.django_db


def words_of(response) -> str:
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


@pytest.fixture
def finance(client):
    client.force_login(builders.user(Role.FINANCE))
    return client


@pytest.fixture
def board(client):
    client.force_login(builders.user(Role.BOARD))
    return client


def page_of(row) -> str:
    return reverse("finance:year", args=[row.pk])


def proposal_page(proposal) -> str:
    return reverse("finance:proposal", args=[proposal.year_id, proposal.pk])


def finish_runs() -> Run:
    """Do what is waiting, as the worker would; return the last run."""
    for pk in Run.objects.filter(status="WAITING").values_list("pk", flat=True):
        work(pk, at=builders.NOW)
    return Run.objects.first()


@pytest.fixture
def surplus(year):
    fund("115970.00")
    compute(year)
    return year


class TestTheYearEnd:
    def test_goes_from_the_list_to_a_computation(self, finance, people):
        listed = finance.get(reverse("finance:closing"))
        assert "Un exercice vient de finir" in words_of(listed)
        opened = finance.post(reverse("finance:open_year"), follow=True)
        row = YearEnd.objects.get()
        assert "Coûts inscrits" in words_of(opened)
        wrong = finance.post(
            page_of(row), {"do": "figures", "equity": "5", "debts": "-1", "source": "x"}
        )
        assert wrong.status_code == 409
        assert "Les dettes se donnent au-dessus de zéro" in words_of(wrong)
        assert 'value="-1"' in wrong.content.decode()
        finance.post(
            page_of(row),
            {
                "do": "figures",
                "equity": "600 000",
                "debts": "2000000,00",
                "source": "x",
            },
        )
        assert row.figures.equity == 600_000
        started = finance.post(page_of(row), {"do": "compute"}, follow=True)
        assert "En attente de son tour" in words_of(started)
        closing_run(run_id=Run.objects.get().pk)
        done = words_of(
            finance.get(reverse("finance:run", args=[Run.objects.get().pk]))
        )
        assert "Calcul 1" in done
        shown = words_of(finance.get(page_of(row)))
        assert "Déficit" in shown
        assert "1 230" in shown.replace("\xa0", " ")

    def test_says_why_it_cannot_be_computed(self, finance, year):
        builders.CostModel.objects.all().delete()
        refused = finance.post(page_of(year), {"do": "compute"})
        assert refused.status_code == 409
        assert "Les coûts réels de l’exercice ne sont pas inscrits" in words_of(refused)

    def test_can_be_stopped_while_it_works(self, finance, year):
        finance.post(page_of(year), {"do": "compute"})
        run = Run.objects.get()
        stopped = finance.post(reverse("finance:run", args=[run.pk]), follow=True)
        assert "arrêté" in words_of(stopped)
        assert not Computation.objects.exists()

    def test_shows_what_blocks_it_and_where_to_mend_it(self, finance, surplus, people):
        mandate = builders.mandate(people["expert"], org=people["moncton"])
        builders.worked(
            people["expert"], mandate, 90, date(2025, 3, 19), status="SUBMITTED"
        )
        html = finance.get(page_of(surplus)).content.decode()
        assert "d’une semaine ne sont pas approuvées" in html
        assert reverse("coordination:timesheets") in html


class TestProposals:
    def url(self, year):
        return reverse("finance:proposals", args=[year.pk])

    def test_are_compared_within_the_law(self, finance, surplus):
        finance.post(self.url(surplus), {"do": "usual"})
        shown = words_of(finance.get(self.url(surplus)))
        assert Proposal.objects.count() == 3
        assert "Membre médian" in shown
        assert "sous le seuil, l’obligation tient" in shown
        assert "chemin fermé" in shown
        assert "interdisent les ristournes" in shown

    def test_refuse_more_than_the_whole_and_keep_what_was_typed(self, finance, surplus):
        typed = {"name": "Tout", "band": "3", "adjusted": "70", "carried": "40"}
        refused = finance.post(self.url(surplus), typed)
        assert refused.status_code == 409
        assert "plus de cent pour cent" in words_of(refused)
        assert 'value="Tout"' in refused.content.decode()
        assert finance.post(self.url(surplus), {"name": ""}).status_code == 422
        assert not Proposal.objects.exists()

    def test_of_rebates_are_not_offered_where_they_are_forbidden(
        self, finance, surplus
    ):
        assert 'name="rebates"' not in finance.get(self.url(surplus)).content.decode()
        builders.cooperative(rebates_forbidden=False)
        assert 'name="rebates"' in finance.get(self.url(surplus)).content.decode()

    def test_go_from_the_board_to_the_meeting(self, board, surplus):
        proposal = propose(surplus)
        url = proposal_page(proposal)
        board.post(url, {"do": "recommend", "note": "Pour la stabilité."})
        meeting = call_meeting(
            body="GENERAL", held_on=date(2025, 6, 12), by=builders.actor()
        )
        board.post(url, {"do": "agenda", "meeting": meeting.pk})
        proposal.refresh_from_db()
        assert proposal.meeting == meeting
        silent = resolve(proposal, text="Autre chose.", number="AG-0")
        refused = board.post(url, {"do": "adopt", "resolution": silent.pk})
        assert refused.status_code == 409
        assert "ne nomme pas la proposition" in words_of(refused)
        resolution = resolve(proposal)
        done = board.post(
            url, {"do": "adopt", "resolution": resolution.pk}, follow=True
        )
        assert "Les finances peuvent écrire" in words_of(done)
        # A board's resolution is not even offered.
        assert board.get(url).status_code == 200

    def test_are_recommended_by_the_board_alone(self, finance, surplus):
        proposal = propose(surplus)
        answer = finance.post(proposal_page(proposal), {"do": "recommend"})
        assert answer.status_code == 404

    def test_are_computed_and_posted_by_finance_alone(self, board, surplus):
        for do in ("compute", "post", "figures", "reopen"):
            assert board.post(page_of(surplus), {"do": do}).status_code == 404


class TestPosting:
    def test_writes_what_was_adopted_and_shows_it(self, finance, year, people):
        fund("115970.00")
        adopted(year)
        finance.post(page_of(year), {"do": "post"})
        assert finish_runs().status == Run.Status.DONE
        shown = words_of(finance.get(page_of(year)))
        assert "Ajustements, réserves et report sont écrits" in shown
        ledger = words_of(finance.get(reverse("finance:reserves")))
        assert "Affectation de l’exercice 2024-2025, P-2024-2025-1" in ledger
        assert "AG-2025-06-03" in ledger

    def test_is_refused_before_the_resolution(self, finance, surplus):
        refused = finance.post(page_of(surplus), {"do": "post"})
        assert refused.status_code == 409

    def test_can_be_taken_back_by_another_resolution(self, finance, year):
        fund("115970.00")
        proposal = adopted(year)
        finance.post(page_of(year), {"do": "post"})
        finish_runs()
        resolution = resolve(proposal, number="AG-9", text="Rouvrir 2024-2025.")
        asked = {"do": "reopen", "resolution": resolution.pk}
        assert finance.post(page_of(year), asked).status_code == 422
        finance.post(page_of(year), asked | {"reason": "Facture oubliée"})
        assert finish_runs().status == Run.Status.DONE
        assert (
            sum(one.net for one in Invoice.objects.filter(period_start__month=4)) == 0
        )
        assert "Facture oubliée" in words_of(finance.get(page_of(year)))


class TestTheNextBudget:
    def test_takes_what_the_closed_year_carries(self, finance, year):
        fund("115970.00")
        proposal = adopted(year, adjusted="0", carried="1")
        finance.post(page_of(year), {"do": "post"})
        assert finish_runs().status == Run.Status.DONE
        assert proposal.rate_change < 0
        budget = builders.cost_model(
            starts_on=date(2026, 4, 1), ends_on=date(2027, 3, 31)
        )
        url = reverse("finance:cost_model", args=[budget.pk])
        assert "L’exercice 2024-2025 reporte" in words_of(finance.get(url))
        done = words_of(
            finance.post(
                reverse("finance:cost_act", args=[budget.pk]),
                {"faire": "reporter"},
                follow=True,
            )
        )
        assert "Le report est dans le budget" in done
        assert "L’exercice 2024-2025 reporte" not in done
        line = budget.parameters.get(code="CARRIED")
        assert line.value == proposal.rate_change
        assert line.source == "Exercice 2024-2025, résolution AG-2025-06-03"

    def test_is_not_asked_to_take_what_no_year_carries(self, finance, year):
        budget = builders.cost_model(
            starts_on=date(2026, 4, 1), ends_on=date(2027, 3, 31)
        )
        url = reverse("finance:cost_act", args=[budget.pk])
        refused = finance.post(url, {"faire": "reporter"})
        assert refused.status_code == 409
        assert "Aucun exercice clos ne reporte" in words_of(refused)


class TestLists:
    def test_leave_as_spreadsheets(self, finance, surplus):
        propose(surplus)
        for name, rows in (
            ("year_rates", 2),
            ("year_members", 3),
            ("proposals", 2),
            ("year_checks", 7 - 1),
        ):
            url = reverse(f"finance:{name}", args=[surplus.pk])
            answer = finance.get(url + "?format=xlsx")
            assert load_workbook(BytesIO(answer.content)).active.max_row == rows, name

    def test_of_members_can_be_searched_and_sorted(self, finance, surplus):
        url = reverse("finance:year_members", args=[surplus.pk])
        assert "Coop du Saguenay" not in words_of(finance.get(url + "?q=moncton"))
        html = finance.get(url + "?tri=-ecart").content.decode()
        assert html.index("Saguenay") < html.index("Moncton")

    def test_give_all_statements_as_one_zip(self, finance, surplus):
        zipped = reverse("finance:year_statements", args=[surplus.pk])
        assert finance.get(zipped).status_code == 404
        finance.post(page_of(surplus), {"do": "print"})
        assert finish_runs().status == Run.Status.DONE
        answer = finance.get(zipped)
        with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:
            names = archive.namelist()
            assert len(names) == 2
            assert archive.read(names[0]).startswith(b"%PDF")
            assert archive.testzip() is None


class TestMember:
    def test_sees_its_own_year_and_nobody_elses(self, client, year, people):
        fund("115970.00")
        adopted(year)
        mine = MemberYear.objects.get(organisation=people["saguenay"])
        other = MemberYear.objects.get(organisation=people["moncton"])
        client.force_login(builders.representative(people["saguenay"]))
        shown = words_of(client.get(reverse("member:year")))
        assert "Votre année 2024-2025" in shown
        assert "660,00 $" in shown
        assert "Moncton" not in shown
        for name in ("year_of", "year_statement"):
            own = client.get(reverse(f"member:{name}", args=[mine.pk]))
            assert own.status_code == 200
            theirs = client.get(reverse(f"member:{name}", args=[other.pk]))
            assert theirs.status_code == 404

    def test_sees_nothing_before_the_board_recommends(self, client, surplus, people):
        propose(surplus)
        client.force_login(builders.representative(people["saguenay"]))
        shown = words_of(client.get(reverse("member:year")))
        assert "Aucun exercice ne vous est encore présenté" in shown
        row = MemberYear.objects.get(organisation=people["saguenay"])
        url = reverse("member:year_of", args=[row.pk])
        assert client.get(url).status_code == 404

    def test_finds_the_document_of_its_adjustment(self, client, finance, year, people):
        fund("115970.00")
        adopted(year)
        finance.post(page_of(year), {"do": "post"})
        finish_runs()
        client.force_login(builders.representative(people["saguenay"]))
        shown = words_of(client.get(reverse("member:year")))
        assert "Ce que l’assemblée a décidé" in shown
        assert "Note de crédit" in shown
        row = MemberYear.objects.get(organisation=people["saguenay"])
        pdf = client.get(reverse("member:year_statement", args=[row.pk]))
        assert pdf["Content-Type"] == "application/pdf"


class TestRules:
    def test_are_set_by_an_administrator_with_their_source(self, client, house):
        client.force_login(builders.user(Role.ADMINISTRATION))
        url = reverse("administration:parameter_table", args=["cloture"])
        assert RULES[3][2] in words_of(client.get(url))
        client.post(
            url,
            {
                "code": "BAND",
                "percent": "2,5",
                "starts_on": "2025-05-01",
                "source": "Assemblée du 12 juin",
            },
        )
        assert "Assemblée du 12 juin" in words_of(client.get(url))


@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    @pytest.mark.parametrize(
        "look", [{}, {"dark": True}, {"phone": True}, {"language": "en"}]
    )
    def test_every_page_can_be_read_by_all(self, visit, year, people, look):
        fund("115970.00")
        proposal = adopted(year)
        row = MemberYear.objects.get(organisation=people["saguenay"])
        page = visit("", builders.user(Role.FINANCE, Role.BOARD), **look)
        run = Run.objects.first()
        for address in (
            reverse("finance:closing"),
            page_of(year),
            reverse("finance:run", args=[run.pk]),
            *(
                reverse(f"finance:{name}", args=[year.pk])
                for name in ("year_rates", "year_members", "proposals", "year_checks")
            ),
            proposal_page(proposal),
            reverse("finance:year_member", args=[year.pk, row.pk]),
            reverse("finance:reserves"),
        ):
            page.goto(address)
            assert_no_axe_violations(page)
            assert not page.evaluate(
                "document.documentElement.scrollWidth > innerWidth"
            ), address
        member = visit("", builders.representative(people["saguenay"]), **look)
        member.goto(reverse("member:year"))
        assert_no_axe_violations(member)
        assert not member.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_amounts_are_decimal_dollars(surplus):
    for row in MemberYear.objects.all():
        assert isinstance(row.final, Decimal)
