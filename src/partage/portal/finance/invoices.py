"""Invoices: what is to bill, the list, one invoice from draft to paid."""

from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.billing import actions, queries
from partage.billing.actions.drafting import LARGEST, InvoiceAlreadyIssued, last_day
from partage.billing.actions.issuing import taxes_on
from partage.billing.actions.paying import TooMuch
from partage.billing.models import Invoice, Payment
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import read_here
from partage.portal.forms import AmountInput, Form
from partage.portal.invoices import body_of, state_of, title_of
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.story import story
from partage.rules.money import ZERO, UnreadableMoney, parse_money
from partage.rules.triage import fold

BATCH = 10  # invoices issued in one request
PERIODS = 36  # months offered in filters


def month_of(text: str) -> date | None:
    """Read « 2025-03 », or nothing."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


# --- the list


@allow(Role.FINANCE)
def invoices(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    found = _filtered(request)
    states = _states(today)
    which = request.GET.get("etat", "")
    chosen = found.filter(states[which][1]) if which in states else found
    chosen = queries.with_balance(
        chosen.select_related("organisation", "mandate")
    ).order_by("-number", "-pk")
    if which == "DRAFT":
        chosen = chosen.order_by("organisation__sort_key", "period_start", "pk")
    if which == "LATE":
        chosen = chosen.order_by("due_on", "pk")
    if request.GET.get("format") == "xlsx":
        return _as_sheet(chosen, today)
    page = Paginator(chosen, 25).get_page(request.GET.get("page"))
    for one in page:
        one.at = state_of(one, today)
        one.title = title_of(one)
    periods = Invoice.objects.dates("period_start", "month", order="DESC")[:PERIODS]
    return render(
        request,
        "finance/invoices.html",
        {
            "page": page,
            "totals": queries.totals(chosen),
            "tabs": [
                ("", gettext("toutes")),
                *((code, word) for code, (word, _condition) in states.items()),
            ],
            "which": which if which in states else "",
            "months": [(f"{month:%Y-%m}", month) for month in periods],
            "is_filtered": any(request.GET.get(key) for key in ("q", "mois", "org")),
        },
    )


def _states(today: date) -> dict[str, tuple[str, Q]]:
    is_invoice = Q(kind=Invoice.Kind.INVOICE)
    return {
        "DRAFT": (gettext("brouillons"), Q(status="DRAFT")),
        "ISSUED": (gettext("à payer"), is_invoice & Q(status="ISSUED")),
        "LATE": (gettext("en retard"), queries.is_late(today)),
        "PAID": (gettext("payées"), Q(status="PAID")),
        "CREDITED": (gettext("créditées"), Q(status="CREDITED")),
        "CREDIT": (gettext("notes de crédit"), Q(kind=Invoice.Kind.CREDIT)),
    }


def _filtered(request: HttpRequest) -> QuerySet[Invoice]:
    """Return the invoices of the filters: a number or a name, a month, a member."""
    found = Invoice.objects.all()
    typed = request.GET.get("q", "").replace("\0", "").strip()
    if typed.isdecimal() and len(typed) < 10:
        found = found.filter(number=int(typed))
    else:
        for word in fold(typed).split():
            found = found.filter(
                Q(organisation__sort_key__contains=word)
                | Q(mandate__reference__icontains=word)
            )
    if month := month_of(request.GET.get("mois", "")):
        found = found.filter(period_start__gte=month, period_start__lte=last_day(month))
    organisation = request.GET.get("org", "")
    if organisation.isdecimal() and len(organisation) < 10:
        found = found.filter(organisation_id=int(organisation))
    return found


def _as_sheet(chosen: QuerySet[Invoice], today: date) -> HttpResponse:
    return sheet(
        gettext("factures"),
        [
            gettext("Numéro"),
            gettext("État"),
            gettext("Organisation"),
            gettext("Mandat"),
            gettext("Période du"),
            gettext("au"),
            gettext("Émise le"),
            gettext("Payable le"),
            gettext("Avant taxes ($)"),
            gettext("Total ($)"),
            gettext("Payé ($)"),
            gettext("Solde ($)"),
        ],
        (
            (
                one.number,
                state_of(one, today)[0],
                one.organisation.name,
                one.mandate.reference,
                one.period_start,
                one.period_end,
                one.issued_on,
                one.due_on,
                one.net,
                one.total,
                one.paid,
                one.balance,
            )
            for one in chosen
        ),
    )


# --- what is to bill


class NothingChosen(ActionRefused):
    sentence = _("Rien n’est choisi. Cochez au moins une ligne.")


@allow(Role.FINANCE)
def to_bill(request: HttpRequest) -> HttpResponse:
    today = request.who.today
    last_month = today.replace(day=1) - timedelta(days=1)
    month = month_of(request.GET.get("mois", "")) or last_month.replace(day=1)
    until = last_day(month)
    refused = None
    if request.method == "POST":
        try:
            return once(request, lambda: _draft(request, until))
        except ActionRefused as why:
            refused = str(why)
    rows = queries.to_bill(until)
    if request.GET.get("format") == "xlsx":
        return _to_bill_as_sheet(rows)
    ready = [one for one in rows if one.can_be_drafted and not one.without_rate]
    rows.sort(key=lambda one: not one.can_be_drafted)  # what can be billed first
    months = _months_around(today)
    return render(
        request,
        "finance/to_bill.html",
        {
            "page": Paginator(rows, 25).get_page(request.GET.get("page")),
            "month": f"{month:%Y-%m}",
            "until": until,
            "months": [(f"{one:%Y-%m}", one) for one in months],
            "ready": len({one.mandate.pk for one in ready}),
            "net": sum((one.net for one in ready), ZERO),
            "minutes": sum(one.minutes for one in ready),
            "waiting_minutes": sum(
                one.open_minutes + one.submitted_minutes for one in rows
            ),
            "refused": refused,
        },
        status=409 if refused else 200,
    )


def _months_around(today: date) -> list[date]:
    first, found = today.replace(day=1), []
    for _n in range(15):
        found.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _draft(request: HttpRequest, until: date) -> str:
    if request.POST.get("do") == "all":
        rows = [one for one in queries.to_bill(until) if one.can_be_drafted]
        left = {one.mandate.pk for one in rows if one.without_rate}
        ids = {one.mandate.pk for one in rows} - left
    else:
        left = set()
        ids = set(_ids(request, "mandate"))
        if not ids:
            raise NothingChosen
    made = actions.draft_invoices(until=until, mandate_ids=ids, by=request.who.by)
    told = ngettext(
        "%(count)s brouillon est prêt. Relisez-le, puis émettez-le.",
        "%(count)s brouillons sont prêts. Relisez-les, puis émettez-les.",
        len(made),
    ) % {"count": len(made)}
    messages.success(request, told)
    if left:
        told = ngettext(
            "%(count)s mandat attend : un de ses experts n’a pas de taux.",
            "%(count)s mandats attendent : un de leurs experts n’a pas de taux.",
            len(left),
        ) % {"count": len(left)}
        messages.warning(request, told)
    if len(made) == 1:
        return reverse("finance:invoice", args=[made[0].pk])
    return reverse("finance:invoices") + "?etat=DRAFT"


def _to_bill_as_sheet(rows: list[queries.ToBill]) -> HttpResponse:
    return sheet(
        gettext("à facturer"),
        [
            gettext("Organisation"),
            gettext("Mandat"),
            gettext("Mois"),
            gettext("Heures"),
            gettext("Trajets ($)"),
            gettext("Dépenses ($)"),
            gettext("Avant taxes ($)"),
            gettext("Heures soumises"),
            gettext("Heures non soumises"),
        ],
        (
            (
                one.mandate.organisation.name,
                one.mandate.reference,
                one.month,
                Decimal(one.minutes) / 60,
                one.trips,
                one.expenses,
                one.net,
                Decimal(one.submitted_minutes) / 60,
                Decimal(one.open_minutes) / 60,
            )
            for one in rows
        ),
    )


# --- one invoice


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
            Invoice.objects.select_related("organisation", "mandate", "credits")
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
            "at": state_of(row, today),
            "story": story(story_of(row)),
            "draft_form": self.draft_form,
            "credit_form": self.credit_form,
            "pay_form": self.pay_form,
            "doing": self.doing,
            "refused": refused,
            "can_be_paid": row.kind == Invoice.Kind.INVOICE
            and row.status in (Invoice.Status.ISSUED, Invoice.Status.PAID),
            "can_be_credited": row.kind == Invoice.Kind.INVOICE
            and row.status in (Invoice.Status.ISSUED, Invoice.Status.PAID),
            "owed_back": -row.balance if row.balance < 0 else ZERO,
        }
        if row.number is None:
            context |= self._if_issued(today)
        return render(self.request, "finance/invoice.html", context, status=status)

    def _if_issued(self, today: date) -> dict:
        """What the draft's taxes would be today, or why it cannot be issued."""
        try:
            due = taxes_on(self.row.net, province=self.row.province, on=today)
        except ActionRefused as why:
            return {"cannot_be_issued": str(why)}
        taxes = [
            (line.label(get_language() or "fr"), line.rate, line.amount) for line in due
        ]
        return {
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
        Invoice.objects.select_related("organisation", "mandate", "credits", "pdf"),
        pk=pk,
    )
    if row.pdf_id:
        return read_here(row.pdf.name, row.pdf.content)
    if row.number is not None:
        raise Http404
    today = request.who.today
    try:
        due = taxes_on(row.net, province=row.province, on=today)
    except ActionRefused as why:
        return render(request, "409.html", {"refused": why}, status=409)
    content = actions.print_draft(row, due, coop=request.who.cooperative, on=today)
    return read_here(f"{gettext('brouillon')}-{row.pk}.pdf", content)


