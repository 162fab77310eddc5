"""One invoice, from draft to paid: its page, its acts, its document."""

from datetime import date
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from partage.billing import actions, queries
from partage.billing.actions.drafting import LARGEST, InvoiceAlreadyIssued
from partage.billing.actions.issuing import tax_day, taxes_on
from partage.billing.actions.paying import TooMuch
from partage.billing.models import Invoice, Payment
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import read_here
from partage.portal.forms import AmountInput, Form
from partage.portal.invoices import body_of, state_of
from partage.portal.once import once
from partage.portal.prices import immoderate_of, price_of_invoice
from partage.portal.story import story
from partage.rules.money import ZERO, UnreadableMoney, parse_money


class PayForm(Form):
    amount = forms.DecimalField(
        label=_("Montant ($)"),
        max_digits=9,
        decimal_places=2,
        min_value=Decimal("0.01"),
    )
    received_on = forms.DateField(label=_("Reçu le"))
    method = forms.ChoiceField(label=_("Mode"), choices=Payment.Method.choices)
    note = forms.CharField(label=_("Précision"), required=False, max_length=150)
    over = forms.BooleanField(
        label=_("L’excédent reste au crédit du membre"), required=False
    )


class CreditForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Le journal garde ce motif."),
    )


class PartForm(Form):
    """How much of each line is given back."""

    def __init__(self, left, data=None) -> None:
        super().__init__(data)
        for pk, one in left.items():
            if one.amount > 0:
                self.fields[f"amount-{pk}"] = forms.CharField(
                    label=one.line.description,
                    required=False,
                    max_length=20,
                    widget=AmountInput({"inputmode": "decimal"}),
                    help_text=gettext("Il reste %(left)s.")
                    % {"left": queries.in_words(one.amount)},
                )
        self.fields["to_bill_again"] = forms.BooleanField(
            label=_("Le travail des lignes rendues en entier redevient à facturer"),
            required=False,
        )
        self.fields["reason"] = CreditForm.base_fields["reason"]

    def clean(self) -> dict:
        data = super().clean()
        for name in [name for name in data if name.startswith("amount-")]:
            try:
                data[name] = parse_money(data[name]) if data[name] else ZERO
            except UnreadableMoney:
                self.add_error(
                    name,
                    gettext("Ce montant ne se lit pas. Écrivez par exemple 140,50."),
                )
        return data

    def amounts(self) -> dict[int, Decimal]:
        return {
            int(name.removeprefix("amount-")): amount
            for name, amount in self.cleaned_data.items()
            if name.startswith("amount-")
        }


class DraftForm(forms.Form):
    """The words of each line, the lines that leave, one agreed amount that joins."""

    def __init__(self, lines, data=None) -> None:
        super().__init__(data, label_suffix="")
        self.lines = lines
        for line in lines:
            self.fields[f"words-{line.pk}"] = forms.CharField(
                label=_("Description"), max_length=250, initial=line.description
            )
            self.fields[f"out-{line.pk}"] = forms.BooleanField(
                label=_("Retirer"), required=False
            )
        self.fields["new_words"] = forms.CharField(
            label=_("Description"), max_length=250, required=False
        )
        self.fields["new_amount"] = forms.CharField(
            label=_("Montant ($)"),
            required=False,
            max_length=20,
            widget=AmountInput({"inputmode": "decimal"}),
            help_text=_("Un montant négatif est un rabais."),
        )

    def rows(self):
        return [
            (line, self[f"words-{line.pk}"], self[f"out-{line.pk}"])
            for line in self.lines
        ]

    def clean_new_amount(self) -> Decimal | None:
        typed = self.cleaned_data["new_amount"]
        if not typed:
            return None
        try:
            amount = parse_money(typed)
        except UnreadableMoney:
            raise forms.ValidationError(
                gettext("Ce montant ne se lit pas. Écrivez par exemple 140,50.")
            ) from None
        if not amount or abs(amount) > LARGEST:
            raise forms.ValidationError(
                gettext("Donnez un montant qui n’est pas nul, jusqu’à 9 999 999,99 $.")
            )
        return amount

    def clean(self) -> dict:
        data = super().clean()
        if "new_amount" in data and bool(data.get("new_words")) != bool(
            data["new_amount"]
        ):
            missing = "new_words" if data["new_amount"] else "new_amount"
            self.add_error(
                missing, gettext("Une ligne a une description et un montant.")
            )
        return data

    def changes(self) -> dict:
        out = [line.pk for line in self.lines if self.cleaned_data[f"out-{line.pk}"]]
        fixed = []
        if self.cleaned_data["new_amount"]:
            fixed = [(self.cleaned_data["new_words"], self.cleaned_data["new_amount"])]
        return {
            "descriptions": {
                line.pk: self.cleaned_data[f"words-{line.pk}"]
                for line in self.lines
                if line.pk not in out
            },
            "leave_out": out,
            "fixed": fixed,
        }


