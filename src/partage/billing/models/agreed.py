"""What is billed otherwise than by the hour."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Schedule(models.Model):
    """An amount billed every so many months (facturation récurrente).

    The monthly fee of a mandate under full management covers its hours.
    """

    class Kind(models.TextChoices):
        FEE = "FEE", _("forfait de gestion")
        RECURRING = "RECURRING", _("montant récurrent")

    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    kind = models.CharField(_("nature"), max_length=9, choices=Kind)
    title = models.CharField(_("description"), max_length=150)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    months = models.PositiveSmallIntegerField(_("tous les (mois)"), default=1)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)

    class Meta:
        verbose_name = _("facturation récurrente")
        verbose_name_plural = _("facturations récurrentes")
        ordering = ["starts_on", "id"]
        indexes = [models.Index(fields=["mandate"], name="schedule_mandate")]
        constraints = [
            models.CheckConstraint(
                name="schedule_is_worth_something",
                condition=Q(amount__gt=0, months__gte=1, months__lte=12),
            ),
            models.CheckConstraint(
                name="schedule_ends_after_it_begins",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.title}"


class Instalment(models.Model):
    """An agreed amount to bill once (échéance): deposit, part of a fixed price, period.

    It is to bill on its day, or once its milestone is reached. A fixed price covers
    the hours of its mandate; a deposit is taken off what is billed after it.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "DEPOSIT", _("acompte")
        FIXED = "FIXED", _("prix convenu")
        FEE = "FEE", _("forfait de gestion")
        RECURRING = "RECURRING", _("montant récurrent")
        HOURS = "HOURS", _("banque d’heures")

    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    kind = models.CharField(_("nature"), max_length=9, choices=Kind)
    title = models.CharField(_("description"), max_length=200)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    on = models.DateField(_("à facturer le"))
    milestone = models.ForeignKey(
        "mandates.Milestone",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("jalon"),
    )
    schedule = models.ForeignKey(
        Schedule,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="instalments",
        verbose_name=_("facturation récurrente"),
    )

    class Meta:
        verbose_name = _("échéance")
        verbose_name_plural = _("échéances")
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["mandate"], name="instalment_mandate")]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "on"], name="instalment_once_a_period"
            ),
            models.CheckConstraint(
                name="instalment_is_worth_something", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.title}"
