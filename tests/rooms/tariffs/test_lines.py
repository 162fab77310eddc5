"""The lines of a cost model: changed, undone, copied, read from schedules."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from partage.journal.models import Entry
from partage.rules.costing import Pool
from partage.tariffs.actions import (
    CarriedTooFine,
    FieldGivenTwice,
    FigureTooLarge,
    LineGone,
    ModelFrozen,
    NegativeFigure,
    NobodyDoesNothing,
    NotAFraction,
    NothingToUndo,
    OutsideTheYear,
    RoundingTooFine,
    SaidTwice,
    WeightIsZero,
    copy_model,
    freeze_model,
    make_model,
    read_presence,
    remove_line,
    save_line,
    undo,
)
from partage.tariffs.models import CostItem, CostModel, Pay, Retouch
from partage.tariffs.queries import (
    DEFAULTS,
    Piece,
    derived_rates,
    drawn,
    last_changes,
    lines_of,
)
from tests import builders

pytestmark = pytest.mark.django_db
LAW = Pool("affaires-juridiques", 2)


@pytest.fixture
def model():
    return builders.cost_model()


def by(minute: int = 0):
    return builders.actor(at=builders.NOW + timedelta(minutes=minute))


def save(model, table, line=None, *, minute: int = 0, shares=None, **values):
    return save_line(
        model_id=model.pk, table=table, line_id=line and line.pk, values=values,
        shares=shares, by=by(minute),
    )  # fmt: skip


def rate(model) -> Decimal:
    return derived_rates(lines_of(model))[LAW].amount


class TestALine:
    def test_that_changes_moves_the_rate_of_who_bears_it(self, model):
        rent = model.items.get(name="Loyer")
        save(model, "item", rent, amount=Decimal("14500.00"))
        # 2 500 $ more on 1 000 hours: 2,50 $ an hour.
        assert rate(model) == Decimal("119.50")

    def test_keeps_its_source_and_its_note(self, model):
        said = {"source": "Bail de 2026", "note": "Indexé de 3 %"}
        line = save(
            model, "item", kind="SHARED", name="Téléphones", key="people",
            amount=Decimal("1000.00"), **said,
        )  # fmt: skip
        assert (line.source, line.note) == ("Bail de 2026", "Indexé de 3 %")

    def test_is_told_in_the_journal_without_its_amount(self, model):
        pay = model.pays.get()
        save(model, "pay", pay, yearly_pay=Decimal("91234.00"))
        entry = Entry.objects.get(what="tariffs.line.changed")
        assert "91234" not in str(entry.details)
        assert Retouch.objects.get().after["yearly_pay"] == "91234.00"

    def test_that_says_the_same_leaves_no_trace(self, model):
        rent = model.items.get(name="Loyer")
        save(model, "item", rent, amount=Decimal("12000.00"))
        assert not Retouch.objects.exists()

    def test_of_pay_keeps_its_shares_unless_others_are_given(self, model):
        pay = model.pays.get()
        save(model, "pay", pay, yearly_pay=Decimal(90_000))
        assert pay.shares.get().weight == 100
        web = builders.field("developpement-web")
        save(model, "pay", pay, shares=[(web.pk, 3, 60)], knowledge=10)
        assert [(one.field, one.level) for one in pay.shares.all()] == [(web, 3)]

    @pytest.mark.parametrize(
        ("table", "values", "why"),
        [
            ("item", {"amount": Decimal("-0.01")}, NegativeFigure),
            ("hours", {"minutes": -60}, NegativeFigure),
            ("pay", {"yearly_pay": Decimal(-1)}, NegativeFigure),
            ("pay", {"charges_rate": Decimal(50)}, FigureTooLarge),
            ("pay", {"starts_on": date(2024, 3, 31)}, OutsideTheYear),
            ("pay", {"ends_on": date(2025, 4, 1)}, OutsideTheYear),
        ],
    )
    def test_that_no_year_could_have_is_refused(self, model, table, values, why):
        line = {"item": model.items, "hours": model.hours, "pay": model.pays}[table]
        with pytest.raises(why):
            save(model, table, line.first(), **values)
        assert rate(model) == Decimal("117.00")
        assert not Retouch.objects.exists()

    def test_of_somebody_who_does_nothing_is_refused(self, model):
        with pytest.raises(NobodyDoesNothing, match="ne va nulle part"):
            save(model, "pay", model.pays.get(), shares=[])

    def test_gives_a_field_once(self, model):
        law = builders.field().pk
        with pytest.raises(FieldGivenTwice):
            save(model, "pay", model.pays.get(), shares=[(law, 2, 50), (law, 3, 50)])

    def test_is_said_once(self, model):
        with pytest.raises(SaidTwice):
            save(
                model, "item", kind="SHARED", name="Loyer", amount=Decimal(1),
                key="people",
            )  # fmt: skip
        law = builders.field()
        with pytest.raises(SaidTwice):
            save(model, "hours", field_id=law.pk, level=2, minutes=60)

    def test_that_somebody_else_removed_is_gone(self, model):
        rent = model.items.get(name="Loyer")
        remove_line(model_id=model.pk, table="item", line_id=rent.pk, by=by())
        with pytest.raises(LineGone):
            save(model, "item", rent, amount=Decimal(1))
        with pytest.raises(LineGone):
            remove_line(model_id=model.pk, table="item", line_id=rent.pk, by=by())

    def test_of_another_model_is_not_touched(self, model):
        other = builders.cost_model(version=2)
        with pytest.raises(LineGone):
            save(model, "item", other.items.first(), amount=Decimal(1))

    def test_of_a_frozen_model_does_not_change(self, model):
        freeze_model(model_id=model.pk, by=by())
        rent = model.items.get(name="Loyer")
        for act in (
            lambda: save(model, "item", rent, amount=Decimal(1)),
            lambda: remove_line(
                model_id=model.pk, table="item", line_id=rent.pk, by=by()
            ),
            lambda: undo(model_id=model.pk, by=by()),
            lambda: read_presence(model_id=model.pk, by=by()),
        ):
            with pytest.raises(ModelFrozen):
                act()


class TestAParameter:
    @pytest.mark.parametrize(
        ("code", "value", "why"),
        [
            ("LEVEL_3", "0", WeightIsZero),
            ("PRACTICAL_SHARE", "1.2", NotAFraction),
            ("UNUSED_IN_RATES", "2", NotAFraction),
            ("ROUNDING", "0.005", RoundingTooFine),
            ("ROUNDING", "0", RoundingTooFine),
        ],
    )
    def test_that_means_nothing_is_refused(self, code, value, why):
        model = make_model(
            state="BUDGET", starts_on=date(2026, 4, 1), ends_on=date(2027, 3, 31),
            by=by(),
        )  # fmt: skip
        line = model.parameters.get(code=code)
        with pytest.raises(why):
            save(model, "parameter", line, value=Decimal(value))
        line.refresh_from_db()
        assert line.value == DEFAULTS[code][0]

    def test_of_rounding_to_the_cent_rounds_nothing(self, model):
        save(model, "item", model.items.get(name="Loyer"), amount=Decimal("12010.00"))
        save(model, "parameter", code="ROUNDING", value=Decimal("0.01"))
        assert rate(model) == Decimal("117.01")


class TestWhatAClosedYearCarries:
    def test_lowers_each_rate_and_is_a_part_of_it(self, model):
        save(model, "parameter", code="CARRIED", value=Decimal("-1.50"))
        found = derived_rates(lines_of(model))[LAW]
        assert found.amount == Decimal("115.50")
        assert [(p.kind, p.amount) for p in found.parts][-1] == (
            "carried", Decimal("-1.50"),
        )  # fmt: skip

    def test_is_in_cents_and_is_the_only_figure_below_zero(self, model):
        with pytest.raises(CarriedTooFine):
            save(model, "parameter", code="CARRIED", value=Decimal("-0.355"))
        with pytest.raises(NegativeFigure):
            save(model, "parameter", code="LEAVE_DAYS", value=Decimal(-1))

    def test_is_drawn_with_what_is_shared_when_it_takes_off(self):
        def piece(kind, amount):
            return Piece(kind, Decimal(amount))

        drawing = drawn(
            [piece("pay", "80"), piece("shared", "12"), piece("carried", "-2")], "G"
        )
        assert [one.amount for one in drawing.parts] == [80, 10]


class TestUndoing:
    def test_puts_back_what_was_changed_added_and_removed(self, model):
        rent = model.items.get(name="Loyer")
        save(model, "item", rent, minute=1, amount=Decimal("20000.00"))
        save(
            model, "item", minute=2, kind="DIRECT", name="Licences",
            amount=Decimal(5000), field_id=builders.field().pk,
        )  # fmt: skip
        remove_line(model_id=model.pk, table="item", line_id=rent.pk, by=by(3))
        for _time in range(3):
            undo(model_id=model.pk, by=by(9))
        assert rate(model) == Decimal("117.00")
        assert model.items.count() == 2
        with pytest.raises(NothingToUndo):
            undo(model_id=model.pk, by=by(9))

    def test_gives_a_person_back_with_their_shares(self, model):
        pay = model.pays.get()
        remove_line(model_id=model.pk, table="pay", line_id=pay.pk, by=by())
        assert not derived_rates(lines_of(model))
        undo(model_id=model.pk, by=by(1))
        assert rate(model) == Decimal("117.00")
        assert model.pays.get().pk == pay.pk

    def test_takes_back_all_that_one_act_changed(self, model):
        act = by(1)
        for name in ("Loyer", "Bases de données"):
            save_line(
                model_id=model.pk, table="item",
                line_id=model.items.get(name=name).pk,
                values={"amount": Decimal(0)}, by=act,
            )  # fmt: skip
        assert len(last_changes(model)) == 2
        undo(model_id=model.pk, by=by(2))
        assert rate(model) == Decimal("117.00")

    def test_leaves_the_whole_trail(self, model):
        save(model, "item", model.items.get(name="Loyer"), amount=Decimal(1))
        undo(model_id=model.pk, by=by(1))
        assert Retouch.objects.get().undone
        assert Entry.objects.filter(what="tariffs.line.undone").count() == 1


class TestACopy:
    def copy(self, model, year: int, state: str = "BUDGET") -> CostModel:
        return copy_model(
            model_id=model.pk, state=state, starts_on=date(year, 4, 1),
            ends_on=date(year + 1, 3, 31), by=by(),
        )  # fmt: skip

    def test_of_last_year_keeps_each_figure_source_and_note(self, model):
        CostItem.objects.filter(name="Loyer").update(source="Bail", note="Indexé")
        made = self.copy(model, 2025)
        rent = made.items.get(name="Loyer")
        assert (rent.amount, rent.source, rent.note) == (12_000, "Bail", "Indexé")
        assert made.note == "Copié de : Budget 2024-2025, version 1."
        assert rate(made) == Decimal("117.00")
        assert rate(model) == Decimal("117.00")

    def test_of_the_same_year_is_its_next_version(self, model):
        assert self.copy(model, 2024).version == 2
        assert self.copy(model, 2024, "ACTUAL").version == 1

    def test_has_those_who_stay_all_year_and_not_those_who_left(self, model):
        gone = builders.expert("Hugo Vachon", left_on=date(2025, 2, 28))
        for name, first, last, who in (
            ("Hugo Vachon", date(2024, 4, 1), date(2025, 3, 31), gone),
            ("Ancien salaire", date(2024, 4, 1), date(2024, 9, 30), None),
            ("Embauche prévue", date(2024, 10, 1), date(2025, 3, 31), None),
        ):
            Pay.objects.create(
                model=model, name=name, starts_on=first, ends_on=last, expert=who,
                yearly_pay=Decimal(1), charges_rate=Decimal(0), common=100,
                present_minutes=60_000,
            )  # fmt: skip
        made = self.copy(model, 2025)
        assert {(pay.name, pay.starts_on, pay.ends_on) for pay in made.pays.all()} == {
            ("Me Anaïs Tremblay", date(2025, 4, 1), date(2026, 3, 31)),
            ("Embauche prévue", date(2025, 4, 1), date(2026, 3, 31)),
        }
        # Half a year of presence makes a whole one: 182 days were 60 000 minutes.
        hired = made.pays.get(name="Embauche prévue")
        assert hired.present_minutes == 60_000 * 365 // 182


class TestPresence:
    def test_is_read_from_the_schedule_and_put_back_by_one_undo(self, model):
        pays = []
        for name in ("Hugo Vachon", "Beth Fraser"):
            pays.append(
                Pay.objects.create(
                    model=model, name=name, expert=builders.expert(name),
                    starts_on=model.starts_on, ends_on=model.ends_on,
                    yearly_pay=Decimal(70_000), charges_rate=Decimal("0.2"), common=100,
                )
            )  # fmt: skip
        read_presence(model_id=model.pk, by=by())
        pays = list(model.pays.filter(expert__isnull=False))
        assert all(1_400 * 60 < pay.present_minutes < 1_800 * 60 for pay in pays)
        undo(model_id=model.pk, by=by(1))
        assert {pay.present_minutes for pay in model.pays.exclude(expert=None)} == {0}

    def test_of_an_actual_year_takes_off_no_leave_to_come(self):
        minutes = {}
        for state in ("BUDGET", "ACTUAL"):
            model = builders.cost_model(state=state)
            pay = model.pays.get()
            pay.expert = builders.expert(f"Samuel Dionne {state}")
            pay.save()
            read_presence(model_id=model.pk, by=by())
            pay.refresh_from_db()
            minutes[state] = pay.present_minutes
        # 25 days of seven hours.
        assert minutes["ACTUAL"] - minutes["BUDGET"] == 25 * 7 * 60
