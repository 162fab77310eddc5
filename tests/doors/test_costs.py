"""The treasurer works on what a year costs; nobody else sees a pay."""

import io
import re
from datetime import date
from decimal import Decimal
from html import unescape

import openpyxl
import pytest
from django.urls import reverse

from partage.governance.models import Meeting, Resolution
from partage.people.models import Role
from partage.tariffs.models import CostModel, ModerateCost, RateCard, Retouch
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

pytestmark = pytest.mark.django_db
YEAR = {"starts_on": date(2025, 4, 1), "ends_on": date(2026, 3, 31)}
TABLES = ("personnes", "frais", "heures", "parametres")


def words_of(response) -> str:
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).replace("\xa0", " ").split())


@pytest.fixture
def finance(client):
    builders.cooperative()
    client.force_login(builders.user(Role.FINANCE, name="Nicolas Parent"))
    return client


@pytest.fixture
def model():
    return builders.cost_model(**YEAR)


def page_of(model, table: str = "", **asked) -> str:
    query = "&".join(
        f"{key}={value}" for key, value in ({"tableau": table} | asked).items() if value
    )
    return f"{reverse('finance:cost_model', args=[model.pk])}?{query}"


def line_url(model, table: str) -> str:
    return reverse("finance:cost_line", args=[model.pk, table])


def rent_of(model, **changes) -> dict:
    line = model.items.get(name="Loyer")
    return {
        "ligne": line.pk, "kind": "SHARED", "name": "Loyer", "amount": "12 000,00",
        "key": "people", "source": "Bail", "note": "", **changes,
    }  # fmt: skip


class TestTheModels:
    def test_begin_empty_then_from_last_year(self, finance, model):
        url = reverse("finance:costs")
        assert "Budget 2025-2026, version 1" in words_of(finance.get(url))
        asked = {"year": "2026-2027", "state": "BUDGET", "source": ""}
        made = finance.post(url, asked, follow=True)
        assert "Aucune ligne encore" in words_of(made)
        finance.post(url, asked | {"source": model.pk})
        first, second = CostModel.objects.filter(version__lt=3).filter(
            starts_on=date(2026, 4, 1)
        ).order_by("version")  # fmt: skip
        assert (first.pays.count(), second.pays.count()) == (0, 1)

    def test_ask_again_for_a_year_that_is_not_there(self, finance):
        answer = finance.post(
            reverse("finance:costs"), {"year": "1999-2000", "state": "BUDGET"}
        )
        assert answer.status_code == 422
        assert not CostModel.objects.exists()

    @pytest.mark.parametrize("table", TABLES)
    def test_show_each_table_and_let_it_leave(self, finance, model, table):
        answer = finance.get(page_of(model, table))
        assert answer.status_code == 200
        sheet = finance.get(page_of(model, table, format="xlsx"))
        book = openpyxl.load_workbook(io.BytesIO(sheet.content))
        assert book.active.max_row == {"parametres": 1, "frais": 3}.get(table, 2)

    def test_show_25_people_at_a_time_and_the_page_of_the_one_that_is_edited(
        self, finance, model
    ):
        pay = model.pays.get()
        pay.name, pay.common = "Aaron Avant", 100
        pay.save()
        for number in range(60):
            pay.pk, pay.name = None, f"Personne {number:02d}"
            pay.save()
        last = model.pays.get(name="Personne 59")

        def named(**asked):
            shown = finance.get(page_of(model, **asked)).content.decode()
            assert len(shown) < 60_000
            return re.findall(r"#edition\">(Aaron Avant|Personne \d\d)</a>", shown)

        assert named() == ["Aaron Avant", *(f"Personne {n:02d}" for n in range(24))]
        assert named(page=3) == [f"Personne {n}" for n in range(49, 60)]
        assert named(modifier=last.pk)[-1] == named(ligne=last.pk)[-1] == last.name
        assert named(q="PERSONNE+4")[:2] == ["Personne 04", "Personne 14"]
        assert named(q="personne") != named(q="personne", page=2)
        assert "Aucune ligne de ce nom" in words_of(
            finance.get(page_of(model, q="zzz"))
        )

    def test_have_no_other_table(self, finance, model):
        assert finance.get(page_of(model, "salaires")).status_code == 404

    def test_show_unused_capacity_apart(self, finance, model):
        shown = words_of(finance.get(page_of(model)))
        # 1 000 h for 117 000 $; 900 to be sold.
        assert "1 000 h 900 h 100 h 117 000 $ 11 700 $" in shown


