"""What was received, and what the bank says of it."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partage.billing.models.invoices import Invoice


class BankFile(models.Model):
    """A bank's file of movements that was brought in (fichier bancaire), once."""

    class Source(models.TextChoices):
        OFX = "OFX", _("OFX")
        CSV = "CSV", _("CSV")

    file = models.OneToOneField(
        "archive.File", models.PROTECT, related_name="+", verbose_name=_("fichier")
    )
    sha256 = models.CharField(_("empreinte"), max_length=64, unique=True)
    source = models.CharField(_("format"), max_length=3, choices=Source)
    account = models.CharField(_("compte"), max_length=40, blank=True)
    first_on = models.DateField(_("du"))
    last_on = models.DateField(_("au"))
    # Withdrawals are counted and not kept: they are no business of invoices.
    withdrawals = models.PositiveIntegerField(_("retraits laissés de côté"), default=0)
    known = models.PositiveIntegerField(_("dépôts déjà là"), default=0)
    brought_at = models.DateTimeField(_("apporté le"))
    brought_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("fichier bancaire")
        verbose_name_plural = _("fichiers bancaires")
        ordering = ["-brought_at", "-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.first_on} {self.last_on}"


class Deposit(models.Model):
    """Money that the bank says it received (dépôt), and what it was matched with."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("à confirmer")
        MATCHED = "MATCHED", _("rapproché")
        ASIDE = "ASIDE", _("écarté")

    bank_file = models.ForeignKey(
        BankFile,
        models.PROTECT,
        related_name="deposits",
        verbose_name=_("fichier bancaire"),
    )
    account = models.CharField(_("compte"), max_length=40, blank=True)
    # What names the line in any file of this account: see rules.bank_file.
    fingerprint = models.CharField(_("empreinte"), max_length=120)
    on = models.DateField(_("reçu le"))
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    words = models.CharField(_("ce que dit la banque"), max_length=300, blank=True)
    cheque = models.CharField(_("numéro de chèque"), max_length=20, blank=True)
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.WAITING
    )
    reason = models.CharField(_("pourquoi il est écarté"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("dépôt")
        verbose_name_plural = _("dépôts")
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["status", "on"], name="deposit_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint"], name="deposit_brought_once"
            ),
            models.CheckConstraint(
                name="deposit_is_received", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.on} {self.amount}"


class Payment(models.Model):
    """Money received for an invoice (paiement); negative when given back.

    Written once. A mistake is mended by the contrary payment, which names the one
    that it takes back.
    """

    class Method(models.TextChoices):
        TRANSFER = "TRANSFER", _("virement")
        CHEQUE = "CHEQUE", _("chèque")
        CARD = "CARD", _("carte")
        OTHER = "OTHER", _("autre")

    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="payments", verbose_name=_("facture")
    )
    received_on = models.DateField(_("reçu le"))
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    method = models.CharField(
        _("mode"), max_length=8, choices=Method, default=Method.TRANSFER
    )
    note = models.CharField(_("note"), max_length=150, blank=True)
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal",
        verbose_name=_("annule"),
    )
    # The deposit that the bank told of, when it comes from a bank file.
    deposit = models.ForeignKey(
        Deposit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("dépôt"),
    )
    recorded_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("paiement")
        verbose_name_plural = _("paiements")
        ordering = ["received_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="payment_is_not_nothing", condition=~Q(amount=0)
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="payment_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.amount}"
