"""The pages of invoices: finance drafts, issues, credits and is paid; a member reads.

Nobody sees another member's invoice, by any of the three pages that show one.
"""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from partage.billing.actions import record_payment
from partage.billing.models import Invoice, Payment
from partage.people.models import Role
from tests import builders
from tests.doors.axe import assert_no_axe_violations
from tests.doors.browser import scrolls_sideways

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house(db):
    builders.cooperative()
    builders.taxes()


@pytest.fixture
def finance(client):
    client.force_login(builders.user(Role.FINANCE, name="Nadia Roy"))
    return client


def page_of(invoice):
    return reverse("finance:invoice", args=[invoice.pk])


def words_of(response):
    return response.content.decode().replace("\u00a0", " ")


def token(response):
    return re.search(r'name="once" value="([^"]+)"', response.content.decode())[1]


class TestToBill:
    @pytest.fixture
    def mandate(self):
        expert = builders.expert("Karim Benali")
        mandate = builders.mandate(expert)
        builders.worked(expert, mandate, 420)
        builders.worked(expert, mandate, 90, date(2025, 3, 12), status="SUBMITTED")
        return mandate

    def test_it_shows_what_waits_and_what_is_not_approved(self, finance, mandate):
        words = words_of(finance.get(reverse("finance:to_bill")))
        assert "770,00 $" in words
        assert "1 h 30 à approuver" in words

    def test_chosen_mandates_become_drafts_and_one_opens_at_once(
        self, finance, mandate
    ):
        url = reverse("finance:to_bill")
        answer = finance.post(url, {"do": "chosen", "mandate": mandate.pk})
        draft = Invoice.objects.get()
        assert answer.url == page_of(draft)
        assert "Karim Benali" in words_of(finance.get(answer.url))

    def test_nothing_chosen_is_said(self, finance, mandate):
        answer = finance.post(reverse("finance:to_bill"), {"do": "chosen"})
        assert answer.status_code == 409
        assert "Cochez au moins une ligne" in words_of(answer)

    def test_all_leaves_out_who_has_no_rate_and_says_so(self, finance, mandate):
        builders.worked(builders.expert(), builders.mandate(), 60)
        answer = finance.post(reverse("finance:to_bill"), {"do": "all"}, follow=True)
        assert Invoice.objects.get().mandate == mandate
        assert "1 mandat attend" in words_of(answer)

    def test_two_clicks_draft_once(self, finance, mandate):
        sent = {"do": "all", "once": token(finance.get(reverse("finance:to_bill")))}
        first = finance.post(reverse("finance:to_bill"), sent)
        again = finance.post(reverse("finance:to_bill"), sent)
        assert first.url == again.url
        assert Invoice.objects.count() == 1