class TestALine:
    def test_is_changed_and_said(self, finance, model):
        done = finance.post(
            line_url(model, "frais"), rent_of(model, amount="14 500,00"), follow=True
        )
        assert "La ligne est enregistrée" in words_of(done)
        assert model.items.get(name="Loyer").amount == Decimal("14500.00")
        assert "Annuler ce changement" in words_of(done)
        undone = finance.post(
            reverse("finance:cost_act", args=[model.pk]),
            {"faire": "annuler", "tableau": "frais"}, follow=True,
        )  # fmt: skip
        assert "annulé" in words_of(undone)
        assert model.items.get(name="Loyer").amount == Decimal("12000.00")

    def test_says_at_once_what_rates_would_move_and_writes_nothing(
        self, finance, model
    ):
        builders.rate_card()
        shown = words_of(
            finance.post(
                line_url(model, "frais"),
                rent_of(model, amount="14500", faire="essayer"),
                headers={"HX-Request": "true"},
            )
        )
        assert "3 taux bougeraient" in shown
        # Adopted, before, after, and by how much.
        assert "intermédiaire 110,00 $ 117,00 $ 119,50 $ +2,50 $" in shown
        assert "Coût de l’année : +2 500,00 $" in shown
        assert model.items.get(name="Loyer").amount == Decimal("12000.00")
        assert not Retouch.objects.exists()

    def test_tried_without_a_script_gives_the_page_back_with_what_was_typed(
        self, finance, model
    ):
        answer = finance.post(
            line_url(model, "frais"), rent_of(model, amount="14500", faire="essayer")
        )
        assert "+2,50 $" in words_of(answer)
        assert 'value="14500"' in answer.content.decode()

    def test_tried_leaves_what_was_waiting_to_be_said(self, finance, model):
        finance.post(line_url(model, "frais"), rent_of(model, amount="14500"))
        url, typed = line_url(model, "frais"), rent_of(model, faire="essayer")
        tried = finance.post(url, typed, headers={"HX-Request": "true"})
        assert "est enregistrée" not in words_of(tried)
        later = words_of(finance.get(page_of(model)))
        assert later.count("La ligne est enregistrée") == 1

    def test_below_the_rounding_moves_no_rate_and_says_why(self, finance, model):
        shown = words_of(
            finance.post(
                line_url(model, "frais"),
                rent_of(model, amount="12100", faire="essayer"),
                headers={"HX-Request": "true"},
            )
        )
        assert "de moins que l’arrondi de 0,50 $" in shown

    @pytest.mark.parametrize("trying", [False, True])
    def test_below_zero_is_refused_and_kept_as_typed(self, finance, model, trying):
        typed = rent_of(model, amount="-5") | ({"faire": "essayer"} if trying else {})
        answer = finance.post(line_url(model, "frais"), typed)
        assert answer.status_code == (200 if trying else 409)
        assert "ne peuvent pas être négatifs" in words_of(answer)
        assert 'value="-5"' in answer.content.decode()

    def test_with_negative_hours_says_what_to_do(self, finance, model):
        line = model.hours.get()
        answer = finance.post(
            line_url(model, "heures"),
            {"ligne": line.pk, "field": line.field_id, "level": 2, "minutes": "-7"},
        )
        assert answer.status_code == 422
        assert "Une durée ne peut pas être négative" in words_of(answer)

    def test_that_is_already_there_is_said_by_the_act(self, finance, model):
        line = model.hours.get()
        answer = finance.post(
            line_url(model, "heures"),
            {"field": line.field_id, "level": 2, "minutes": "12 000"},
        )
        assert answer.status_code == 409
        assert "Cette ligne existe déjà" in words_of(answer)

    def test_of_a_field_can_be_of_more_than_ten_thousand_hours(self, finance, model):
        line = model.hours.get()
        finance.post(
            line_url(model, "heures"),
            {
                "ligne": line.pk, "field": line.field_id, "level": 2,
                "minutes": "12 500 h",
            },
        )  # fmt: skip
        line.refresh_from_db()
        assert line.minutes == 12_500 * 60

    def test_of_pay_takes_its_name_from_the_expert(self, finance, model):
        expert = builders.expert("Beth Fraser")
        finance.post(
            line_url(model, "personnes"),
            {
                "expert": expert.pk, "starts_on": "2025-04-01",
                "ends_on": "2026-03-31", "yearly_pay": "71 500", "charges_rate": "18,4",
                "knowledge": "8", "common": "6", "field_0": builders.field().pk,
                "level_0": "3", "weight_0": "86", "present_minutes": "1 582 h",
            },
        )  # fmt: skip
        pay = model.pays.get(expert=expert)
        assert (pay.name, pay.charges_rate) == ("Beth Fraser", Decimal("0.1840"))
        assert [(one.level, one.weight) for one in pay.shares.all()] == [(3, 86)]
        # Edited again, the page gives back what was written.
        shown = finance.get(page_of(model, modifier=pay.pk)).content.decode()
        assert 'value="18,4"' in shown
        assert "1\xa0582\xa0h" in shown

    def test_of_pay_says_to_which_field_its_time_goes(self, finance, model):
        pay = model.pays.get()
        answer = finance.post(
            line_url(model, "personnes"),
            {
                "ligne": pay.pk, "name": pay.name, "starts_on": "2025-04-01",
                "ends_on": "2026-03-31", "yearly_pay": "80000", "charges_rate": "20",
                "knowledge": "0", "common": "0", "weight_0": "50", "level_0": "2",
            },
        )  # fmt: skip
        assert answer.status_code == 422
        assert "à quel domaine va ce temps" in words_of(answer)

    def test_outside_its_year_is_refused(self, finance, model):
        answer = finance.post(
            line_url(model, "personnes"),
            {
                "name": "Embauche", "starts_on": "2025-03-31", "ends_on": "2026-03-31",
                "yearly_pay": "60000", "charges_rate": "20", "knowledge": "0",
                "common": "100", "level_0": "2",
            },
        )  # fmt: skip
        assert answer.status_code == 409
        assert "du 1er avril 2025 au 31 mars 2026" in words_of(answer)

    def test_of_a_parameter_is_changed_and_never_removed(self, finance, model):
        url = reverse("finance:costs")
        finance.post(url, {"year": "2026-2027", "state": "BUDGET"})
        model = CostModel.objects.get(starts_on=date(2026, 4, 1))
        line = model.parameters.get(code="LEVEL_3")
        answer = finance.post(
            line_url(model, "parametres"), {"ligne": line.pk, "value": "0"}
        )
        assert answer.status_code == 409
        assert "ne peut pas peser zéro" in words_of(answer)
        finance.post(
            line_url(model, "parametres"),
            {"ligne": line.pk, "value": "1,25", "faire": "retirer"},
        )
        line.refresh_from_db()
        assert line.value == Decimal("1.2500")

    def test_is_removed_and_put_back(self, finance, model):
        line = model.items.get(name="Loyer")
        finance.post(line_url(model, "frais"), {"ligne": line.pk, "faire": "retirer"})
        assert model.items.count() == 1
        gone = finance.post(line_url(model, "frais"), rent_of_gone(line))
        assert gone.status_code == 409
        assert "n’est plus là" in words_of(gone)

    def test_of_direct_costs_names_its_field(self, finance, model):
        answer = finance.post(
            line_url(model, "frais"),
            {"kind": "DIRECT", "name": "Licences", "amount": "100", "key": "people"},
        )
        assert answer.status_code == 422
        assert "de quel domaine" in words_of(answer)


