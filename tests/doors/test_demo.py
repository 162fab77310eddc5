"""The demonstration year: its totals, its truth, its Monday morning."""

import hashlib
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.db.models import Count, F, Sum
from pypdf import PdfReader
from typer.testing import CliRunner

from partage.agreements.models import Agreement
from partage.archive.models import File
from partage.billing.models import Invoice, InvoicedWork, InvoiceLine, Payment
from partage.cli.demo import ACCOUNTS, empty
from partage.cli.main import app
from partage.closing.actions import print_statement, start_checking
from partage.closing.actions.computing import MadeElsewhere
from partage.closing.models import MemberYear, Posting, Proposal, YearEnd
from partage.closing.queries import proposal_of
from partage.closing.queries.checks import checks_of
from partage.config.terminal import CannotStart
from partage.experts.models import Expert
from partage.governance.models import Cooperative
from partage.impact.queries import year_figures
from partage.journal.models import Counter, Entry
from partage.mandates.models import Answer, Mandate, Offer, OfferLine, TeamMember
from partage.members.models import Organisation, Representation
from partage.needs.models import Need
from partage.people.models import Role, User
from partage.planning.models import Assignment
from partage.portal.stages import with_stage
from partage.portal.visitors import visitors
from partage.rules.calendar import (
    Absence,
    WeeklySchedule,
    holidays_between,
    working_minutes,
)
from partage.rules.money import amount_for
from partage.rules.tax import TaxRate, taxes_due
from partage.timesheets.models import LockedMonth, TimeEntry, Week
from tests import builders

START, END, TODAY = date(2024, 4, 1), date(2025, 3, 31), date(2025, 4, 7)

pytestmark = pytest.mark.usefixtures("demo_year")


class TestTheTotals:
    def test_are_those_of_the_published_year(self):
        found = year_figures(START, END)
        assert found.enterprises_served == 263
        assert found.experts == 93
        assert found.hours == 85_487
        assert found.satisfaction_percent == Decimal("93.0")
        assert found.recommendation_percent == Decimal("93.0")
        assert found.fields == 20

    def test_never_mix_members_enterprises_served_and_represented(self):
        found = year_figures(START, END)
        assert found.members == 91
        assert found.enterprises_represented == 512

    def test_come_on_one_line_of_json(self):
        said = CliRunner().invoke(app, ["figures", "--json"])
        assert said.exit_code == 0, said.output
        assert said.stdout.count("\n") == 1
        facts = json.loads(said.stdout)
        assert facts["year"] == "2024-2025"
        assert (facts["enterprises_served"], facts["experts"]) == (263, 93)
        assert (facts["hours"], facts["satisfaction_percent"]) == (85487, 93)

    def test_can_be_asked_of_another_year(self):
        said = CliRunner().invoke(app, ["figures", "--json", "--year", "2025-2026"])
        facts = json.loads(said.stdout)
        assert facts["start"] == "2025-04-01"
        assert 0 < facts["hours"] < 4000

    def test_of_a_year_that_is_none_are_refused_with_an_example(self):
        said = CliRunner().invoke(app, ["figures", "--year", "2024-2026"])
        assert said.exit_code == 2
        assert "2024-2025" in said.output


