"""A year is measured at its final rates, frozen, and measured again to compare."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from partage.billing.actions import credit_part, draft_invoices, issue_invoice
from partage.billing.models import Invoice
from partage.closing.actions import (
    computing,
    open_year,
    set_figures,
    start_checking,
    start_computing,
    stop_run,
)
from partage.closing.actions.computing import (
    CardMissing,
    CardNotAdopted,
    CostsMissing,
    NegativeDebts,
    NegativeEquity,
    YearNotOver,
)
from partage.closing.actions.running import (
    LOCK,
    RunUnderWay,
    is_interrupted,
    work_on,
)
from partage.closing.models import Computation, MemberLine, MemberYear, Run
from partage.closing.queries.checks import checks_of
from partage.closing.queries.entries import account_of, organisation_and_province
from partage.journal.models import Entry
from partage.tariffs.models import CostModel, RateCard
from tests import builders
from tests.rooms.closing.conftest import END, START, compute, fund, run


def _year_issued_in(order: tuple[int, ...]) -> dict[str, tuple]:
    """Return each member's year, its six invoices issued in an order.

    The third is credited in part as soon as it is issued.
    """
    expert = builders.expert()
    builders.cost_model(state="ACTUAL", funding="115770.00")
    builders.rate_card(resolution=builders.resolution())
    for name, province, days in (
        ("Coop du Saguenay", "QC", ((1, 65), (2, 125), (3, 35))),
        ("Coop de Moncton", "NB", ((2, 185), (3, 95))),
        ("Coop d’Ottawa", "ON", ((3, 700),)),
    ):
        org = builders.organisation(name, province=province)
        mandate = builders.mandate(expert, org=org)
        for month, minutes in days:
            builders.worked(expert, mandate, minutes, date(2025, month, 4))
    drafts = sorted(draft_invoices(until=END, by=builders.actor()), key=lambda d: d.pk)
    for place in order:
        invoice = issue_invoice(invoice_id=drafts[place].pk, by=builders.actor())
        if place == 2:
            credit_part(
                invoice_id=invoice.pk,
                amounts={invoice.lines.get().pk: Decimal("22.50")},
                reason="Entente",
                by=builders.actor(),
            )
    made = compute(open_year(starts_on=START, ends_on=END, by=builders.actor()))
    return {
        one.organisation.name: (one.minutes, one.charged, one.remainder, one.adjustment)
        for one in MemberYear.objects.filter(computation=made)
    }


class TestCompute:
    def test_charges_the_same_hours_at_what_they_cost(self, year, people):
        found = compute(year)
        assert (found.minutes, found.charged) == (600, Decimal("1100.00"))
        assert (found.full_cost, found.funding) == (
            Decimal("117000.00"),
            Decimal("115770.00"),
        )
        assert (found.cost, found.surplus) == (Decimal("1230.00"), Decimal("-130.00"))
        assert found.to_invoice == 0
        saguenay = MemberYear.objects.get(organisation=people["saguenay"])
        # 6 h × 117 $ are 702 $; of the 60 $ that rates leave out, 36 $.
        assert (saguenay.charged, saguenay.at_rates) == (660, 702)
        assert (saguenay.remainder, saguenay.adjustment) == (36, -78)
        line = saguenay.lines.get()
        assert (line.minutes, line.provisional, line.rate) == (360, 110, 117)

    def test_is_frozen_with_what_it_was_made_from(self, year):
        found = compute(year)
        assert found.cards == "Grille 2024-2025"
        assert found.cost_model == CostModel.objects.get()
        for rows in (Computation, MemberYear, MemberLine):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.objects.update(charged=1)
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.objects.all().delete()

    def test_brings_the_hours_of_the_cost_model_to_those_of_time_sheets(self, year):
        compute(year)
        hours = CostModel.objects.get().hours.get()
        assert (hours.level, hours.minutes) == (2, 600)

    def test_counts_what_no_invoice_holds_at_its_provisional_rate(self, year, people):
        mandate = builders.mandate(people["expert"], org=people["saguenay"])
        builders.worked(people["expert"], mandate, 65, date(2025, 3, 6))
        found = compute(year)
        # 1 h 05 at 110 $ is 119.17 $.
        assert found.to_invoice == Decimal("119.17")
        assert found.charged == Decimal("1219.17")
        assert found.minutes == 665

    def test_tells_two_provinces_of_a_member_apart(self, year, people):
        mandate = builders.mandate(
            people["expert"], org=people["saguenay"], province="ON"
        )
        builders.worked(people["expert"], mandate, 60, date(2025, 3, 6))
        compute(year)
        own = MemberYear.objects.filter(organisation=people["saguenay"])
        assert sorted(own.values_list("province", "minutes")) == [
            ("ON", 60),
            ("QC", 360),
        ]

    def test_trues_up_with_whom_the_work_was_for_whoever_paid(self, house, people):
        network = builders.organisation("Réseau des coops du Nord")
        for name, minutes in (("Coop du Lac", 120), ("Coop du Fleuve", 180)):
            org = builders.organisation(name, network=network)
            mandate = builders.mandate(people["expert"], org=org)
            builders.worked(people["expert"], mandate, minutes, date(2025, 3, 5))
        for draft in draft_invoices(until=END, by=builders.actor()):
            if draft.organisation.name == "Coop du Lac":
                Invoice.objects.filter(pk=draft.pk).update(organisation=network)
            issue_invoice(invoice_id=draft.pk, by=builders.actor())
        year = open_year(starts_on=START, ends_on=END, by=builders.actor())
        made = compute(year)
        parts = {
            row.organisation.name: (row.minutes, row.charged)
            for row in MemberYear.objects.filter(computation=made)
        }
        # The network paid two hours; nobody is charged for them twice.
        assert parts["Coop du Lac"] == (120, Decimal("220.00"))
        assert parts["Coop du Fleuve"] == (180, Decimal("330.00"))
        assert "Réseau des coops du Nord" not in parts
        adjusted = sum(
            row.adjustment for row in MemberYear.objects.filter(computation=made)
        )
        assert adjusted == made.surplus

    def test_is_the_same_in_whatever_order_invoices_are_issued(self, house):
        found = []
        for order in ((0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (3, 0, 5, 1, 4, 2)):
            with transaction.atomic():
                found.append(_year_issued_in(order))
                transaction.set_rollback(True)
        assert found[0] == found[1] == found[2]
        # 65 + 125 + 35 min at 110 $, 22.50 $ given back; 20 h 05 in all.
        assert found[0]["Coop du Saguenay"][:2] == (225, Decimal("390.01"))
        assert sum(one[0] for one in found[0].values()) == 1205
        assert sum(one[-1] for one in found[0].values()) != 0

    def test_leaves_the_work_of_other_years_out(self, year, people):
        mandate = builders.mandate(people["expert"], org=people["saguenay"])
        builders.worked(people["expert"], mandate, 60, date(2025, 4, 1))
        assert compute(year).minutes == 600

    def test_makes_every_check_of_the_auditor_hold(self, year):
        checks = checks_of(compute(year), None)
        assert len(checks) == 5
        assert [one.pair.name for one in checks if not one.holds] == []
        assert "2025-03-31" in checks[1].other_sql

    def test_that_missed_hours_makes_a_check_fail(self, year, people):
        found = compute(year)
        mandate = builders.mandate(people["expert"], org=people["moncton"])
        builders.worked(people["expert"], mandate, 15, date(2025, 3, 7))
        (failed,) = [one for one in checks_of(found, None) if not one.holds]
        assert (failed.one, failed.other) == (600, 615)

    def test_a_second_one_has_the_next_number(self, year):
        compute(year)
        fund("115900.00")
        assert compute(year).number == 2
        assert Entry.objects.filter(what="closing.year.computed").count() == 2


class TestWhatRefusesAComputation:
    def test_a_year_that_is_not_over(self, house):
        at = datetime.fromisoformat("2025-03-31T10:00:00-04:00")
        with pytest.raises(YearNotOver, match="31\xa0mars\xa02025"):
            open_year(starts_on=START, ends_on=END, by=builders.actor(at=at))

    def test_costs_that_are_not_written_down(self, year):
        CostModel.objects.update(state="BUDGET")
        with pytest.raises(CostsMissing):
            start_computing(year_id=year.pk, by=builders.actor())

    def test_provisional_rates_that_nobody_adopted(self, year):
        RateCard.objects.update(resolution=None)
        with pytest.raises(CardNotAdopted, match="Grille 2024-2025"):
            start_computing(year_id=year.pk, by=builders.actor())
        RateCard.objects.update(status="WITHDRAWN")
        with pytest.raises(CardMissing):
            start_computing(year_id=year.pk, by=builders.actor())

    def test_a_field_that_sold_hours_and_cost_nothing(self, year, people):
        mandate = builders.mandate(
            people["expert"], org=people["moncton"], field=builders.field("formation")
        )
        builders.worked(people["expert"], mandate, 60, date(2025, 3, 6))
        done = run(start_computing(year_id=year.pk, by=builders.actor()))
        assert done.status == Run.Status.REFUSED
        assert "Formation (intermédiaire)" in done.message
        assert not Computation.objects.exists()

    def test_a_year_without_an_hour(self, house):
        builders.cost_model(state="ACTUAL")
        builders.rate_card(resolution=builders.resolution())
        row = open_year(starts_on=START, ends_on=END, by=builders.actor())
        done = run(start_computing(year_id=row.pk, by=builders.actor()))
        assert (done.status, "Aucune heure" in done.message) == ("REFUSED", True)


class TestFigures:
    def figures(self, year, **more):
        given = {"equity": Decimal(1), "debts": Decimal(1), "source": "Bilan"} | more
        return set_figures(year_id=year.pk, by=builders.actor(), **given)

    def test_refuse_debts_below_zero(self, year):
        with pytest.raises(NegativeDebts):
            self.figures(year, debts=Decimal("-0.01"))

    def test_take_a_negative_equity_only_when_it_is_meant(self, year):
        with pytest.raises(NegativeEquity):
            self.figures(year, equity=Decimal(-5))
        kept = self.figures(year, equity=Decimal(-5), negative_equity=True)
        assert kept.equity == -5


class TestCheck:
    def test_finds_the_same_figures_again(self, year):
        compute(year)
        done = run(start_checking(year_id=year.pk, by=builders.actor()))
        assert "mêmes chiffres" in done.message
        assert Entry.objects.get(what="closing.year.checked").details == {
            "number": 1,
            "differences": [],
        }

    def test_says_what_moved_since(self, year, people):
        compute(year)
        fund("115800.00")
        done = run(start_checking(year_id=year.pk, by=builders.actor()))
        assert "financement d’ailleurs" in done.message
        assert "115800.00" in done.message


class TestARun:
    def test_is_one_at_a_time(self, year):
        start_computing(year_id=year.pk, by=builders.actor())
        with pytest.raises(RunUnderWay):
            start_checking(year_id=year.pk, by=builders.actor())
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.create(year=year, kind="CHECK", started_at=builders.NOW)

    def test_that_is_stopped_writes_nothing(self, year):
        waiting = start_computing(year_id=year.pk, by=builders.actor())
        stop_run(run_id=waiting.pk, by=builders.actor())
        assert run(waiting).status == Run.Status.STOPPED

    def test_that_is_stopped_at_work_writes_nothing(self, year):
        started = start_computing(year_id=year.pk, by=builders.actor())

        def asked_to_stop_while_reading(row, by, tick):
            stop_run(run_id=row.pk, by=by)
            return computing.compute(row, by, tick)

        works = {Run.Kind.COMPUTE: asked_to_stop_while_reading}
        done = work_on(started.pk, works, at=builders.NOW)
        assert done.status == Run.Status.STOPPED
        assert not Computation.objects.exists()

    def test_whose_process_died_is_taken_up_by_the_next(self, year):
        dead = start_computing(year_id=year.pk, by=builders.actor())
        Run.objects.filter(pk=dead.pk).update(status="RUNNING")
        dead.refresh_from_db()
        assert is_interrupted(dead)
        assert compute(year).number == 1
        dead.refresh_from_db()
        assert dead.status == Run.Status.STOPPED

    def test_is_not_done_twice(self, year):
        first = start_computing(year_id=year.pk, by=builders.actor())
        run(first)
        assert run(first).status == Run.Status.DONE
        assert Computation.objects.count() == 1

    def test_holds_a_lock_that_nobody_else_can_take(self, year):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, year.pk])
            waiting = start_computing(year_id=year.pk, by=builders.actor())
            assert not is_interrupted(waiting)
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, year.pk])


class TestAccounts:
    def test_know_an_organisation_in_a_province_by_one_number(self):
        assert account_of(42, "QC") == 4200
        assert organisation_and_province(account_of(42, "NU")) == (42, "NU")