def rent_of_gone(line) -> dict:
    return {
        "ligne": line.pk, "kind": "SHARED", "name": "Loyer", "amount": "1",
        "key": "people",
    }  # fmt: skip


class TestPresence:
    def test_is_read_again_and_undone(self, finance, model):
        pay = model.pays.get()
        pay.expert = builders.expert(pay.name)
        pay.save()
        url = reverse("finance:cost_act", args=[model.pk])
        done = finance.post(url, {"faire": "relire"}, follow=True)
        assert "relues des horaires" in words_of(done)
        pay.refresh_from_db()
        assert pay.present_minutes != 1_250 * 60
        finance.post(url, {"faire": "annuler"})
        pay.refresh_from_db()
        assert pay.present_minutes == 1_250 * 60


class TestACard:
    def act(self, finance, model, **typed):
        url = reverse("finance:cost_act", args=[model.pk])
        return finance.post(url, typed, follow=True)

    def proposed(self, finance, model) -> RateCard:
        self.act(
            finance, model, faire="proposer", name="Grille 2025-2026",
            starts_on="2025-04-01", note="Loyer plus cher.",
        )  # fmt: skip
        return RateCard.objects.get()

    def test_is_proposed_then_adopted_by_the_board(self, finance, model):
        card = self.proposed(finance, model)
        shown = words_of(finance.get(page_of(model)))
        assert "Au conseil de décider" in shown
        assert "Aucune résolution du conseil depuis la proposition" in shown
        meeting = Meeting.objects.create(body="BOARD", held_on=date(2025, 4, 9))
        decided = Resolution.objects.create(
            meeting=meeting, number="CA-2025-04-02", text="D’adopter la grille."
        )
        assert "CA-2025-04-02" in words_of(finance.get(page_of(model)))
        done = self.act(
            finance, model, faire="adopter", grille=card.pk, resolution=decided.pk
        )
        assert "La grille est adoptée" in words_of(done)
        card.refresh_from_db()
        assert card.status == RateCard.Status.ADOPTED

    def test_is_taken_back(self, finance, model):
        card = self.proposed(finance, model)
        refused = finance.post(line_url(model, "frais"), rent_of(model))
        assert refused.status_code == 409
        assert "Ce modèle est figé" in words_of(refused)
        done = self.act(finance, model, faire="retirer", grille=card.pk)
        assert "La proposition est retirée" in words_of(done)
        assert "Proposer au conseil" in words_of(done)

    def test_needs_a_name_and_a_date_of_its_year(self, finance, model):
        url = reverse("finance:cost_act", args=[model.pk])
        empty = {"faire": "proposer", "name": "", "starts_on": "2025-04-01"}
        assert finance.post(url, empty).status_code == 422
        late = {"faire": "proposer", "name": "Grille", "starts_on": "2026-04-01"}
        refused = finance.post(url, late)
        assert refused.status_code == 409
        assert "Une grille vaut pour l’année de son modèle" in words_of(refused)
        assert not RateCard.objects.exists()

    def test_of_another_model_is_not_there(self, finance, model):
        card = self.proposed(finance, model)
        other = builders.cost_model(version=2, **YEAR)
        url = reverse("finance:cost_act", args=[other.pk])
        asked = {"faire": "retirer", "grille": card.pk}
        assert finance.post(url, asked).status_code == 404
        assert finance.post(url, {"faire": "danser"}).status_code == 404