class TestTheYear:
    def test_has_no_time_on_holidays_absences_or_week_ends(self):
        written = {}
        for expert, on, minutes in (
            TimeEntry.objects.values_list("expert", "on")
            .annotate(all=Sum("minutes"))
            .values_list("expert", "on", "all")
        ):
            written.setdefault(expert, {})[on] = minutes
        for expert in Expert.objects.all():
            able = working_minutes(
                [
                    WeeklySchedule(s.starts_on, tuple(s.minutes), s.ends_on)
                    for s in expert.schedules.all()
                ],
                [
                    Absence(
                        a.starts_on, a.ends_on, Decimal("0.5" if a.half_days else 1)
                    )
                    for a in expert.absences.all()
                ],
                holidays_between(expert.province, START, TODAY),
                START,
                TODAY,
            )
            for on, minutes in written.get(expert.pk, {}).items():
                assert minutes <= able[on], (expert, on)

    def test_sells_two_thirds_of_the_time_that_is_written(self):
        entries = TimeEntry.objects.filter(on__lte=END)
        every = entries.aggregate(all=Sum("minutes"))["all"]
        assert Decimal("0.66") < Decimal(85_487 * 60) / every < Decimal("0.70")

    def test_gives_time_only_to_those_on_the_team(self):
        teams = set(TeamMember.objects.values_list("mandate", "expert"))
        wrote = TimeEntry.objects.filter(mandate__isnull=False)
        assert set(wrote.values_list("mandate", "expert")) <= teams

    def test_gives_no_time_before_a_mandate_opens_or_after_it_closes(self):
        entries = TimeEntry.objects.filter(mandate__isnull=False)
        assert not entries.filter(on__lt=F("mandate__opened_on")).exists()
        assert not entries.filter(on__gt=F("mandate__closed_on")).exists()

    def test_weighs_most_on_the_four_under_full_management(self):
        whole = Organisation.objects.filter(full_management=True)
        assert whole.count() == 4
        sold = TimeEntry.objects.filter(mandate__organisation__in=whole, on__lte=END)
        hours = sold.aggregate(all=Sum("minutes"))["all"] / 60
        assert 0.15 < hours / 85_487 < 0.30

    def test_has_agreements_in_the_four_provinces(self):
        found = set(Agreement.objects.values_list("province", flat=True))
        assert found == {"QC", "ON", "NB", "AB"}

    def test_locks_its_months_until_january(self):
        months = LockedMonth.objects.order_by("first_day")
        # Those of the closed year, then ten.
        assert months.filter(first_day__lt=START).count() == 12
        assert months.filter(first_day__gte=START).count() == 10
        assert months.last().first_day == date(2025, 1, 1)
        open_weeks = Week.objects.exclude(status="APPROVED")
        assert open_weeks.order_by("monday").first().monday >= date(2025, 3, 24)

    def test_is_told_in_the_journal_in_the_order_of_time(self):
        moments = list(Entry.objects.order_by("id").values_list("happened_at"))
        assert moments == sorted(moments)
        assert Entry.objects.count() > 10_000


class TestOffersAndMandates:
    def test_offers_add_up_to_their_lines(self):
        for line in OfferLine.objects.all():
            assert line.amount == amount_for(line.minutes, line.rate)
        sums = dict(
            Offer.objects.annotate(all=Sum("phases__lines__amount")).values_list(
                "pk", "all"
            )
        )
        for offer in Offer.objects.prefetch_related("taxes"):
            assert offer.net == sums[offer.pk], offer
            rates = [TaxRate(tax.code, tax.rate) for tax in offer.taxes.all()]
            printed = [tax.amount for tax in offer.taxes.all()]
            assert printed == [tax.amount for tax in taxes_due(offer.net, rates)]

    def test_answers_keep_the_fingerprint_of_the_document_that_is_kept(self):
        for answer in Answer.objects.select_related("offer__pdf"):
            assert answer.sha256 == answer.offer.pdf.sha256
            assert answer.at >= answer.offer.sent_at

    def test_every_document_is_a_pdf_of_its_own_fingerprint(self):
        # The bank's files and the books came as they are: they are no documents.
        for file in File.objects.filter(media_type="application/pdf")[::40]:
            content = bytes(file.content)
            assert content.startswith(b"%PDF-")
            assert hashlib.sha256(content).hexdigest() == file.sha256
            assert file.size == len(content)

    def test_about_a_hundred_and_twenty_mandates_are_open_some_late_some_over(self):
        opened = Mandate.objects.exclude(status="CLOSED")
        assert 110 <= opened.count() <= 150
        assert opened.filter(status="PAUSED").count() == 7
        assert opened.filter(due_on__lt=TODAY).count() >= 5
        spent = dict(
            TimeEntry.objects.filter(mandate__in=opened)
            .values_list("mandate")
            .annotate(all=Sum("minutes"))
        )
        over = [m for m in opened if spent.get(m.pk, 0) > m.budget_minutes]
        assert len(over) >= 5