class TestOneInvoice:
    def test_a_draft_shows_its_taxes_and_is_issued_once(self, finance):
        draft = builders.draft("1140.00")
        page = finance.get(page_of(draft))
        assert "113,72 $" in words_of(page)
        assert "1 310,72 $" in words_of(page)
        sent = {"do": "issue", "once": token(page)}
        for _click in range(2):
            answer = finance.post(page_of(draft), sent, follow=True)
        assert answer.status_code == 200
        assert "Facture 1" in words_of(answer)
        again = finance.post(page_of(draft), {"do": "issue"})
        assert again.status_code == 409
        assert "déjà émise" in words_of(again)

    def test_a_draft_is_changed_and_a_wrong_amount_is_kept_as_typed(self, finance):
        draft = builders.draft("1140.00")
        line = draft.lines.get()
        sent = {
            "do": "change",
            f"words-{line.pk}": "Atelier du conseil",
            "new_words": "Rabais",
            "new_amount": "cent",
        }
        wrong = finance.post(page_of(draft), sent)
        assert wrong.status_code == 422
        assert "Ce montant ne se lit pas" in words_of(wrong)
        assert 'value="Atelier du conseil"' in words_of(wrong)
        finance.post(page_of(draft), {**sent, "new_amount": "-140,00 $"})
        draft.refresh_from_db()
        assert draft.net == Decimal("1000.00")
        finance.post(page_of(draft), {"do": "delete"})
        assert not Invoice.objects.exists()

    def test_too_much_money_asks_to_confirm_then_shows_as_credit(self, finance):
        invoice = builders.issued()
        sent = {
            "do": "pay",
            "amount": "1400,00",
            "received_on": "2025-04-07",
            "method": "CHEQUE",
        }
        page = finance.post(page_of(invoice), sent)
        assert page.status_code == 409
        assert 'name="over"' in words_of(page)
        assert 'value="1400,00"' in words_of(page)
        finance.post(page_of(invoice), {**sent, "over": "on"})
        assert "89,28 $ sont à son crédit" in words_of(finance.get(page_of(invoice)))
        finance.post(page_of(invoice), {**sent, "do": "give_back", "amount": "89,28"})
        assert Payment.objects.count() == 2
        assert "sont à son crédit" not in words_of(finance.get(page_of(invoice)))

    def test_a_payment_is_taken_back_and_an_invoice_credited(self, finance):
        invoice = builders.issued()
        payment = record_payment(
            invoice_id=invoice.pk,
            amount=invoice.total,
            received_on=builders.TODAY,
            by=builders.actor(),
        )
        finance.post(page_of(invoice), {"do": "reverse", "payment": payment.pk})
        missing = finance.post(page_of(invoice), {"do": "credit", "reason": ""})
        assert missing.status_code == 422
        done = finance.post(
            page_of(invoice), {"do": "credit", "reason": "Mauvais mandat"}, follow=True
        )
        assert "La note de crédit 2 est émise" in words_of(done)
        assert "Créditée par" in words_of(done)
        note = Invoice.objects.get(number=2)
        assert "Mauvais mandat" in words_of(done)
        assert finance.get(page_of(note)).status_code == 200

    def test_both_a_draft_and_an_invoice_have_their_pdf(self, finance):
        for row in (builders.draft(), builders.issued()):
            answer = finance.get(reverse("finance:invoice_pdf", args=[row.pk]))
            assert answer.content.startswith(b"%PDF")
            assert answer["Content-Type"] == "application/pdf"

    def test_a_draft_without_taxes_says_why_it_cannot_leave(self, finance):
        draft = builders.draft(on=builders.mandate(province="MB"))
        assert "Manitoba" in words_of(finance.get(page_of(draft)))
        answer = finance.get(reverse("finance:invoice_pdf", args=[draft.pk]))
        assert answer.status_code == 409

    @pytest.mark.parametrize("do", ["", "burn", "reverse"])
    def test_an_act_that_does_not_exist_is_not_found(self, finance, do):
        assert finance.post(page_of(builders.issued()), {"do": do}).status_code == 404


class TestIssueMany:
    def test_a_refusal_leaves_the_others_and_one_can_stop_between_two_handfuls(
        self, finance, monkeypatch
    ):
        monkeypatch.setattr("partage.portal.finance.invoices.BATCH", 10)
        good = [builders.draft() for _n in range(12)]
        bad = builders.draft(on=builders.mandate(province="MB"))
        ids = [row.pk for row in (good[0], bad, *good[1:])]
        url = reverse("finance:issue_many")
        asked = finance.post(url, {"do": "chosen", "invoice": ids})
        assert "Émettre 13 factures" in words_of(asked)
        assert not Invoice.objects.filter(number__isnull=False).exists()
        first = finance.post(url, {"go": 1, "total": 13, "invoice": ids})
        assert "9 émises, 10 traitées sur 13" in words_of(first)
        assert "Manitoba" in words_of(first)
        hidden = re.findall(
            r'name="((?:why-)?\w+(?:-\d+)?)" value="([^"]*)"', words_of(first)
        )
        sent = {}
        for name, value in hidden:
            sent.setdefault(name, []).append(value)
        last = finance.post(url, sent)
        assert "Émission terminée" in words_of(last)
        assert "12 émises, 13 traitées sur 13" in words_of(last)
        assert "Manitoba" in words_of(last)
        numbers = Invoice.objects.filter(number__isnull=False)
        assert sorted(numbers.values_list("number", flat=True)) == list(range(1, 13))
        # The same request again, late: nothing is done twice.
        again = finance.post(url, {"go": 1, "total": 13, "invoice": ids})
        assert "9 émises" in words_of(again)
        assert numbers.count() == 12