class TestRates:
    def test_stand_beside_those_adopted(self, finance, model):
        builders.rate_card()
        shown = words_of(finance.get(reverse("finance:cost_rates", args=[model.pk])))
        assert "intermédiaire 117,00 $ 110,00 $ +7,00 $" in shown
        sheet = finance.get(
            reverse("finance:cost_rates", args=[model.pk]) + "?format=xlsx"
        )
        rows = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.values)
        assert rows[2][2:] == (117, 110, 7)

    def test_say_what_to_do_when_no_card_is_adopted(self, finance, model):
        shown = words_of(finance.get(reverse("finance:cost_rates", args=[model.pk])))
        assert "Aucune grille n’est en vigueur" in shown

    def test_explain_themselves_down_to_each_line(self, finance, model):
        url = reverse("finance:cost_rate", args=[model.pk, "affaires-juridiques", 2])
        shown = words_of(finance.get(url))
        for part in ("117,00 $", "80,00 $", "16,00 $", "9,00 $", "12,00 $"):
            assert part in shown
        assert "Me Anaïs Tremblay" in shown
        away = reverse("finance:cost_rate", args=[model.pk, "affaires-juridiques", 9])
        assert finance.get(away).status_code == 404

    def test_above_the_moderate_cost_are_marked(self, finance, model):
        ModerateCost.objects.create(
            field=builders.field(), starts_on=date(2025, 1, 1),
            amount=Decimal("120.00"), source="Loi sur le Barreau, art. 131.1",
        )  # fmt: skip
        listed = words_of(finance.get(reverse("finance:cost_rates", args=[model.pk])))
        assert listed.count("au-dessus du coût modéré de 120,00 $") == 1
        url = reverse("finance:cost_rate", args=[model.pk, "affaires-juridiques", 3])
        assert "Ce taux dépasse le coût modéré" in words_of(finance.get(url))


