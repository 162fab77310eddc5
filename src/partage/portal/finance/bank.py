"""The bank: bring its files in, see what each deposit pays, confirm."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from partage.billing import actions, queries
from partage.billing.models import BankFile, Deposit, Invoice
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.files import download
from partage.portal.finance.invoices import NothingChosen, chosen_ids
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.story import story
from partage.rules.matching import CERTAIN, Proposal
from partage.rules.money import ZERO, UnreadableMoney, parse_money

REASONS = {
    "number": _("le numéro de la facture y est"),
    "name": _("le nom du membre y est"),
    "name_in_part": _("une partie du nom du membre y est"),
    "exact": _("le montant est exact"),
    "sum": _("c’est la somme exacte de plusieurs factures"),
    "partial": _("c’est moins que ce qui est dû"),
    "over": _("c’est plus que ce qui est dû"),
    "only_one": _("rien d’autre ne fait ce montant"),
}
TABS = {
    "": (_("à confirmer"), Deposit.Status.WAITING),
    "rapproches": (_("rapprochés"), Deposit.Status.MATCHED),
    "ecartes": (_("écartés"), Deposit.Status.ASIDE),
}


class ProposalChanged(ActionRefused):
    sentence = _(
        "Ce que paierait le dépôt de %(amount)s a changé depuis que la page est "
        "ouverte. Relisez-le, puis confirmez."
    )


ROWS = 6  # invoices that a deposit can be shared between by hand


class BankFileForm(Form):
    file = forms.FileField(
        label=_("Le fichier de la banque"),
        help_text=_("Un OFX (« Money », « Quicken ») ou un CSV, de 10 Mo au plus."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".ofx,.qfx,.qbo,.aso,.csv,.txt"}),
    )
    dates = forms.ChoiceField(
        label=_("Si ses dates se lisent de deux façons"),
        choices=[
            ("", _("me le demander")),
            ("day_first", _("le jour d’abord (03/04 est le 3 avril)")),
            ("month_first", _("le mois d’abord (03/04 est le 4 mars)")),
        ],
        required=False,
    )


def words_of(proposal: Proposal, invoices: dict[int, Invoice]) -> dict:
    """Return a proposal as a page shows it: its invoices, why, and how sure."""
    shares = [(invoices[pk], amount) for pk, amount in proposal.shares]
    reasons = ", ".join(str(REASONS[reason]) for reason in proposal.reasons)
    return {
        "mark": _mark(proposal),
        "shares": shares,
        "payer": shares[0][0].organisation.name,
        "over": proposal.over,
        "reasons": reasons[:1].upper() + reasons[1:],
        "score": proposal.score,
        "state": _certainty(proposal.score),
    }


def _mark(proposal: Proposal) -> str:
    """Return what a form says of the proposal that the person saw."""
    return ";".join(f"{pk}:{amount}" for pk, amount in proposal.shares)


def _confirm_seen(
    request: HttpRequest, row: Deposit, found: tuple[Proposal, ...], mark: str
) -> None:
    """Confirm the proposal that was seen. Raises ProposalChanged if it is gone."""
    seen = next((one for one in found if _mark(one) == mark), None)
    if seen is None:
        raise ProposalChanged(amount=queries.in_words(row.amount))
    actions.match_deposit(
        deposit_id=row.pk,
        shares=dict(seen.shares),
        over=seen.over > 0,
        by=request.who.by,
    )


def _certainty(score: int) -> tuple[str, str]:
    if score >= CERTAIN:
        return gettext("certain"), "good"
    if score >= 60:
        return gettext("probable"), "wait"
    return gettext("possible"), ""


def _invoices_of(found: list[tuple[Deposit, tuple[Proposal, ...]]]) -> dict:
    ids = {
        pk
        for _deposit, proposals in found
        for proposal in proposals
        for pk, _amount in proposal.shares
    }
    return queries.with_balance(Invoice.objects.select_related("organisation")).in_bulk(
        ids
    )


@allow(Role.FINANCE)
def bank(request: HttpRequest) -> HttpResponse:
    """What waits to be confirmed, the files that came, and a way to bring one."""
    form, refused, status = BankFileForm(), "", 200
    if request.method == "POST":
        doing = request.POST.get("do", "")
        if doing == "bring":
            form, status = BankFileForm(request.POST, request.FILES), 422
        try:
            if doing == "bring" and form.is_valid():
                return once(request, lambda: _bring(request, form))
            if doing in ("certain", "chosen"):
                return once(request, lambda: _confirm(request, doing))
        except ActionRefused as why:
            refused, status = str(why), 409
    which = request.GET.get("etat", "")
    which = which if which in TABS else ""
    rows = Deposit.objects.filter(status=TABS[which][1])
    if request.GET.get("format") == "xlsx":
        return _as_sheet(rows)
    counts = Deposit.objects.aggregate(
        **{
            f"n_{status.lower()}": Count("pk", filter=Q(status=status))
            for _word, status in TABS.values()
        }
    )
    context = {
        "form": form,
        "refused": refused,
        "which": which,
        "tabs": [
            (code, word, counts[f"n_{state.lower()}"])
            for code, (word, state) in TABS.items()
        ],
        "files": BankFile.objects.select_related("file", "brought_by")
        .defer("file__content")
        .annotate(
            waiting=Count("deposits", filter=Q(deposits__status="WAITING")),
            count=Count("deposits"),
        )[:8],
    }
    if which:
        rows = rows.prefetch_related("payments__invoice__organisation")
        context["page"] = Paginator(rows.order_by("-on", "-pk"), 25).get_page(
            request.GET.get("page")
        )
    else:
        context |= _waiting(request)
    return render(request, "finance/bank.html", context, status=status)


def _waiting(request: HttpRequest) -> dict:
    """Return the deposits to confirm, the surest first, each with its best proposal."""
    found = queries.proposals(queries.waiting_deposits())
    found.sort(key=lambda pair: -(pair[1][0].score if pair[1] else -1))
    certain = sum(bool(each) and each[0].is_certain for _deposit, each in found)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    invoices = _invoices_of(list(page))
    return {
        "page": page,
        "rows": [
            (deposit, words_of(each[0], invoices) if each else None)
            for deposit, each in page
        ],
        "certain": certain,
        "sum": sum((deposit.amount for deposit, _each in found), ZERO),
    }


def _bring(request: HttpRequest, form: BankFileForm) -> str:
    upload = form.cleaned_data["file"]
    before = BankFile.objects.count()
    row = actions.bring_bank_file(
        name=upload.name,
        content=upload.read(),
        date_order=form.cleaned_data["dates"] or None,
        by=request.who.by,
    )
    count = row.deposits.count()
    if BankFile.objects.count() == before:
        told = gettext("« %(name)s » est déjà là. Rien n’est ajouté.")
        messages.warning(request, told % {"name": row.file.name})
    else:
        told = ngettext(
            "%(count)s dépôt nouveau dans « %(name)s ».",
            "%(count)s dépôts nouveaux dans « %(name)s ».",
            count,
        ) % {"count": count, "name": row.file.name}
        if row.known:
            told += " " + ngettext(
                "%(count)s était déjà là.", "%(count)s étaient déjà là.", row.known
            ) % {"count": row.known}
        messages.success(request, told)
    return reverse("finance:bank")


def _confirm(request: HttpRequest, doing: str) -> str:
    if doing == "certain":
        matched = actions.match_certain(by=request.who.by)
    else:
        ids = chosen_ids(request, "deposit")
        if not ids:
            raise NothingChosen
        found = queries.proposals(queries.waiting_deposits())
        chosen = [pair for pair in found if pair[0].pk in ids]
        with transaction.atomic():
            for row, proposals in chosen:
                seen = request.POST.get(f"seen-{row.pk}", "")
                _confirm_seen(request, row, proposals, seen)
        matched = len(chosen)
    told = ngettext(
        "%(count)s dépôt est rapproché.", "%(count)s dépôts sont rapprochés.", matched
    )
    messages.success(request, told % {"count": matched})
    return reverse("finance:bank")


def _as_sheet(rows) -> HttpResponse:
    return sheet(
        gettext("dépôts"),
        [
            gettext("Reçu le"),
            gettext("Montant ($)"),
            gettext("Ce que dit la banque"),
            gettext("Chèque"),
            gettext("État"),
            gettext("Factures"),
        ],
        (
            (
                one.on,
                one.amount,
                one.words,
                one.cheque,
                one.get_status_display(),
                ", ".join(
                    str(payment.invoice.number)
                    for payment in one.payments.all()
                    if payment.amount > 0
                ),
            )
            for one in rows.prefetch_related("payments__invoice")
        ),
    )


class HandForm(Form):
    """Invoices by their numbers, each with what the deposit pays of it."""

    def __init__(self, amount: Decimal, data=None) -> None:
        super().__init__(data)
        self.amount = amount
        for at in range(ROWS):
            self.fields[f"number-{at}"] = forms.IntegerField(
                label=_("Facture"),
                required=False,
                min_value=1,
                max_value=2_147_483_647,
                widget=forms.TextInput({"inputmode": "numeric", "class": "short"}),
            )
            self.fields[f"amount-{at}"] = forms.CharField(
                label=_("Montant ($)"),
                required=False,
                max_length=20,
                widget=forms.TextInput({"inputmode": "decimal", "class": "short"}),
            )
        self.fields["over"] = forms.BooleanField(
            label=_("L’excédent reste au crédit du membre"), required=False
        )

    def rows(self):
        return [(self[f"number-{at}"], self[f"amount-{at}"]) for at in range(ROWS)]

    def clean(self) -> dict:
        data = super().clean()
        self.shares: dict[int, Decimal] = {}
        left = self.amount
        for at in range(ROWS):
            number, typed = data.get(f"number-{at}"), data.get(f"amount-{at}")
            if not number:
                continue
            invoice = queries.with_balance(Invoice.objects).filter(number=number)
            if (found := invoice.first()) is None:
                self.add_error(
                    f"number-{at}",
                    gettext("Aucune facture %(number)s.") % {"number": number},
                )
                continue
            try:
                # Nothing typed: as much as the invoice owes and the deposit has.
                paid = parse_money(typed) if typed else min(left, found.balance)
            except UnreadableMoney:
                self.add_error(f"amount-{at}", gettext("Ce montant ne se lit pas."))
                continue
            self.shares[found.pk] = paid
            left -= paid
        return data


@allow(Role.FINANCE)
def deposit(request: HttpRequest, pk: int) -> HttpResponse:
    """One deposit: what it may pay and why; confirm, share by hand, set aside, undo."""
    row = get_object_or_404(
        Deposit.objects.select_related("bank_file__file").defer(
            "bank_file__file__content"
        ),
        pk=pk,
    )
    found: tuple[Proposal, ...] = ()
    if row.status == Deposit.Status.WAITING:
        # With the others: what they are certain to pay is theirs.
        found = next(
            proposals
            for one, proposals in queries.proposals(queries.waiting_deposits())
            if one.pk == pk
        )
    form, refused, status = HandForm(row.amount), "", 200
    if request.method == "POST":
        form, status = HandForm(row.amount, request.POST), 422
        act = _act(request, row, form, found)
        if act is not None:
            try:
                return once(request, act)
            except ActionRefused as why:
                refused, status = str(why), 409
    invoices = _invoices_of([(row, found)])
    return render(
        request,
        "finance/deposit.html",
        {
            "row": row,
            "proposals": [words_of(one, invoices) for one in found],
            "form": form,
            "doing": request.POST.get("do", ""),
            "refused": refused,
            "reason": request.POST.get("reason", ""),
            "payments": row.payments.select_related(
                "invoice__organisation", "reversal"
            ),
            "story": story(story_of(row)),
            "at": {
                "WAITING": (gettext("à confirmer"), "wait"),
                "MATCHED": (gettext("rapproché"), "good"),
                "ASIDE": (gettext("écarté"), ""),
            }[row.status],
        },
        status=status,
    )


def _act(request: HttpRequest, row: Deposit, form: HandForm, found):
    """Return what the form asks for; None when it is wrong and says why."""
    by, here = request.who.by, reverse("finance:deposit", args=[row.pk])
    doing = request.POST.get("do", "")

    def told(words: str, where: str = here) -> str:
        messages.success(request, words)
        return where

    def confirm() -> str:
        _confirm_seen(request, row, found, request.POST.get("seen", ""))
        return told(gettext("Le dépôt est rapproché."), reverse("finance:bank"))

    def by_hand() -> str:
        actions.match_deposit(
            deposit_id=row.pk,
            shares=form.shares,
            over=form.cleaned_data["over"],
            by=by,
        )
        return told(gettext("Le dépôt est rapproché."), reverse("finance:bank"))

    def aside() -> str:
        reason = request.POST.get("reason", "")
        actions.set_deposit_aside(deposit_id=row.pk, reason=reason, by=by)
        return told(gettext("Le dépôt est écarté."), reverse("finance:bank"))

    def undo() -> str:
        actions.unmatch_deposit(deposit_id=row.pk, by=by)
        return told(gettext("Le rapprochement est annulé. Le dépôt attend de nouveau."))

    def back() -> str:
        actions.bring_deposit_back(deposit_id=row.pk, by=by)
        return told(gettext("Le dépôt attend de nouveau."))

    if doing == "hand" and not form.is_valid():
        return None
    acts = {
        "confirm": confirm,
        "hand": by_hand,
        "aside": aside,
        "undo": undo,
        "back": back,
    }
    if doing not in acts:
        raise Http404
    return acts[doing]


@allow(Role.FINANCE)
def bank_file(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(BankFile.objects.select_related("file"), pk=pk)
    return download(row.file)


urls = [
    path("banque/", bank, name="bank"),
    path("banque/depots/<int:pk>", deposit, name="deposit"),
    path("banque/fichiers/<int:pk>", bank_file, name="bank_file"),
]