class TestLists:
    def test_the_list_is_filtered_by_number_name_state_and_month(self, finance):
        org = builders.organisation("Coop de l’Anse")
        first, second = builders.issued(org=org), builders.issued("140.00")
        draft = builders.draft()

        def shown(query):
            words = words_of(finance.get(reverse("finance:invoices") + query))
            rows = (first, second, draft)
            return [row.pk for row in rows if f'href="{page_of(row)}"' in words]

        assert shown("") == [first.pk, second.pk, draft.pk]
        assert shown("?q=2") == [second.pk]
        assert shown("?q=anse") == [first.pk]
        assert shown("?etat=DRAFT") == [draft.pk]
        assert shown("?etat=LATE") == []
        assert shown("?mois=2025-03&etat=ISSUED") == [first.pk, second.pk]
        assert shown("?mois=2025-02") == []
        assert shown(f"?org={org.pk}") == [first.pk]
        # What is not a filter is no fault.
        assert shown("?mois=hier&org=x&etat=X&page=z&q=99999999999") == []
        assert shown("?q=an%00se") == [first.pk]

    def test_lists_leave_as_spreadsheets(self, finance):
        invoice = builders.issued()
        for name in ("invoices", "accounts", "payments", "to_bill"):
            answer = finance.get(reverse(f"finance:{name}") + "?format=xlsx")
            book = load_workbook(BytesIO(answer.content)).active
            if name == "invoices":
                row = [cell.value for cell in book[2]]
                assert row[0] == invoice.number
                assert row[9] == pytest.approx(1310.72)

    def test_as_many_questions_and_few_bytes_whatever_the_rows(
        self, finance, django_assert_max_num_queries
    ):
        for _n in range(26):
            builders.issued("140.00")
        for name, most in (("invoices", 12), ("accounts", 10), ("payments", 12)):
            with django_assert_max_num_queries(most):
                answer = finance.get(reverse(f"finance:{name}"))
            assert len(answer.content) < 60_000

    def test_a_payment_is_recorded_with_its_number(self, finance):
        builders.issued("140.00")
        url = reverse("finance:payments")
        sent = {"amount": "160.97", "received_on": "2025-04-07", "method": "TRANSFER"}
        unknown = finance.post(url, {**sent, "number": 12})
        assert unknown.status_code == 422
        assert "Aucune facture 12" in words_of(unknown)
        done = finance.post(url, {**sent, "number": 1}, follow=True)
        assert "Le paiement de la facture 1 est inscrit" in words_of(done)
        assert Invoice.objects.get().status == "PAID"

    def test_a_statement_is_read_and_printed(self, finance):
        invoice = builders.issued()
        url = reverse("finance:statement", args=[invoice.organisation_id])
        assert "1 310,72 $" in words_of(finance.get(url))
        assert finance.get(url + "?format=pdf").content.startswith(b"%PDF")
        wrong = finance.get(url + "?start=2025-04-07&end=2025-01-01")
        assert wrong.status_code == 422


class TestCoordination:
    def test_the_page_of_a_mandate_shows_what_was_invoiced(self, client):
        invoice = builders.issued("1140.00")
        client.force_login(builders.user(Role.COORDINATION))
        url = reverse("coordination:mandate", args=[invoice.mandate_id])
        words = words_of(client.get(url))
        assert "Facture 1" in words
        assert "1 310,72 $" in words


