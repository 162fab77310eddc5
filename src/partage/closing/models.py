import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class YearEnd(models.Model):
    """The closing of a fiscal year (clôture d’exercice).

    What was measured is frozen here when the year is closed.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("ouverte")
        CLOSED = "CLOSED", _("close")

    starts_on = models.DateField(_("du"), unique=True)
    ends_on = models.DateField(_("au"))
    status = models.CharField(
        _("état"), max_length=6, choices=Status, default=Status.OPEN
    )
    resolution = models.ForeignKey(
        "governance.Resolution",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("résolution"),
    )
    minutes = models.PositiveBigIntegerField(_("minutes vendues"), null=True)
    invoiced = models.DecimalField(
        _("facturé avant taxes ($)"), max_digits=14, decimal_places=2, null=True
    )
    closed_at = models.DateTimeField(_("close le"), null=True)

    class Meta:
        verbose_name = _("clôture d’exercice")
        verbose_name_plural = _("clôtures d’exercice")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="year_end_is_in_order", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="year_closed_by_a_resolution",
                condition=Q(status="OPEN", closed_at=None)
                | Q(
                    status="CLOSED",
                    closed_at__isnull=False,
                    resolution__isnull=False,
                    minutes__isnull=False,
                    invoiced__isnull=False,
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="closed_year_is_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="CLOSED"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y}-{self.ends_on:%Y}"