class TestInvoices:
    def test_come_to_their_lines_and_taxes_to_the_cent(self):
        lines = dict(
            InvoiceLine.objects.values_list("invoice").annotate(all=Sum("amount"))
        )
        for invoice in Invoice.objects.prefetch_related("taxes"):
            assert invoice.net == lines[invoice.pk]
            if invoice.status == Invoice.Status.DRAFT:
                assert invoice.total is None
                continue
            taxes = invoice.taxes.all()
            due = taxes_due(invoice.net, [TaxRate(t.code, t.rate) for t in taxes])
            # A note in part leaves what is left to the cent: it may be one off itself.
            apart = Decimal("0.01") if invoice.kind == "CREDIT" else 0
            for tax, owed in zip(taxes, due, strict=True):
                assert abs(tax.amount - owed.amount) <= apart
            assert invoice.total == invoice.net + sum(t.amount for t in taxes)

    def test_and_their_notes_leave_the_taxes_of_what_is_left_to_the_cent(self):
        notes = Invoice.objects.filter(kind="CREDIT", number__isnull=False)
        credited = Invoice.objects.filter(pk__in=notes.values("credits"))
        assert credited.count() >= 3
        for invoice in credited.prefetch_related("taxes"):
            its = notes.filter(credits=invoice)
            left = invoice.net + sum(one.net for one in its)
            for tax in invoice.taxes.all():
                given = its.filter(taxes__code=tax.code).aggregate(
                    all=Sum("taxes__amount")
                )["all"]
                [owed] = taxes_due(left, [TaxRate(tax.code, tax.rate)])
                assert tax.amount + given == owed.amount

    def test_have_numbers_without_gaps_in_the_order_of_time(self):
        issued = Invoice.objects.exclude(number=None).order_by("number")
        numbers = list(issued.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        days = list(issued.values_list("issued_on", flat=True))
        assert days == sorted(days)
        assert Counter.objects.get(series="invoice").last == len(numbers)

    def test_bill_the_minutes_that_were_approved_once(self):
        for line in InvoiceLine.objects.filter(
            kind="TIME", invoice__kind="INVOICE"
        ).annotate(behind=Sum("work__time__minutes")):
            assert line.minutes == line.behind
            assert line.amount == amount_for(line.minutes, line.rate)
        billed = InvoicedWork.objects.filter(time__isnull=False)
        assert not billed.exclude(time__week__status="APPROVED").exists()

    def test_follow_nova_scotia_from_15_to_14_percent_on_the_first_of_april(self):
        here = Invoice.objects.filter(province="NS", kind="INVOICE").order_by()
        before = here.filter(issued_on__lte=END).values_list("taxes__rate").distinct()
        after = here.filter(issued_on__gt=END).values_list("taxes__rate").distinct()
        assert list(before) == [(Decimal("0.15"),)]
        assert list(after) == [(Decimal("0.14"),)]

    def test_are_paid_by_most_late_by_some_and_three_are_credited(self):
        paid = Invoice.objects.filter(status="PAID")
        assert paid.count() > 1_200
        received = dict(Payment.objects.values_list("invoice").annotate(Sum("amount")))
        # What a bank of hours paid whole is owed nothing.
        assert all(received.get(i.pk, 0) == i.total for i in paid)
        late = Invoice.objects.filter(status="ISSUED", kind="INVOICE", due_on__lt=TODAY)
        assert late.count() >= 30
        assert Invoice.objects.filter(kind="CREDIT").count() == 3
        assert Invoice.objects.filter(status="DRAFT").count() >= 5


def test_the_accounts_to_try_are_told_when_signing_in(client):
    page = client.get("/compte/login/").text
    told = [one.email for one in visitors()]
    assert sorted(told) == sorted(account.email for account in ACCOUNTS)
    assert all(email in page for email in told)
    assert ACCOUNTS[0].password in page
    Cooperative.objects.update(demonstration_on=None)
    page = client.get("/compte/login/").text
    assert ACCOUNTS[0].email not in page
    assert ACCOUNTS[0].password not in page


class TestMondayMorning:
    def test_has_forty_needs_that_wait_on_coordination(self):
        waiting = dict(
            with_stage(Need.objects.all())
            .values_list("stage")
            .annotate(Count("pk", distinct=True))
            .order_by()
        )
        assert waiting["received"] == 14
        assert waiting["to_assign"] + waiting["proposed"] == 10
        assert waiting["to_offer"] + waiting["offer_draft"] == 8
        assert waiting["offer_sent"] == 8
        assert "offer_refused" not in waiting

    def test_has_urgent_english_and_attached_ones_and_one_of_a_suspended_member(self):
        waiting = Need.objects.filter(status="RECEIVED")
        assert waiting.filter(urgency=3).count() == 3
        assert waiting.filter(language="en").count() >= 4
        assert waiting.filter(attachments__isnull=False).count() == 1
        assert waiting.filter(
            organisation__memberships__suspended_on__isnull=False
        ).exists()


class TestTheAccounts:
    def test_all_sign_in(self):
        for account in ACCOUNTS:
            assert authenticate(username=account.email, password=account.password)

    def test_hold_every_role_in_french_and_in_english(self):
        held = set(
            User.objects.filter(email__in=[a.email for a in ACCOUNTS]).values_list(
                "grants__role", "language"
            )
        )
        assert held == {(role.value, lang) for role in Role for lang in ("fr", "en")}

    def test_find_something_to_do_in_their_own_door(self):
        for email in (
            "membre@partage.example",
            "membre.signature@partage.example",
            "member.ontario@partage.example",
            "member.alberta@partage.example",
        ):
            organisations = Representation.objects.filter(user__email=email)
            assert Offer.objects.filter(
                status="SENT", organisation__in=organisations.values("organisation")
            ).exists(), email
        for email in ("experte@partage.example", "expert@partage.example"):
            expert = Expert.objects.get(user__email=email)
            assert Assignment.objects.filter(expert=expert, status="PROPOSED").exists()
            assert Mandate.objects.filter(team__expert=expert, status="OPEN").exists()
        sent_back = Week.objects.get(
            expert__user__email="experte@partage.example", monday=date(2025, 3, 31)
        )
        assert sent_back.status == "OPEN"
        assert sent_back.remark

    def test_of_the_first_line_refers_for_its_network(self):
        powers = Representation.objects.get(
            user__email="premiere.ligne@partage.example"
        )
        assert powers.can_refer
        assert powers.organisation.enterprises.exists()


class TestTheYearBefore:
    def test_is_closed_as_the_general_meeting_decided(self):
        proposal = Proposal.objects.get(status=Proposal.Status.POSTED)
        assert proposal.reference in proposal.resolution.text
        assert proposal.meeting.held_on == date(2024, 9, 19)
        assert proposal.year.status == YearEnd.Status.CLOSED
        assert proposal.year.minutes == 81_240 * 60
        assert proposal.surplus == proposal.reserve == Decimal("33440.18")
        [moved] = proposal.movements.all()
        assert (moved.on, moved.amount) == (date(2024, 9, 20), proposal.reserve)

    def test_was_measured_to_the_cent_for_each_member_of_then(self):
        proposal = Proposal.objects.get(status=Proposal.Status.POSTED)
        computation = proposal.computation
        years = MemberYear.objects.filter(computation=computation)
        sums = years.aggregate(Sum("minutes"), Sum("charged"), Sum("adjustment"))
        assert sums["minutes__sum"] == computation.minutes == 81_240 * 60
        assert sums["charged__sum"] == computation.charged
        assert sums["adjustment__sum"] == proposal.surplus
        # Some paid too much and some too little.
        assert years.filter(adjustment__gt=0).count() > 10
        assert years.filter(adjustment__lt=0).count() > 10
        assert Posting.objects.filter(proposal=proposal).count() == years.count() > 60
        checks = checks_of(computation, proposal)
        assert len(checks) > 6
        assert all(one.holds for one in checks)

    def test_has_the_statement_of_each_member_and_is_not_measured_again(self):
        year = YearEnd.objects.get(starts_on=date(2023, 4, 1))
        row = MemberYear.objects.filter(computation__year=year).first()
        text = " ".join(
            page.extract_text()
            for page in PdfReader(
                io.BytesIO(print_statement(row, proposal_of(year)))
            ).pages
        )
        assert "P-2023-2024-1" in text
        assert "AG-2024-09-03" in text
        with pytest.raises(MadeElsewhere):
            start_checking(year_id=year.pk, by=builders.actor())


class TestLoading:
    def test_again_never_empties_a_real_cooperative(self):
        Cooperative.objects.update(demonstration_on=None)
        with pytest.raises(CannotStart):
            empty()
        assert Organisation.objects.exists()


def digest():
    """Return a fingerprint of each table that was written, clocks apart."""
    clocks = {"recorded_at", "xid"}
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith(
                ("django_", "auth_", "procrastinate", "account", "mfa")
            ):
                continue
            columns = [
                column.name
                for column in connection.introspection.get_table_description(
                    cursor, table
                )
                if column.name not in clocks
            ]
            asked = ", ".join(f'"{name}"' for name in columns)
            out = io.BytesIO()
            with cursor.copy(
                f'COPY (SELECT {asked} FROM "{table}" ORDER BY 1) TO STDOUT'
            ) as rows:
                for row in rows:
                    out.write(row)
            found[table] = hashlib.sha256(out.getvalue()).hexdigest()
    return found
