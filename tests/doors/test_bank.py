"""The bank's page: a file comes, its deposits are proposed, confirmed and undone."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from partage.billing.models import Deposit, Payment
from partage.people.models import Role
from tests import builders
from tests.doors.test_billing import words_of

pytestmark = pytest.mark.django_db
HEAD = "Date;Description;Montant\n"


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


@pytest.fixture
def finance(client):
    client.force_login(builders.user(Role.FINANCE, name="Nadia Roy"))
    return client


def bring(client, text, **more):
    file = SimpleUploadedFile("releve.csv", text.encode("cp1252"))
    sent = {"do": "bring", "file": file, **more}
    return client.post(reverse("finance:bank"), sent, follow=True)


def seen_in(response, deposit):
    found = re.search(rf'name="seen-{deposit.pk}" value="([^"]+)"', response.text)
    return found[1]


def test_a_file_comes_and_its_deposits_say_what_they_would_pay_and_why(finance):
    org = builders.organisation("Coopérative de l’Érable")
    builders.issued(org=org)
    answer = bring(finance, HEAD + "2025-04-02;Virement Érable facture 1;1 310,72\n")
    words = words_of(answer)
    assert "1 dépôt nouveau dans « releve.csv »" in words
    assert "Coopérative de l’Érable" in words
    assert "Le numéro de la facture y est, le nom du membre y est, le montant" in words
    again = bring(finance, HEAD + "2025-04-02;Virement Érable facture 1;1 310,72\n")
    assert "est déjà là. Rien n’est ajouté" in words_of(again)
    assert Deposit.objects.count() == 1


def test_a_file_cut_in_half_is_refused_with_what_to_do(finance):
    answer = bring(finance, HEAD + '2025-04-02;"Virement Éra')
    assert answer.status_code == 409
    assert "Téléchargez-le de nouveau à la banque" in words_of(answer)
    assert not Deposit.objects.exists()


def test_ambiguous_dates_ask_and_are_read_as_said(finance):
    text = HEAD + "03/04/2025;Virement;12,00\n"
    assert "le jour ou le mois vient en premier" in words_of(bring(finance, text))
    bring(finance, text, dates="day_first")
    assert str(Deposit.objects.get().on) == "2025-04-03"


def test_no_file_at_all_is_said(finance):
    answer = finance.post(reverse("finance:bank"), {"do": "bring"})
    assert answer.status_code == 422


def test_what_is_checked_is_confirmed_as_it_was_seen_or_not_at_all(finance):
    invoice = builders.issued()
    page = bring(finance, HEAD + "2025-04-02;facture 1;310,72\n")
    deposit = Deposit.objects.get()
    sent = {
        "do": "chosen",
        "deposit": deposit.pk,
        f"seen-{deposit.pk}": seen_in(page, deposit),
    }
    wrong = {**sent, f"seen-{deposit.pk}": f"{invoice.pk}:300.00"}
    answer = finance.post(reverse("finance:bank"), wrong)
    assert answer.status_code == 409
    assert "a changé depuis que la page est ouverte" in words_of(answer)
    finance.post(reverse("finance:bank"), sent)
    assert str(Payment.objects.get().amount) == "310.72"


def test_all_that_is_certain_goes_with_one_button(finance):
    builders.issued()
    builders.issued("140.00")
    page = bring(
        finance, HEAD + "2025-04-02;facture 1;1310,72\n2025-04-02;facture 2;160,97\n"
    )
    assert "Confirmer les 2 dépôts certains" in words_of(page)
    answer = finance.post(reverse("finance:bank"), {"do": "certain"}, follow=True)
    assert "2 dépôts sont rapprochés" in words_of(answer)
    tab = finance.get(reverse("finance:bank"), {"etat": "rapproches"})
    assert "2 avr. 2025" in words_of(tab)


class TestOneDeposit:
    @pytest.fixture
    def deposit(self, finance):
        builders.issued()
        bring(finance, HEAD + "2025-04-02;Virement;1400,00\n")
        return Deposit.objects.get()

    def send(self, client, deposit, **sent):
        return client.post(
            reverse("finance:deposit", args=[deposit.pk]), sent, follow=True
        )

    def test_by_hand_too_much_asks_then_the_rest_is_the_members(self, finance, deposit):
        answer = self.send(finance, deposit, do="hand", **{"number-0": 1})
        assert answer.status_code == 409
        assert "Les parts font 1 310,72 $ et le dépôt est de 1 400,00 $" in words_of(
            answer
        )
        self.send(finance, deposit, do="hand", over="on", **{"number-0": 1})
        assert str(Payment.objects.get().amount) == "1400.00"
        answer = self.send(finance, deposit, do="undo")
        assert "Le dépôt attend de nouveau" in words_of(answer)
        assert Payment.objects.count() == 2

    def test_a_number_and_an_amount_that_do_not_read_are_said_beside_them(
        self, finance, deposit
    ):
        sent = {"number-0": 99, "number-1": 1, "amount-1": "mille"}
        answer = self.send(finance, deposit, do="hand", **sent)
        assert answer.status_code == 422
        assert "Aucune facture 99." in words_of(answer)
        assert "Ce montant ne se lit pas." in words_of(answer)
        assert 'value="mille"' in words_of(answer)

    def test_it_is_set_aside_and_comes_back(self, finance, deposit):
        answer = self.send(finance, deposit, do="aside", reason="")
        assert "pourquoi ce dépôt" in words_of(answer)
        self.send(finance, deposit, do="aside", reason="Subvention")
        tab = finance.get(reverse("finance:bank"), {"etat": "ecartes"})
        assert "Subvention" in words_of(tab)
        self.send(finance, deposit, do="back")
        deposit.refresh_from_db()
        assert deposit.status == "WAITING"


def test_deposits_leave_as_a_spreadsheet_and_the_file_as_it_came(finance):
    text = HEAD + "2025-04-02;=1+1;12,00\n"
    bring(finance, text)
    answer = finance.get(reverse("finance:bank"), {"format": "xlsx"})
    book = load_workbook(BytesIO(answer.content))
    assert book.active["B2"].value == 12
    assert book.active["C2"].value == "=1+1"
    kept = finance.get(
        reverse("finance:bank_file", args=[Deposit.objects.get().bank_file_id])
    )
    assert kept.content == text.encode("cp1252")