class TestMember:
    def test_a_member_sees_its_own_invoices_and_nobody_elses(self, client):
        ours = builders.organisation("Coop de l’Anse")
        theirs = builders.organisation("Mutuelle du Fleuve")
        mine, other = builders.issued(org=ours), builders.issued("140.00", org=theirs)
        draft = builders.draft(on=builders.mandate(org=ours))
        client.force_login(builders.representative(ours, can_sign=False))
        home = words_of(client.get(reverse("member:invoices")))
        assert "Facture 1" in home
        assert "Facture 2" not in home
        assert "1 310,72 $" in home
        for name in ("invoice", "invoice_pdf"):
            own = client.get(reverse(f"member:{name}", args=[mine.pk]))
            assert own.status_code == 200
            for hidden in (other, draft):
                url = reverse(f"member:{name}", args=[hidden.pk])
                assert client.get(url).status_code == 404
        answer = client.get(reverse("member:invoices") + "?format=xlsx")
        assert load_workbook(BytesIO(answer.content)).active.max_row == 2

    def test_who_no_longer_represents_a_member_sees_nothing(self, client):
        org = builders.organisation()
        invoice = builders.issued(org=org)
        person = builders.representative(org)
        org.representations.update(until=date(2025, 4, 1))
        client.force_login(person)
        url = reverse("member:invoice", args=[invoice.pk])
        assert client.get(url).status_code == 404


@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    @pytest.fixture
    def rows(self):
        expert = builders.expert("Karim Benali")
        mandate = builders.mandate(
            expert, org=builders.organisation("Coop alimentaire de l’Anse")
        )
        builders.worked(expert, mandate, 420)
        builders.worked(expert, mandate, 90, date(2025, 3, 12), status="SUBMITTED")
        invoice = builders.issued(org=mandate.organisation)
        record_payment(
            invoice_id=invoice.pk,
            amount=Decimal("310.72"),
            received_on=builders.TODAY,
            by=builders.actor(),
        )
        return invoice, builders.draft(on=mandate)

    @pytest.mark.parametrize(
        "look", [{}, {"dark": True}, {"phone": True}, {"language": "en"}]
    )
    def test_every_page_can_be_read_by_all(self, visit, rows, look):
        invoice, draft = rows
        person = builders.user(Role.FINANCE)
        page = visit("", person, **look)
        addresses = [
            reverse("finance:home"),
            reverse("finance:invoices"),
            reverse("finance:invoices") + "?etat=DRAFT",
            reverse("finance:to_bill"),
            page_of(invoice),
            page_of(draft),
            reverse("finance:payments"),
            reverse("finance:accounts"),
            reverse("finance:statement", args=[invoice.organisation_id]),
        ]
        for address in addresses:
            page.goto(address)
            assert_no_axe_violations(page)
            assert not scrolls_sideways(page), address
        member = visit("", builders.representative(invoice.organisation), **look)
        for address in (
            reverse("member:invoices"),
            reverse("member:invoice", args=[invoice.pk]),
        ):
            member.goto(address)
            assert_no_axe_violations(member)
            assert not scrolls_sideways(member), address

    def test_from_approved_hours_to_a_paid_invoice_by_keyboard(self, visit, rows):
        page = visit(reverse("finance:to_bill"), builders.user(Role.FINANCE))
        page.get_by_role("checkbox").first.focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Préparer les mandats cochés").press("Enter")
        page.get_by_role("button", name="Émettre la facture").press("Enter")
        page.get_by_text("La facture 2 est émise.").wait_for()
        page.get_by_label("Montant").press("Tab")
        page.get_by_role("button", name="Inscrire le paiement").press("Enter")
        page.get_by_text("Le paiement est inscrit.").wait_for()
        assert Invoice.objects.get(number=2).status == "PAID"

    def test_twenty_five_drafts_are_issued_in_steps_by_themselves(self, visit):
        mandate = builders.mandate()
        for _n in range(25):
            builders.draft(on=mandate)
        person = builders.user(Role.FINANCE)
        page = visit(reverse("finance:invoices") + "?etat=DRAFT", person)
        page.get_by_role("button", name="Émettre les 25 brouillons").click()
        page.get_by_role("button", name="Émettre", exact=True).click()
        page.get_by_role("heading", name="Émission terminée").wait_for()
        assert Invoice.objects.filter(number__isnull=False).count() == 25
