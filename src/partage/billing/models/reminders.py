"""Reminders of what is late."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partage.billing.models.invoices import Invoice


class ReminderStep(models.Model):
    """When a late invoice is reminded, how, and to whom (étape de rappel).

    A dated rule: what was sent keeps the step that it was sent at.
    """

    class Tone(models.TextChoices):
        COURTEOUS = "COURTEOUS", _("courtois")
        FIRM = "FIRM", _("ferme")
        FINAL = "FINAL", _("dernier avis")

    class Recipient(models.TextChoices):
        BILLING = "BILLING", _("l’adresse de l’organisation")
        SIGNERS = "SIGNERS", _("ceux qui signent pour elle")
        BOTH = "BOTH", _("les deux")

    days = models.SmallIntegerField(_("jours après l’échéance"))
    tone = models.CharField(_("ton"), max_length=9, choices=Tone)
    recipient = models.CharField(
        _("à qui"), max_length=8, choices=Recipient, default=Recipient.BILLING
    )
    automatic = models.BooleanField(_("part seul"), default=False)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)

    class Meta:
        verbose_name = _("étape de rappel")
        verbose_name_plural = _("étapes de rappel")
        ordering = ["days", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["days"],
                condition=Q(ends_on=None),
                name="one_reminder_step_a_day",
            ),
            models.CheckConstraint(
                name="reminder_step_ends_after_it_begins",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} {self.tone}"


class Reminder(models.Model):
    """An invoice that was reminded at a step (rappel), once."""

    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="reminders", verbose_name=_("facture")
    )
    step = models.ForeignKey(
        ReminderStep,
        models.PROTECT,
        related_name="+",
        verbose_name=_("étape de rappel"),
    )
    sent_on = models.DateField(_("envoyé le"))
    balance = models.DecimalField(_("solde ($)"), max_digits=12, decimal_places=2)
    pdf = models.ForeignKey(
        "archive.File", models.PROTECT, related_name="+", verbose_name=_("lettre")
    )

    class Meta:
        verbose_name = _("rappel")
        verbose_name_plural = _("rappels")
        ordering = ["-sent_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "step"], name="reminded_once_a_step"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="reminder_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.step_id}"


class ReminderHold(models.Model):
    """A member whom nobody reminds for a while (suspension des rappels)."""

    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    reason = models.CharField(_("pourquoi"), max_length=200)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("suspension des rappels")
        verbose_name_plural = _("suspensions des rappels")
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(until=None),
                name="reminders_held_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.since}"