class TestASpreadsheet:
    def book(self, *rows) -> io.BytesIO:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)
        file.seek(0)
        file.name = "frais.xlsx"
        return file

    def send(self, finance, model, table, file):
        url = reverse("finance:cost_import", args=[model.pk, table])
        return finance.post(url, {"file": file})

    ITEMS = ("Nature", "Nom", "Montant ($)", "Domaine", "Clé", "Source", "Note")

    def test_is_shown_then_written(self, finance, model):
        answer = self.send(
            finance, model, "frais",
            self.book(
                self.ITEMS,
                ("frais communs", "Loyer", 14500, "", "personnes", "Bail", "Indexé"),
                ("Direct costs", "SOQUIJ", "1 000,00", "Affaires juridiques", "",
                 "Facture 88", ""),
            ),
        )  # fmt: skip
        shown = words_of(answer)
        assert "À ajouter 1 À changer 1 Sans changement 0 À corriger 0" in shown
        assert "3 taux bougeraient" in shown
        assert model.items.get(name="Loyer").amount == 12_000
        read = re.search(r'name="lu" value="([^"]+)"', answer.content.decode())[1]
        url = reverse("finance:cost_import", args=[model.pk, "frais"])
        done = words_of(finance.post(url, {"lu": read}, follow=True))
        assert "Lignes ajoutées : 1. Lignes changées : 1." in done
        rent = model.items.get(name="Loyer")
        assert (rent.amount, rent.source, rent.note) == (14_500, "Bail", "Indexé")
        assert model.items.get(name="SOQUIJ").source == "Facture 88"
        finance.post(reverse("finance:cost_act", args=[model.pk]), {"faire": "annuler"})
        assert model.items.get(name="Loyer").amount == 12_000
        assert model.items.count() == 2

    @pytest.mark.parametrize("table", TABLES)
    def test_that_just_left_changes_nothing(self, finance, table):
        model = builders.cost_model(**YEAR, funding="17000.00")
        model.parameters.create(code="ROUNDING", value=Decimal("0.50"))
        model.pays.create(
            name="Me Anaïs Tremblay", starts_on=model.starts_on, ends_on=model.ends_on,
            yearly_pay=Decimal("61234.56"), charges_rate=Decimal("0.1835"), common=3,
            present_minutes=1,
        )  # fmt: skip
        left = finance.get(page_of(model, table, format="xlsx"))
        file = io.BytesIO(left.content)
        file.name = "export.xlsx"
        shown = words_of(self.send(finance, model, table, file))
        count = {"personnes": 2, "frais": 3}.get(table, 1)
        assert f"À changer 0 Sans changement {count} À corriger 0" in shown

    def test_with_wrong_rows_says_which_and_writes_nothing(self, finance, model):
        answer = self.send(
            finance, model, "frais",
            self.book(
                self.ITEMS,
                ("frais communs", "Téléphone", 500, "", "personnes", "", ""),
                ("frais directs", "Outils", 100, "Astrologie", "", "", ""),
                ("frais communs", "Assurance", -3, "", "personnes", "", ""),
                ("frais communs", "", 100, "", "personnes", "", ""),
                ("frais communs", "Loyer 2", 1, "", "personnes", "x" * 201, ""),
            ),
        )  # fmt: skip
        shown = words_of(answer)
        assert answer.status_code == 409
        assert "3 Domaine : « Astrologie » n’est pas connu ici" in shown
        assert "4 Montant ($)" in shown
        assert "5 « Nom » est vide" in shown
        assert "6 Source" in shown
        assert 'name="lu"' not in answer.content.decode()
        assert model.items.count() == 2

    def test_of_negative_hours_is_refused(self, finance, model):
        file = self.book(
            ("Domaine", "Niveau", "Heures"),
            ("Affaires juridiques", "intermédiaire", -12),
        )
        shown = words_of(self.send(finance, model, "heures", file))
        assert "À corriger 1" in shown
        assert "négati" in shown
        assert model.hours.get().minutes == 900 * 60

    def test_of_impossible_charges_is_refused(self, finance, model):
        file = self.book(
            ("Nom", "Du", "Au", "Salaire annuel ($)", "Charges (%)",
             "Heures présentes", "Savoir", "Pour tous", "Domaine"),
            ("Embauche", None, None, 60000, 5000, None, None, 100, None),
        )  # fmt: skip
        shown = words_of(self.send(finance, model, "personnes", file))
        assert "trop grand pour « charges »" in shown

    def test_cut_in_half_or_without_its_titles_says_what_to_do(self, finance, model):
        whole = self.book(self.ITEMS).getvalue()
        half = io.BytesIO(whole[: len(whole) // 2])
        half.name = "frais.xlsx"
        answer = self.send(finance, model, "frais", half)
        assert answer.status_code == 422
        other = self.send(finance, model, "frais", self.book(("Nom", "Prix"), ("a", 1)))
        assert "Il manque des colonnes : Nature, Montant ($)" in words_of(other)
        empty = self.send(finance, model, "frais", self.book(self.ITEMS))
        assert "n’a que des titres" in words_of(empty)

    def test_that_was_tampered_with_is_not_written(self, finance, model):
        url = reverse("finance:cost_import", args=[model.pk, "frais"])
        answer = finance.post(url, {"lu": "W10:forged:signature"})
        assert answer.status_code == 409
        assert "n’est plus valable" in words_of(answer)

    def test_of_a_frozen_model_is_refused(self, finance, model):
        model.frozen_at = builders.NOW
        model.save()
        answer = self.send(
            finance, model, "frais",
            self.book(self.ITEMS, ("frais communs", "A", 1, "", "personnes", "", "")),
        )  # fmt: skip
        assert answer.status_code == 409
        assert "Ce modèle est figé" in words_of(answer)


class TestTheFollowUp:
    def test_shows_the_three_reasons_and_their_sum(self, finance):
        builders.cost_model()
        builders.rate_card()
        actual = builders.cost_model(state="ACTUAL")
        actual.hours.update(minutes=950 * 60)
        url = reverse("finance:follow_up")
        shown = words_of(finance.get(url + "?annee=2024-2025"))
        assert "L’année 2024-2025 à côté de son budget" in shown
        assert "5 500 $" in shown
        sheet = finance.get(url + "?annee=2024-2025&format=xlsx")
        (_head, row) = openpyxl.load_workbook(io.BytesIO(sheet.content)).active.values
        assert row[-1] == row[-2] + row[-3] + row[-4]

    def test_follows_the_time_sheets_before_any_real_cost_is_written(self, finance):
        builders.cost_model()
        builders.rate_card()
        expert = builders.expert()
        builders.worked(expert, builders.mandate(expert), 600, date(2025, 3, 4))
        shown = words_of(finance.get(reverse("finance:follow_up")))
        assert "Le coût réel n’est pas encore inscrit" in shown
        assert "10 h Heures vendues" in shown or "Heures vendues 10 h" in shown

    def test_says_how_to_begin(self, finance):
        shown = words_of(finance.get(reverse("finance:follow_up")))
        assert "Il faut le budget de l’année et une grille adoptée" in shown


@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    def test_a_rate_moves_as_one_types(self, visit, model):
        builders.cooperative()
        builders.rate_card()
        rent = model.items.get(name="Loyer")
        page = visit("", builders.user(Role.FINANCE))
        page.goto(page_of(model, "frais", modifier=rent.pk))
        page.get_by_label("Montant").fill("14500")
        row = page.locator("#essai tbody tr", has_text="intermédiaire")
        row.wait_for()
        assert row.inner_text().replace("\xa0", " ").split("\t")[-4:] == [
            "110,00 $", "117,00 $", "119,50 $", "+2,50 $",
        ]  # fmt: skip
        assert_no_axe_violations(page)
        page.get_by_role("button", name="Enregistrer").press("Enter")
        page.get_by_text("La ligne est enregistrée").wait_for()
        assert model.items.get(name="Loyer").amount == 14_500

    @pytest.mark.parametrize(
        "look", [{}, {"dark": True}, {"phone": True}, {"language": "en"}]
    )
    def test_every_page_can_be_read_by_all(self, visit, model, look):
        builders.cooperative()
        builders.rate_card()
        page = visit("", builders.user(Role.FINANCE), **look)
        for address in (
            reverse("finance:costs"),
            *(page_of(model, table, modifier="nouveau") for table in TABLES),
            page_of(model, modifier=model.pays.get().pk),
            reverse("finance:cost_rates", args=[model.pk]),
            reverse("finance:cost_rate", args=[model.pk, "affaires-juridiques", 2]),
            reverse("finance:cost_import", args=[model.pk, "personnes"]),
            reverse("finance:follow_up"),
        ):
            page.goto(address)
            assert_no_axe_violations(page)
            assert not scrolls_sideways(page), address


class TestTheCardInForce:
    def test_leads_finance_to_its_model_and_coordination_not(self, finance, model):
        card = builders.rate_card(model=model, resolution=builders.resolution())
        url = reverse("finance:tariffs") + f"?grille={card.pk}"
        leads = reverse("finance:cost_rates", args=[model.pk])
        assert leads in finance.get(url).content.decode()
        finance.force_login(builders.user(Role.COORDINATION))
        assert leads not in finance.get(url).content.decode()