# --- many at once


@allow(Role.FINANCE)
@require_POST
def issue_many(request: HttpRequest) -> HttpResponse:
    """Issue drafts a few at a time, so that it can be stopped between two.

    Each is an act of its own: one that is refused says why, and the others stand.
    A draft that is no longer one was issued by a request before: it is done.
    """
    if request.POST.get("do") == "all":
        found = _filtered(request).filter(status=Invoice.Status.DRAFT)
        found = found.order_by("organisation__sort_key", "period_start", "pk")
        left = list(found.values_list("pk", flat=True))
    else:
        left = _ids(request, "invoice")
    if not left and not request.POST.get("total"):
        messages.warning(request, str(NothingChosen()))
        return redirect(reverse("finance:invoices") + "?etat=DRAFT")
    done, refused = _ids(request, "done"), _ids(request, "refused")
    total = len(left) + len(done) + len(refused)
    problems = [(pk, request.POST.get(f"why-{pk}", "")) for pk in refused]
    if request.POST.get("go"):
        for pk in left[:BATCH]:
            try:
                actions.issue_invoice(invoice_id=pk, by=request.who.by)
            except InvoiceAlreadyIssued:
                done.append(pk)
            except ActionRefused as why:
                problems.append((pk, str(why)))
            else:
                done.append(pk)
        left = left[BATCH:]
    names = dict(
        Invoice.objects.filter(pk__in=[pk for pk, _why in problems]).values_list(
            "pk", "organisation__name"
        )
    )
    waiting = Invoice.objects.filter(pk__in=left)
    return render(
        request,
        "finance/issue_many.html",
        {
            "left": left,
            "done": done,
            "problems": [(pk, names.get(pk, ""), why) for pk, why in problems],
            "total": total,
            "dealt": total - len(left),
            "net": queries.totals(waiting).net,
            "going": bool(request.POST.get("go")),
        },
    )


def _ids(request: HttpRequest, name: str) -> list[int]:
    typed = request.POST.getlist(name)
    return [int(pk) for pk in dict.fromkeys(typed) if pk.isdecimal() and len(pk) < 10]


urls = [
    path("factures/", invoices, name="invoices"),
    path("factures/a-facturer", to_bill, name="to_bill"),
    path("factures/emission", issue_many, name="issue_many"),
    path("factures/<int:pk>", invoice, name="invoice"),
    path("factures/<int:pk>/pdf", invoice_pdf, name="invoice_pdf"),
]
