"""Invoices: their lines, their taxes, and the work that they bill."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partage.billing.models.agreed import Instalment
from partage.experts.models import Level
from partage.members.models import Province
from partage.people.models import Language
from partage.tariffs.models import TaxRate

FROZEN = (
    "number",
    "kind",
    "mandate_id",
    "organisation_id",
    "credits_id",
    "consolidation_id",
    "period_start",
    "period_end",
    "province",
    "language",
    "net",
    "total",
    "issued_on",
    "due_on",
    "pdf_id",
)


def _frozen_with(invoices: str, name: str, unless: str = "false") -> pgtrigger.Trigger:
    """Refuse any change of a row of an issued invoice, and any row more.

    `invoices` selects the invoices that OLD and NEW belong to. Rows of an invoice are
    written while it is a draft: `actions.issuing` numbers it last.
    """
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func=f"""
            IF NOT ({unless}) AND EXISTS (
                {invoices} AND billing_invoice.number IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',
                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


OF_THIS_INVOICE = (
    "SELECT 1 FROM billing_invoice "
    "WHERE billing_invoice.id IN (OLD.invoice_id, NEW.invoice_id)"
)
OF_THIS_LINE = (
    "SELECT 1 FROM billing_invoice JOIN billing_invoiceline "
    "ON billing_invoiceline.invoice_id = billing_invoice.id "
    "WHERE billing_invoiceline.id IN (OLD.line_id, NEW.line_id)"
)
# A credit note lets go of the work, once, and changes nothing else of it.
LETS_GO = (
    "TG_OP = 'UPDATE' AND NEW.released AND NOT OLD.released AND "
    "(NEW.id, NEW.line_id, NEW.time_id, NEW.trip_id, NEW.expense_id, "
    "NEW.instalment_id) IS NOT DISTINCT FROM (OLD.id, OLD.line_id, OLD.time_id, "
    "OLD.trip_id, OLD.expense_id, OLD.instalment_id)"
)


class Consolidation(models.Model):
    """Invoices of one payer sent as one (facture consolidée).

    Each part is an invoice of its own, of one mandate, with the taxes of its place of
    supply; what the payer owes is their sum. Whoever is served sees its own part
    alone. Like an invoice, it never changes once it has its number.
    """

    number = models.PositiveIntegerField(_("numéro"), null=True, unique=True)
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("payeur"),
    )
    agreement = models.ForeignKey(
        "agreements.Agreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entente"),
    )
    month = models.DateField(_("mois"))
    created_at = models.DateTimeField(_("préparée le"))
    issued_on = models.DateField(_("émise le"), null=True)
    pdf = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )

    class Meta:
        verbose_name = _("facture consolidée")
        verbose_name_plural = _("factures consolidées")
        ordering = ["-month", "-id"]
        indexes = [models.Index(fields=["organisation"], name="consolidation_org")]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "month"],
                condition=Q(number=None),
                name="one_consolidation_in_draft",
            ),
            models.CheckConstraint(
                name="consolidation_number_and_date_once_issued",
                condition=Q(number=None, issued_on=None)
                | Q(number__isnull=False, issued_on__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="issued_consolidation_is_kept",
                operation=pgtrigger.Delete | pgtrigger.Update,
                condition=pgtrigger.Q(old__number__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.number or 'DRAFT'}"


class Invoice(models.Model):
    """What a member owes for a period of a mandate (facture).

    An invoice gets its number when it is issued and is never changed after.
    A mistake is mended by a credit note, not by an edit. Only its being paid
    moves. Amounts are in dollars; those of a credit note are negative.

    `organisation` is who owes: whom the mandate serves, or the grouping that pays for
    it by agreement.
    """

    class Kind(models.TextChoices):
        INVOICE = "INVOICE", _("facture")
        CREDIT = "CREDIT", _("note de crédit")

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("brouillon")
        ISSUED = "ISSUED", _("émise")
        PAID = "PAID", _("payée")
        CREDITED = "CREDITED", _("créditée")

    kind = models.CharField(
        _("nature"), max_length=8, choices=Kind, default=Kind.INVOICE
    )
    status = models.CharField(
        _("état"), max_length=9, choices=Status, default=Status.DRAFT
    )
    number = models.PositiveIntegerField(_("numéro"), null=True, unique=True)
    # related_name="+": a mandate must not know that invoices exist.
    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    credits = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_notes",
        verbose_name=_("crédite"),
    )
    consolidation = models.ForeignKey(
        Consolidation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("facture consolidée"),
    )
    period_start = models.DateField(_("période du"))
    period_end = models.DateField(_("au"))
    province = models.CharField(_("province"), max_length=2, choices=Province)
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    net = models.DecimalField(
        _("avant taxes ($)"), max_digits=12, decimal_places=2, default=0
    )
    # Net and taxes; written when it is issued.
    total = models.DecimalField(
        _("total ($)"), max_digits=12, decimal_places=2, null=True
    )
    created_at = models.DateTimeField(_("préparée le"))
    issued_on = models.DateField(_("émise le"), null=True)
    due_on = models.DateField(_("payable le"), null=True)
    pdf = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )

    class Meta:
        verbose_name = _("facture")
        verbose_name_plural = _("factures")
        ordering = ["-issued_on", "-id"]
        indexes = [
            models.Index(fields=["status", "due_on"], name="invoice_status"),
            models.Index(fields=["organisation", "-issued_on"], name="invoice_org"),
            models.Index(fields=["mandate"], name="invoice_mandate"),
        ]
        constraints = [
            models.CheckConstraint(
                name="invoice_number_and_date_once_issued",
                condition=Q(
                    status="DRAFT", number=None, issued_on=None, due_on=None, total=None
                )
                | Q(
                    ~Q(status="DRAFT"),
                    number__isnull=False,
                    issued_on__isnull=False,
                    due_on__isnull=False,
                    total__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="invoice_period_is_in_order",
                condition=Q(period_end__gte=F("period_start")),
            ),
            models.CheckConstraint(
                # A price adjusted after the year is a credit note that mends none.
                name="only_a_credit_note_credits",
                condition=Q(credits=None) | Q(kind="CREDIT"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="issued_invoice_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__number__isnull=False),
            ),
            pgtrigger.Trigger(
                name="issued_invoice_is_frozen",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__number__isnull=False),
                # The document alone may come after the number, once.
                func="IF "
                + " OR ".join(
                    f"(NEW.{field} IS DISTINCT FROM OLD.{field}"
                    + (" AND OLD.pdf_id IS NOT NULL)" if field == "pdf_id" else ")")
                    for field in FROZEN
                )
                + " THEN RAISE EXCEPTION 'invoice % is issued and never changes',"
                " OLD.number; END IF; RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.number or 'DRAFT'}"


class InvoiceLine(models.Model):
    """One line of an invoice (ligne de facture)."""

    class Kind(models.TextChoices):
        TIME = "TIME", _("heures")
        EXPENSE = "EXPENSE", _("dépense")
        TRIP = "TRIP", _("trajet")
        FIXED = "FIXED", _("montant convenu")
        FEE = "FEE", _("forfait de gestion")
        DEPOSIT = "DEPOSIT", _("acompte")
        HOURS = "HOURS", _("banque d’heures")

    invoice = models.ForeignKey(
        Invoice, models.CASCADE, related_name="lines", verbose_name=_("facture")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    kind = models.CharField(_("nature"), max_length=8, choices=Kind, default=Kind.TIME)
    description = models.CharField(_("description"), max_length=250)
    expert = models.ForeignKey(
        "experts.Expert",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("expert"),
    )
    field = models.ForeignKey(
        "experts.Field",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("domaine"),
    )
    level = models.PositiveSmallIntegerField(
        _("niveau"), choices=Level, null=True, blank=True
    )
    # Of hours bought in advance: the bank that they are taken from, below zero.
    bank = models.ForeignKey(
        "agreements.HourBank",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("banque d’heures"),
    )
    minutes = models.IntegerField(_("minutes"), null=True, blank=True)
    rate = models.DecimalField(
        _("taux ($/h)"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("ligne de facture")
        verbose_name_plural = _("lignes de facture")
        ordering = ["position", "id"]
        triggers = [_frozen_with(OF_THIS_INVOICE, "issued_line_is_frozen")]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.description}"


class InvoicedWork(models.Model):
    """Work that an invoice line bills (travail facturé): billed once, ever.

    Exactly one of time, trip, expense or instalment. A credit note sets `released`, so
    that the work can be billed again.
    """

    line = models.ForeignKey(
        InvoiceLine, models.CASCADE, related_name="work", verbose_name=_("ligne")
    )
    time = models.ForeignKey(
        "timesheets.TimeEntry",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("temps"),
    )
    trip = models.ForeignKey(
        "timesheets.Trip",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("trajet"),
    )
    expense = models.ForeignKey(
        "timesheets.Expense",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("dépense"),
    )
    instalment = models.ForeignKey(
        Instalment,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("échéance"),
    )
    released = models.BooleanField(_("libéré"), default=False)

    class Meta:
        verbose_name = _("travail facturé")
        verbose_name_plural = _("travaux facturés")
        constraints = [
            models.UniqueConstraint(
                fields=[what], condition=Q(released=False), name=f"{what}_billed_once"
            )
            for what in ("time", "trip", "expense", "instalment")
        ] + [
            models.CheckConstraint(
                name="invoiced_work_is_one_thing",
                condition=Q(
                    time__isnull=False, trip=None, expense=None, instalment=None
                )
                | Q(time=None, trip__isnull=False, expense=None, instalment=None)
                | Q(time=None, trip=None, expense__isnull=False, instalment=None)
                | Q(time=None, trip=None, expense=None, instalment__isnull=False),
            )
        ]
        triggers = [_frozen_with(OF_THIS_LINE, "issued_work_is_frozen", LETS_GO)]

    def __str__(self) -> str:
        return f"{self.line_id}"


class InvoiceTax(models.Model):
    """One tax of an issued invoice, kept as it was printed (taxe)."""

    invoice = models.ForeignKey(
        Invoice, models.CASCADE, related_name="taxes", verbose_name=_("facture")
    )
    code = models.CharField(_("taxe"), max_length=3, choices=TaxRate.Code)
    rate = models.DecimalField(_("taux"), max_digits=7, decimal_places=6)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("taxe")
        verbose_name_plural = _("taxes")
        ordering = ["id"]
        triggers = [_frozen_with(OF_THIS_INVOICE, "issued_tax_is_frozen")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.code} {self.amount}"


class ContentRule(models.Model):
    """From which totals an invoice must show what, since a day (règle de contenu)."""

    starts_on = models.DateField(_("depuis le"), unique=True)
    registrations_from = models.DecimalField(
        _("numéros d’inscription dès ($)"), max_digits=8, decimal_places=2
    )
    purchaser_from = models.DecimalField(
        _("acheteur, modalités et description dès ($)"), max_digits=8, decimal_places=2
    )
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("règle de contenu")
        verbose_name_plural = _("règles de contenu")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="content_rule_rises_with_the_amount",
                condition=Q(
                    registrations_from__gte=0,
                    purchaser_from__gte=F("registrations_from"),
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}"
