"""The books: accounts, exports, closings."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partage.billing.models.invoices import Invoice
from partage.billing.models.payments import Payment
from partage.people.models import Language


class LedgerAccount(models.Model):
    """The account of the books where one kind of amount goes (compte comptable)."""

    class Role(models.TextChoices):
        RECEIVABLE = "RECEIVABLE", _("ce que doivent les membres")
        BANK = "BANK", _("argent reçu")
        GST = "GST", _("TPS perçue")
        HST = "HST", _("TVH perçue")
        QST = "QST", _("TVQ perçue")
        TIME = "TIME", _("heures")
        TRIP = "TRIP", _("trajets")
        EXPENSE = "EXPENSE", _("dépenses refacturées")
        FIXED = "FIXED", _("montants convenus")
        FEE = "FEE", _("forfaits de gestion")
        DEPOSIT = "DEPOSIT", _("acomptes reçus d’avance")
        HOURS = "HOURS", _("heures achetées d’avance")

    # Role: number, French name, English name. What a cooperative starts from.
    DEFAULTS = {
        "RECEIVABLE": ("1200", "Comptes à recevoir", "Accounts receivable"),
        "BANK": ("1060", "Encaisse", "Bank"),
        "GST": ("2310", "TPS et TVH à payer", "GST and HST payable"),
        "HST": ("2310", "TPS et TVH à payer", "GST and HST payable"),
        "QST": ("2320", "TVQ à payer", "QST payable"),
        "TIME": ("4010", "Honoraires", "Fees"),
        "TRIP": ("4110", "Déplacements refacturés", "Travel charged"),
        "EXPENSE": ("4120", "Dépenses refacturées", "Expenses charged"),
        "FIXED": ("4020", "Honoraires convenus", "Agreed fees"),
        "FEE": ("4030", "Forfaits de gestion", "Management fees"),
        "DEPOSIT": ("2400", "Acomptes de membres", "Members’ deposits"),
        "HOURS": ("2410", "Heures achetées d’avance", "Hours bought in advance"),
    }
    KIND_OF = {
        "RECEIVABLE": "ASSET",
        "BANK": "CASH",
        "GST": "LIABILITY",
        "HST": "LIABILITY",
        "QST": "LIABILITY",
        "TIME": "REVENUE",
        "TRIP": "REVENUE",
        "EXPENSE": "REVENUE",
        "FIXED": "REVENUE",
        "FEE": "REVENUE",
        "DEPOSIT": "LIABILITY",
        "HOURS": "LIABILITY",
    }

    role = models.CharField(_("ce qui y va"), max_length=12, choices=Role, unique=True)
    number = models.CharField(_("numéro"), max_length=20)
    name_fr = models.CharField(_("nom en français"), max_length=80)
    name_en = models.CharField(_("nom en anglais"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("compte comptable")
        verbose_name_plural = _("comptes comptables")
        ordering = ["number", "role"]

    def __str__(self) -> str:
        return f"{self.number} {self.name_fr}"


class LedgerExport(models.Model):
    """Entries handed to the accountants (export comptable), kept as they were."""

    period_start = models.DateField(_("période du"))
    period_end = models.DateField(_("au"))
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    count = models.PositiveIntegerField(_("écritures"))
    debits = models.DecimalField(
        _("total des débits ($)"), max_digits=14, decimal_places=2
    )
    # What rules.ledger makes every file of: the same again, whatever changes after.
    entries = models.JSONField(_("contenu"))
    chart = models.JSONField(_("plan comptable"))
    made_at = models.DateTimeField(_("fait le"))
    made_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("export comptable")
        verbose_name_plural = _("exports comptables")
        ordering = ["-made_at", "-id"]
        triggers = [
            pgtrigger.Protect(
                name="export_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.period_start} {self.period_end}"


class ExportedEntry(models.Model):
    """An invoice or a payment that an export told of (écriture exportée), once."""

    export = models.ForeignKey(
        LedgerExport,
        models.PROTECT,
        related_name="exported",
        verbose_name=_("export comptable"),
    )
    invoice = models.OneToOneField(
        Invoice, models.PROTECT, null=True, related_name="+", verbose_name=_("facture")
    )
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, related_name="+", verbose_name=_("paiement")
    )

    class Meta:
        verbose_name = _("écriture exportée")
        verbose_name_plural = _("écritures exportées")
        constraints = [
            models.CheckConstraint(
                name="exported_entry_is_one_thing",
                condition=Q(invoice__isnull=False, payment=None)
                | Q(invoice=None, payment__isnull=False),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="exported_entry_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.invoice_id or self.payment_id}"


class BooksClosing(models.Model):
    """Days in which no payment is dated any more (fermeture des livres)."""

    until = models.DateField(_("fermés jusqu’au"))
    closed_at = models.DateTimeField(_("fermés le"))
    closed_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    reopened_at = models.DateTimeField(_("rouverts le"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rouverts par"),
    )

    class Meta:
        verbose_name = _("fermeture des livres")
        verbose_name_plural = _("fermetures des livres")
        ordering = ["-closed_at", "-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.until}"