@allow(Role.FINANCE)
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(
        queries.with_balance(
            Invoice.objects.select_related(
                "organisation", "mandate__organisation", "credits"
            )
        ),
        pk=pk,
    )
    page = _Page(request, row)
    if request.method != "POST":
        return page.show()
    act = {
        "issue": page.issue,
        "change": page.change,
        "delete": page.delete,
        "credit": page.credit,
        "credit_part": page.credit_part,
        "pay": page.pay,
        "give_back": page.give_back,
        "reverse": page.reverse,
    }.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    return act()


class _Page:
    """One invoice, and the acts on it; a refused one shows the page with its words."""

    def __init__(self, request: HttpRequest, row: Invoice) -> None:
        self.request, self.row = request, row
        self.by = request.who.by
        self.here = reverse("finance:invoice", args=[row.pk])
        self.body = body_of(row)
        self.doing = request.POST.get("do", "")
        self.draft_form = DraftForm(self.body["lines"]) if row.number is None else None
        self.credit_form = CreditForm()
        self.can_be_credited = row.kind == Invoice.Kind.INVOICE and row.status in (
            Invoice.Status.ISSUED,
            Invoice.Status.PAID,
        )
        self.left = queries.left_of(row) if self.can_be_credited else {}
        self.part_form = PartForm(self.left)
        self.pay_form = PayForm(
            initial={
                "amount": abs(row.balance) or None,
                "received_on": request.who.today,
            }
        )

    def show(self, refused: str | None = None, status: int = 200) -> HttpResponse:
        row, today = self.row, self.request.who.today
        context = {
            **self.body,
            **price_of_invoice(row),
            "at": state_of(row, today),
            "story": story(story_of(row)),
            "draft_form": self.draft_form,
            "credit_form": self.credit_form,
            "pay_form": self.pay_form,
            "doing": self.doing,
            "refused": refused,
            "can_be_paid": row.kind == Invoice.Kind.INVOICE
            and row.status in (Invoice.Status.ISSUED, Invoice.Status.PAID),
            "can_be_credited": self.can_be_credited,
            "part_form": self.part_form,
            "owed_back": -row.balance if row.balance < 0 else ZERO,
        }
        if row.number is None:
            context |= self._if_issued(today)
        return render(self.request, "finance/invoice.html", context, status=status)

    def _if_issued(self, today: date) -> dict:
        """What the draft's taxes would be today, or why it cannot be issued."""
        try:
            due = taxes_on(
                self.row.net,
                province=self.row.province,
                on=tax_day(self.row, today),
            )
        except ActionRefused as why:
            return {"cannot_be_issued": str(why)}
        taxes = [
            (line.label(get_language() or "fr"), line.rate, line.amount) for line in due
        ]
        return {
            "immoderate": immoderate_of(self.row, on=today),
            "taxes": taxes,
            "total": self.row.net + sum((line.amount for line in due), ZERO),
        }

    def _do(self, act, said) -> HttpResponse:
        """Run an act once; go where it says, or show the page with why it is refused.

        `said` is told only by whoever did it: a second send only goes there.
        """

        def run() -> str:
            done = act()
            messages.success(self.request, said(done))
            return self.here if not isinstance(done, str) else done

        try:
            return once(self.request, run)
        except ActionRefused as why:
            return self.show(str(why), 409)

    def issue(self) -> HttpResponse:
        return self._do(
            lambda: actions.issue_invoice(invoice_id=self.row.pk, by=self.by),
            lambda done: (
                gettext("La facture %(number)s est émise.") % {"number": done.number}
            ),
        )

    def change(self) -> HttpResponse:
        if self.draft_form is None:
            return self.show(str(InvoiceAlreadyIssued(number=self.row.number)), 409)
        self.draft_form = DraftForm(self.body["lines"], self.request.POST)
        if not self.draft_form.is_valid():
            return self.show(status=422)
        return self._do(
            lambda: actions.change_draft(
                invoice_id=self.row.pk, by=self.by, **self.draft_form.changes()
            ),
            lambda _done: gettext("Le brouillon est enregistré."),
        )

    def delete(self) -> HttpResponse:
        def act() -> str:
            actions.delete_draft(invoice_id=self.row.pk, by=self.by)
            return reverse("finance:invoices") + "?etat=DRAFT"

        return self._do(
            act,
            lambda _done: gettext(
                "Le brouillon est supprimé. Son travail est de nouveau à facturer."
            ),
        )

    def credit(self) -> HttpResponse:
        self.credit_form = CreditForm(self.request.POST)
        if not self.credit_form.is_valid():
            return self.show(status=422)
        return self._do(
            lambda: actions.credit_invoice(
                invoice_id=self.row.pk,
                reason=self.credit_form.cleaned_data["reason"],
                by=self.by,
            ),
            lambda note: (
                gettext(
                    "La note de crédit %(number)s est émise. "
                    "Le travail est de nouveau à facturer."
                )
                % {"number": note.number}
            ),
        )

    def credit_part(self) -> HttpResponse:
        self.part_form = PartForm(self.left, self.request.POST)
        if not self.part_form.is_valid():
            return self.show(status=422)
        return self._do(
            lambda: actions.credit_part(
                invoice_id=self.row.pk,
                amounts=self.part_form.amounts(),
                reason=self.part_form.cleaned_data["reason"],
                to_bill_again=self.part_form.cleaned_data["to_bill_again"],
                by=self.by,
            ),
            lambda note: (
                gettext("La note de crédit %(number)s est émise.")
                % {"number": note.number}
            ),
        )

    def pay(self) -> HttpResponse:
        self.pay_form = PayForm(self.request.POST)
        if not self.pay_form.is_valid():
            return self.show(status=422)

        def act() -> Payment:
            try:
                return actions.record_payment(
                    invoice_id=self.row.pk, by=self.by, **self.pay_form.cleaned_data
                )
            except TooMuch:
                self.body["too_much"] = True
                raise

        return self._do(act, lambda _done: gettext("Le paiement est inscrit."))

    def give_back(self) -> HttpResponse:
        self.pay_form = PayForm(self.request.POST)
        if not self.pay_form.is_valid():
            return self.show(status=422)
        typed = self.pay_form.cleaned_data
        return self._do(
            lambda: actions.give_back(
                invoice_id=self.row.pk,
                amount=typed["amount"],
                on=typed["received_on"],
                method=typed["method"],
                note=typed["note"],
                by=self.by,
            ),
            lambda _done: gettext("Le remboursement est inscrit."),
        )

    def reverse(self) -> HttpResponse:
        typed = self.request.POST.get("payment", "")
        ids = {payment.pk for payment in self.body["payments"]}
        if not typed.isdecimal() or int(typed) not in ids:
            raise Http404
        return self._do(
            lambda: actions.reverse_payment(payment_id=int(typed), by=self.by),
            lambda _done: gettext("Le paiement est annulé."),
        )


@allow(Role.FINANCE)
def invoice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The document of an issued invoice, or what a draft would be today."""
    row = get_object_or_404(
        Invoice.objects.select_related(
            "organisation", "mandate__organisation", "credits", "pdf"
        ),
        pk=pk,
    )
    if row.pdf_id:
        return read_here(row.pdf.name, row.pdf.content)
    if row.number is not None:
        raise Http404
    today = request.who.today
    try:
        due = taxes_on(row.net, province=row.province, on=tax_day(row, today))
    except ActionRefused as why:
        return render(request, "409.html", {"refused": why}, status=409)
    content = actions.print_draft(row, due, coop=request.who.cooperative, on=today)
    return read_here(f"{gettext('brouillon')}-{row.pk}.pdf", content)


urls = [
    path("factures/<int:pk>", invoice, name="invoice"),
    path("factures/<int:pk>/pdf", invoice_pdf, name="invoice_pdf"),
]
